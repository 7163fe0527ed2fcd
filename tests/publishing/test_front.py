"""What the web process answers by itself, and what it leaves to Django."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import OperationalError, ProgrammingError, connection
from django.test import Client, override_settings

from comparisons.pairings.models import Pairing
from comparisons.publishing.dependencies import Page
from comparisons.publishing.front import CACHE_CONTROL, VARY, Front
from comparisons.publishing.keeper import Keeper
from comparisons.publishing.rendering import Answer
from comparisons.publishing.store import Store
from reviewsite.pages import admits, every_page_says, keeper_of, renderer

URL = "/compare/alpha-vs-beta/"


class Kept:
    """A front over the real application, without a thread; it counts what Django is asked."""

    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.asked: list[str] = []
        self.store = Store(root)
        self.store.make()
        django = get_wsgi_application()

        def application(environ: Any, start_response: Any) -> Any:
            self.asked.append(f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}")
            return django(environ, start_response)

        rendering = renderer(application)
        self.keeper = keeper_of(self.store, rendering)
        monkeypatch.setattr(Keeper, "ready", True)
        monkeypatch.setattr(Keeper, "in_touch", True)
        self.front = Front(
            application, store=self.store, renderer=rendering, keeper=self.keeper, admits=admits
        )

    def __call__(self, path: str, method: str = "GET", body: bytes = b"", **headers: str) -> Answer:
        path, _, query = path.partition("?")
        environ = {
            "REQUEST_METHOD": method, "SCRIPT_NAME": "", "PATH_INFO": path, "QUERY_STRING": query,
            "SERVER_NAME": "localhost", "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1",
            "HTTP_HOST": "localhost", "REMOTE_ADDR": "127.0.0.1", "wsgi.url_scheme": "http",
            "wsgi.input": BytesIO(body), "CONTENT_LENGTH": str(len(body)), "wsgi.errors": BytesIO(),
            "CONTENT_TYPE": "application/x-www-form-urlencoded", "wsgi.version": (1, 0),
            "wsgi.multithread": True, "wsgi.multiprocess": True, "wsgi.run_once": False, **headers,
        }  # fmt: skip
        begun: list[tuple[str, list[tuple[str, str]]]] = []
        parts = self.front(environ, lambda *start: begun.append((start[0], start[1])))  # type: ignore[arg-type,return-value]
        whole = b"".join(parts)
        if close := getattr(parts, "close", None):
            close()
        return Answer(*begun[-1], whole)


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, heard: Pairing) -> Iterator[Kept]:
    kept = Kept(tmp_path / "pages", monkeypatch)
    yield kept
    kept.keeper.release()


def headers(answer: Answer) -> dict[str, str]:
    return {name.lower(): value for name, value in answer.headers}


def test_a_page_is_rendered_once(kept: Kept) -> None:
    first, second = kept(URL), kept(URL)
    assert kept.asked == [f"GET {URL}"]
    assert (first.code, first.body, first.headers) == (second.code, second.body, second.headers)
    assert b"Lean Alpha" in second.body


def test_one_dropped_while_the_database_went_is_answered_as_it_last_was(kept: Kept) -> None:
    def gone(*_: object) -> None:
        raise OperationalError("the database is gone")

    kept(URL)
    known = kept(URL)
    kept.store.drop(Page(URL))
    with connection.execute_wrapper(gone):
        again, never_seen = kept(URL), kept("/compare/alpha-vs-gamma/")
    assert (again.code, again.body) == (200, known.body)
    assert never_seen.code == 503


def test_an_error_of_ours_is_not_hidden_by_what_was_there_before(kept: Kept) -> None:
    def broken(*_: object) -> None:
        raise ProgrammingError("no such column")

    kept(URL), kept(URL)
    kept.store.drop(Page(URL))
    with connection.execute_wrapper(broken):
        assert kept(URL).code == 500
    assert kept(URL).code == 200


def test_it_is_what_django_says(kept: Kept, client: Client) -> None:
    told = client.get(URL)
    answer = kept(URL)
    assert answer.body == told.content
    extra = {"etag", "cache-control", "vary"}
    assert {n: v for n, v in headers(answer).items() if n not in extra} == {
        n.lower(): v for n, v in told.items() if n.lower() not in {"vary", "x-request-id"}
    }
    assert headers(answer)["vary"] == VARY
    assert headers(answer)["cache-control"] == CACHE_CONTROL


@override_settings(
    SECURE=True, SECURE_HSTS_SECONDS=99, SECURE_PROXY_SSL_HEADER=("HTTP_X_FORWARDED_PROTO", "https")
)
def test_behind_tls_it_says_so(kept: Kept) -> None:
    assert ("Strict-Transport-Security", "max-age=99") in [
        (name, value.partition(";")[0]) for name, value in every_page_says()
    ]
    assert not admits({"HTTP_HOST": "localhost"})
    assert admits({"HTTP_HOST": "localhost", "HTTP_X_FORWARDED_PROTO": "https"})


def test_compressed_for_those_who_take_it(kept: Kept) -> None:
    plain = kept(URL)
    for accepted in ("gzip", "br, gzip;q=0.5", "*"):
        answer = kept(URL, HTTP_ACCEPT_ENCODING=accepted)
        assert headers(answer)["content-encoding"] == "gzip"
        assert gzip.decompress(answer.body) == plain.body
        assert headers(answer)["etag"] != headers(plain)["etag"]
    for refused in ("gzip;q=0", "br", "identity"):
        assert "content-encoding" not in headers(kept(URL, HTTP_ACCEPT_ENCODING=refused))


@pytest.mark.parametrize("known", ["{}", "W/{}", '"other", {}', "*"])
def test_who_has_it_is_told_so(kept: Kept, known: str) -> None:
    tag = headers(kept(URL))["etag"]
    answer = kept(URL, HTTP_IF_NONE_MATCH=known.format(tag))
    assert (answer.code, answer.body) == (304, b"")
    assert headers(answer)["etag"] == tag
    assert "content-security-policy" in headers(answer)
    assert "content-length" not in headers(answer)
    assert kept(URL, HTTP_IF_NONE_MATCH='"other"').code == 200


def test_head_has_no_body(kept: Kept) -> None:
    for _ in range(2):
        answer = kept(URL, "HEAD")
        assert (answer.code, answer.body) == (200, b"")
        assert int(headers(answer)["content-length"]) > 1000


def test_nothing_of_the_visitor_gets_into_it(kept: Kept) -> None:
    kept(URL, HTTP_COOKIE="session=mine; visitor=me", HTTP_USER_AGENT="<b>", HTTP_X_FORWARDED_FOR="6.6.6.6")
    answer = kept(URL, HTTP_COOKIE="session=other")
    assert "set-cookie" not in headers(answer)
    assert kept.asked == [f"GET {URL}"]


@pytest.mark.parametrize(
    ("path", "more"),
    [
        ("/models/?lab=example-lab", {}),
        ("/models/", {"HTTP_HX_REQUEST": "true", "HTTP_HX_TARGET": "part"}),
        ("/models/suggest/", {}),
        (f"{URL}vote/", {}),
        ("/admin/login/", {}),
        ("/healthz/", {}),
        (URL, {"HTTP_HOST": "evil.example"}),
        ("/compare/Alpha-vs-beta/", {}),
        ("/compare/../models/", {}),
        ("/models/alpha", {}),
    ],
)
def test_what_is_left_to_django(kept: Kept, path: str, more: dict[str, str]) -> None:
    for _ in range(2):
        kept(path, **more)
    assert len(kept.asked) == 2
    assert list(kept.store.addresses()) == []


@pytest.mark.parametrize(
    ("path", "code"),
    [("/compare/beta-vs-alpha/", 301), ("/compare/alpha-vs-nobody/", 404), ("/models/nobody/", 404)],
)
def test_what_is_no_page_is_not_kept(kept: Kept, path: str, code: int) -> None:
    assert [kept(path).code, kept(path).code] == [code, code]
    assert list(kept.store.addresses()) == []


def test_lists_with_a_state_may_be_cached_for_a_moment(kept: Kept) -> None:
    told = headers(kept("/models/?lab=example-lab"))
    assert told["cache-control"] == CACHE_CONTROL
    assert "HX-Request" in told["vary"]
    assert "HX-Request" in headers(kept("/models/"))["vary"]
    assert "no-store" in headers(kept(f"{URL}vote/"))["cache-control"]


def test_a_form_without_scripts_leads_to_a_fresh_page(kept: Kept) -> None:
    kept(URL)
    answer = kept(f"{URL}vote/", "POST", b"choice=left", HTTP_SEC_FETCH_SITE="same-origin")
    assert answer.code == 303
    assert not kept.store.keeps(URL)
    assert b"1 community vote" in kept(URL).body


def test_until_it_was_compared_the_store_is_silent(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Keeper, "ready", False)
    kept(URL), kept(URL)
    assert len(kept.asked) == 2
    assert list(kept.store.addresses()) == []


def test_without_a_keeper_nothing_new_is_kept(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Keeper, "in_touch", False)
    assert kept(URL).code == 200
    assert list(kept.store.addresses()) == []


def test_a_page_that_changes_while_it_is_rendered_is_not_kept(
    kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = type(kept.front._renderer).answer

    def slow(self: Any, address: str) -> Answer:
        read = answer(self, address)
        kept.store.drop(Page(address))  # the keeper heard of a change that this reading has not seen
        return read

    monkeypatch.setattr(type(kept.front._renderer), "answer", slow)
    assert kept(URL).code == 200
    assert not kept.store.keeps(URL)


def test_many_who_ask_for_one_missing_page_wait_for_one_rendering(
    kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda _: kept(URL), range(8)))
    assert {answer.code for answer in answers} == {200}
    assert len({answer.body for answer in answers}) == 1
    assert len(kept.asked) < 8


@pytest.mark.parametrize("trouble", ["the page breaks", "the disk is full"])
def test_trouble_is_left_to_django(kept: Kept, monkeypatch: pytest.MonkeyPatch, trouble: str) -> None:
    def broken(*args: Any) -> Any:
        raise OSError(28, "No space left") if trouble == "the disk is full" else RuntimeError(trouble)

    monkeypatch.setattr(Store, "open", broken)
    assert kept(URL).code == 200
    assert list(kept.store.addresses()) == []


def test_pages_do_not_depend_on_the_host(kept: Kept, client: Client) -> None:
    """Whoever asks first, by whatever name, everybody may read the answer."""
    for path in ("/", URL, "/models/", "/models/alpha/", "/reviewers/skeptic/", "/methodology/"):
        assert client.get(path, headers={"host": "localhost"}).content == kept(path).body
        assert client.get(path, headers={"host": "127.0.0.1:81"}).content == kept(path).body


def test_the_store_is_beside_the_data() -> None:
    assert settings.PAGE_STORE == settings.DATA_DIR / "pages"
