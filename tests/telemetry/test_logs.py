"""Lines that a machine reads, and what they never hold."""

import json
import logging
import subprocess
import sys
from pathlib import Path

import pytest
import structlog
from django.db import DatabaseError, connection
from django.test import Client, RequestFactory

from comparisons.cards.models import Card
from comparisons.pairings.models import Pairing
from panel.actions.convene import convene
from panel.models import Hearing, Judge
from panel.tasks import hear
from reviewsite.telemetry.logs import WithoutPath, formatter
from reviewsite.telemetry.routes import without_values
from tests.factories.cards import make_card

ROOT = Path(__file__).resolve().parent.parent.parent


class Lines(logging.Handler):
    """What would stand on standard output."""

    def __init__(self):
        super().__init__()
        self.setFormatter(formatter())
        self.addFilter(WithoutPath())
        self.text = []

    def emit(self, record):
        self.text.append(self.format(record))

    def __iter__(self):
        return (json.loads(line) for line in self.text)


@pytest.fixture
def lines(monkeypatch):
    monkeypatch.setenv("LOG_FORMAT", "json")
    handler, root = Lines(), logging.getLogger()
    requests = logging.getLogger("reviewsite.requests")
    before = requests.level
    root.addHandler(handler)
    requests.setLevel("INFO")
    structlog.contextvars.clear_contextvars()  # of a hearing that an earlier test held in this thread
    yield handler
    root.removeHandler(handler)
    requests.setLevel(before)


@pytest.mark.django_db
def test_a_request_is_one_line_with_its_route_and_id(client, lines):
    answer = client.get("/models/?q=mistral", headers={"X-Request-ID": "forged-by-the-reader-1"})
    (line,) = lines
    assert line.pop("timestamp").endswith("Z")
    assert line.pop("ms") > 0
    assert line == {
        "event": "request", "level": "info", "logger": "reviewsite.requests", "method": "GET",
        "route": "models", "status": 200, "request_id": answer["X-Request-ID"],
    }  # fmt: skip
    assert len(answer["X-Request-ID"]) == 32


@pytest.mark.django_db
def test_the_id_of_our_own_front_is_kept(client, settings, lines):
    settings.TRUSTED_PROXIES = 1
    told = "0123456789abcdef0123456789abcdef"
    assert client.get("/models/", headers={"X-Request-ID": told})["X-Request-ID"] == told
    assert [line["request_id"] for line in lines] == [told]
    nonsense = client.get("/models/", headers={"X-Request-ID": 'x", "level": "error'})["X-Request-ID"]
    assert len(nonsense) == 32


@pytest.mark.django_db
def test_no_line_names_the_reader(lines, admin_client):
    secret = "kJ8sOmEtOkEn"
    headers = {"User-Agent": "Browser of one person", "X-Forwarded-For": "203.0.113.77"}
    client = Client(headers=headers, raise_request_exception=False)
    client.cookies["visitor"] = "cookie-of-one-person"
    client.get(f"/models/?q={secret}")
    client.get(f"/nowhere/{secret}/")
    client.post(f"/compare/{secret}/vote/", {"choice": "left"}, REMOTE_ADDR="203.0.113.78")
    client.get("/models/", headers={"Host": f"{secret}.example"})
    admin_client.get(f"/admin/?{secret}")
    whole = "\n".join(lines.text)
    assert "request" in whole
    for told in (secret, "203.0.113", "cookie-of-one-person", "Browser of one person", "sessionid"):
        assert told not in whole


@pytest.mark.django_db
def test_an_error_is_told_with_its_route_and_trace_but_not_its_path(lines, monkeypatch):
    monkeypatch.setattr("comparisons.switches.middleware.SAFE_METHODS", None)
    Client(raise_request_exception=False).get("/models/?token=secret")
    (trace,) = (line for line in lines if line["logger"] == "django.request")
    assert trace["event"] == "Internal Server Error: models"
    assert "TypeError" in trace["exception"]
    assert "secret" not in json.dumps(trace)
    assert len({line["request_id"] for line in lines}) == 1


