"""`manage.py doctor`: each thing that can be wrong is broken once, and it says how to mend it."""

import dataclasses
import json
import threading
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from django.core.management import call_command
from django.db import OperationalError, connection
from django.utils import timezone

from comparisons.ticks.models import Tick
from reviewsite import health
from reviewsite.doctor import machine as machine_part
from reviewsite.doctor.database import _clock, _connections, _text, _version
from reviewsite.doctor.findings import State
from tests.fakes.smtp import Sink


@pytest.fixture(autouse=True)
def healthy(db, settings, tmp_path, monkeypatch):
    """An installation with which nothing is wrong."""
    settings.SECRET_KEY = "".join(chr(48 + i) for i in range(60))
    settings.SITE_URL, settings.ALLOWED_HOSTS, settings.SECURE = (
        "https://site.example",
        ["site.example"],
        True,
    )
    settings.TRUSTED_PROXIES = 1
    settings.EMAIL_BACKEND = "anymail.backends.postmark.EmailBackend"
    settings.PANEL_JUDGES = ("rubric",)
    settings.PAGE_STORE = tmp_path / "pages"
    settings.STATIC_ROOT = str(tmp_path)
    (tmp_path / "site.css").touch()
    monkeypatch.setattr(health._Migrated, "until", 0.0)
    now = timezone.now()
    Tick.objects.create(job="sweep", period=now, state="done", started_at=now, ended_at=now)


@pytest.fixture
def examined(capsys):
    """The findings by what they are about, and the exit code."""

    def run():
        with pytest.raises(SystemExit) as end:
            call_command("doctor", "--json")
        told = json.loads(capsys.readouterr().out)
        assert told["ok"] == (end.value.code == 0)
        return {each["about"]: each for each in told["findings"]}, end.value.code

    return run


def test_a_healthy_site(examined):
    found, code = examined()
    expected_to_warn = {"database role", "static files"}  # the tests' own superuser, their unhashed files
    assert {name for name, each in found.items() if each["state"] != "ok"} == expected_to_warn
    assert code == 0


def test_the_table_says_how_to_mend(capsys, settings):
    settings.SECRET_KEY = "short"
    with pytest.raises(SystemExit) as end:
        call_command("doctor")
    words = capsys.readouterr().out
    assert end.value.code == 1
    assert "SECRET_KEY has 5 characters" in words
    assert "openssl rand" in words
    assert "1 fail" in words
    assert "short" not in words


@pytest.mark.parametrize(
    ("setting", "value", "about", "state"),
    [
        ("SECRET_KEY", "x" * 60, "secret key", "fail"),
        ("SITE_URL", "https://another.example", "address", "fail"),
        ("ALLOWED_HOSTS", ["*"], "address", "warn"),
        ("SECURE", False, "address", "fail"),
        ("DEBUG", True, "debug pages", "fail"),
        ("TRUSTED_PROXIES", 0, "proxies", "warn"),
        ("LIMITER_URL", "redis://127.0.0.1:1/0", "redis", "fail"),
        ("CELERY_BROKER_URL", "redis://127.0.0.1:1/0", "broker", "warn"),
        ("OLLAMA_URL", "http://127.0.0.1:1", "judge ollama", "fail"),
        ("MISTRAL_SERVER_URL", "http://127.0.0.1:1", "judge mistral", "fail"),
        ("OPENAI_COMPATIBLE_URL", "http://127.0.0.1:1", "judge openai_compatible", "fail"),
        ("STATIC_ROOT", "/nowhere", "static files", "fail"),
    ],
)
def test_a_setting_that_is_wrong(examined, settings, setting, value, about, state):
    settings.PANEL_JUDGES = ("mistral", "ollama", "openai_compatible", "rubric")
    settings.OLLAMA_URL = ""
    if about == "static files":
        settings.STORAGES = {
            **settings.STORAGES,
            "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
        }
    setattr(settings, setting, value)
    found, code = examined()
    assert found[about]["state"] == state, found[about]
    assert found[about]["mend"]
    assert code == (1 if state == "fail" else 0)


def test_colors_that_are_too_pale(examined, settings):
    settings.PALETTE = dataclasses.replace(
        settings.PALETTE, dark=dataclasses.replace(settings.PALETTE.dark, b="#333333")
    )
    found, code = examined()
    assert found["colors"]["state"] == "warn" and code == 0
    assert found["colors"]["said"] == "--b on --paper in the dark theme has 1.5:1."


