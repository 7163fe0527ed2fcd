"""The catalogue fetched again, from a real server on loopback."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from comparisons.audit.models import AuditEntry
from comparisons.cards.importing.problems import UnusableFile
from comparisons.cards.models import Card
from comparisons.cards.refresh import NotFetched, refresh
from tests.factories.cards import make_card

pytestmark = pytest.mark.django_db
CARD = """
labs:
  - {slug: example-lab, name: Example Lab}
cards:
  - {slug: alpha, lab: example-lab, name: Alpha, category: General, tagline: "%s"}
"""


class Server(ThreadingHTTPServer):
    answer: tuple[int, bytes] = (200, b"")
    asked = 0


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        assert isinstance(self.server, Server)
        self.server.asked += 1
        status, body = self.server.answer
        self.send_response(status)
        self.send_header("Location", "http://127.0.0.1:1/elsewhere")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server(settings) -> Iterator[Server]:
    with Server(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        settings.CATALOGUE_URL = f"http://127.0.0.1:{server.server_port}/cards.yaml"
        yield server
        server.shutdown()


def test_what_changed_there_changes_here_and_is_logged(server):
    make_card("noise")
    server.answer = (200, (CARD % "First.").encode())
    assert refresh() == "Done: created 1, changed 0, unchanged 0, refused 0."
    assert refresh() == "Nothing changed: created 0, changed 0, unchanged 1, refused 0."
    server.answer = (200, (CARD % "Second.").encode())
    assert refresh() == "Done: created 0, changed 1, unchanged 0, refused 0."
    assert Card.objects.get(slug="alpha").tagline == "Second."
    assert AuditEntry.objects.filter(did="fetched the catalog").count() == 2


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        ((302, b""), "answered 302"),
        ((500, b"oops"), "answered 500"),
        ((200, b"\xff\xfe"), "did not send UTF-8 text"),
        ((200, b" " * (20 * 1024 * 1024 + 1)), "sent more than 20 MB"),
    ],
)
def test_what_cannot_be_used_is_said_and_changes_nothing(server, answer, sentence):
    server.answer = answer
    with pytest.raises(NotFetched, match=sentence):
        refresh()
    assert server.asked == 1
    assert Card.objects.count() == 0


def test_what_is_no_catalogue_is_said(server):
    server.answer = (200, b"<html>")
    with pytest.raises(UnusableFile, match=r"^cards\.yaml: "):
        refresh()


def test_nobody_there(settings):
    settings.CATALOGUE_URL = "http://127.0.0.1:1/api.json"
    with pytest.raises(NotFetched, match=r"^127\.0\.0\.1:1 cannot be reached"):
        refresh()


def test_without_an_address_nothing_is_fetched(settings):
    settings.CATALOGUE_URL = ""
    assert refresh() == "Off: CATALOGUE_URL is not set."