def test_a_path_that_leads_nowhere_has_no_route(lines):
    request = RequestFactory().get("/unsubscribe/kJ8sOmEtOkEn/")
    logging.getLogger("django.request").error("%s: %s", "Oops", request.path, extra={"request": request})
    assert [line["event"] for line in lines] == ["Oops: (no route)"]


@pytest.mark.django_db
def test_a_hearing_s_lines_name_its_run_task_and_hearing(lines, settings):
    settings.PANEL_JUDGES = ("rubric",)
    make_card("alpha")
    make_card("beta")
    pairing = Pairing.objects.between(*Card.objects.order_by("slug"))
    run = convene(Pairing.objects.with_cards().filter(pk=pairing.pk), scope="one")
    hearing = Hearing.objects.first()
    Judge.objects.update(key="0" * 64)  # no longer configured as it was, which this action warns of
    hear.apply(args=[hearing.pk])
    (line,) = (line for line in lines if line["logger"] == "panel.actions.hear")
    assert (line["run"], line["hearing"], line["task"]) == (str(run.pk), hearing.pk, "panel.hear")
    assert len(line["task_id"]) == 36
    lines.text.clear()
    logging.getLogger("panel").warning("afterwards")
    assert [set(line) for line in lines] == [{"event", "level", "logger", "timestamp"}]


def test_in_a_terminal_it_is_a_line_for_people():
    record = logging.LogRecord("panel.actions", logging.WARNING, "", 1, "Late %s", ("again",), None)
    assert formatter().format(record) == "WARNING panel.actions: Late again"


def test_granian_speaks_the_same_language():
    code = (
        "import json, logging.config, logging; from pathlib import Path;"
        "logging.config.dictConfig(json.loads(Path('reviewsite/granian-logs.json').read_text()));"
        "logging.getLogger('_granian').info('Started worker-1')"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True,
        env={"PATH": "/usr/bin", "LOG_FORMAT": "json"},
    )  # fmt: skip
    assert json.loads(done.stdout)["event"] == "Started worker-1"


def test_a_format_nobody_knows_is_refused():
    done = subprocess.run(
        [sys.executable, "manage.py", "check"], capture_output=True, text=True, cwd=ROOT, check=False,
        env={"PATH": "/usr/bin", "LOG_FORMAT": "xml", "SECRET_KEY": "x"},
    )  # fmt: skip
    assert "LOG_FORMAT: 'xml' is not one of console, json" in done.stderr


@pytest.mark.django_db
def test_an_error_of_the_database_does_not_quote_the_row(lines):
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 WHERE 'kJ8sOmEtOkEn'::bigint = 1")
    except DatabaseError:
        logging.getLogger("panel").exception("it failed")
    (line,) = lines
    assert "invalid input syntax for type bigint: (…)" in line["exception"]
    words = "duplicate key\nDETAIL:  Key (email)=(reader@example.org) already exists.\nmore"
    assert without_values(words) == "duplicate key\nmore"


@pytest.mark.django_db
def test_who_signs_in_is_a_line_and_what_was_typed_is_not(lines, client, admin_user):
    logging.getLogger("reviewsite.sign_ins").setLevel("INFO")
    client.post("/admin/login/", {"username": "a password by mistake", "password": "kJ8sOmEtOkEn"})
    client.post("/admin/login/", {"username": "admin", "password": "password"})
    client.post("/admin/logout/")
    said = [line["event"] for line in lines if line["logger"] == "reviewsite.sign_ins"]
    assert said == [
        "somebody was refused at the door",
        f"account {admin_user.pk} signed in",
        f"account {admin_user.pk} signed out",
    ]
    assert not any("mistake" in line or "kJ8s" in line for line in lines.text)