def test_a_site_that_nobody_reviews(examined, settings):
    settings.PANEL_JUDGES = ("mistral",)
    found, code = examined()
    assert (found["judges"]["state"], found["judge mistral"]["state"], code) == ("fail", "ok", 1)


@contextmanager
def models_answered_with(status):
    """A judge's server that answers so to a request for its models; what it was asked."""
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append((self.path, self.headers["Authorization"]))
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *args):
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", asked
        server.shutdown()


@pytest.mark.parametrize(
    ("status", "state", "said"),
    [
        (200, "ok", "mistral-medium-2604 at 127.0.0.1:"),
        (401, "fail", "refuses the key (401)."),
        (503, "fail", "answers 503 to a request for its models."),
    ],
)
def test_a_judge_is_asked_for_its_models_and_for_nothing_that_costs(examined, settings, status, state, said):
    with models_answered_with(status) as (url, asked):
        settings.PANEL_JUDGES = ("mistral",)
        settings.MISTRAL_SERVER_URL, settings.MISTRAL_API_KEY = url, "the-key-of-tests"
        found, _ = examined()
    assert asked == [("/v1/models", "Bearer the-key-of-tests")]
    assert found["judge mistral"]["state"] == state
    assert said in found["judge mistral"]["said"]
    assert "the-key-of-tests" not in str(found)


def test_without_a_database_it_says_so_and_goes_on(examined):
    def gone(execute, sql, params, many, context):
        raise OperationalError("server closed the connection unexpectedly\n\tThis probably means…")

    with connection.execute_wrapper(gone):
        found, code = examined()
    assert found["database"]["said"] == (
        "PostgreSQL does not answer: server closed the connection unexpectedly"
    )
    assert "redis" in found and "disk" in found
    assert code == 1


def test_what_postgres_should_be():
    assert _version(140_011, "14.11").state is State.FAIL
    assert _version(180_000, "18.0").state is State.OK
    assert _text("LATIN1", "C").state is State.FAIL
    assert _text("UTF8", "en_US.UTF-8").state is State.WARN
    assert _text("UTF8", "C.UTF-8").state is State.OK
    assert _clock(100.0, 99.0, 100.5).state is State.OK
    assert _clock(100.0, 104.0, 104.1).said == "The database's clock and this machine's are 4 s apart."
    assert _clock(110.0, 104.0, 104.1).said == "The database's clock and this machine's are 6 s apart."
    assert _connections(81, 100).state is State.WARN


def test_migrations_that_wait(examined):
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'sessions'")
    found, code = examined()
    assert found["migrations"]["said"] == "1 migrations are not applied."
    assert code == 1


def test_a_clock_that_stopped(examined):
    Tick.objects.update(ended_at=timezone.now() - timedelta(hours=5))
    found, code = examined()
    assert found["timetable"]["said"].startswith("The last sweep was 5 h ago")
    assert "ticker" in found["timetable"]["mend"]
    assert code == 0


def test_a_store_that_cannot_be_written(examined, settings, tmp_path):
    (tmp_path / "file").touch()
    settings.PAGE_STORE = tmp_path / "file" / "pages"
    found, _ = examined()
    assert found["page store"]["state"] == "warn"


@pytest.mark.parametrize(("free", "state"), [(10 * 2**20, "fail"), (2**30, "warn"), (9 * 2**30, "ok")])
def test_little_room(examined, monkeypatch, free, state):
    usage = machine_part.shutil.disk_usage("/")
    monkeypatch.setattr(machine_part.shutil, "disk_usage", lambda place: usage._replace(free=free))
    assert examined()[0]["disk"]["state"] == state


@pytest.mark.parametrize(
    ("backend", "secure", "state"),
    [
        ("comparisons.digest.outbox.Folder", True, "warn"),
        ("comparisons.digest.outbox.Folder", False, "ok"),
        ("django.core.mail.backends.smtp.EmailBackend", True, "warn"),
    ],
)
def test_mail_that_cannot_leave(examined, settings, backend, secure, state):
    settings.EMAIL_BACKEND, settings.SECURE = backend, secure
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    settings.MAIL = {"EMAIL_FILE_PATH": "/folder"}
    assert examined()[0]["mail"]["state"] == state


def test_a_mail_server_that_lets_us_in(examined, settings):
    with Sink() as sink:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", sink.port
        assert examined()[0]["mail"]["said"] == "127.0.0.1 lets us in."
