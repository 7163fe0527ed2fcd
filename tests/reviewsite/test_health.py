"""What an orchestrator hears: /healthz/ and /readyz/."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import OperationalError, connection
from django.utils import timezone

from comparisons.cards.models import Card
from comparisons.pairings.models import Pairing
from comparisons.switches.models import Switch
from comparisons.switches.state import reread
from comparisons.ticks.models import Tick
from panel.actions.convene import convene
from panel.models import Hearing
from reviewsite import health
from tests.factories.cards import make_card


@pytest.fixture(autouse=True)
def _looks_at_migrations_anew(monkeypatch):
    monkeypatch.setattr(health._Migrated, "until", 0.0)


@pytest.fixture
def swept(db):
    now = timezone.now()
    return Tick.objects.create(job="sweep", period=now, state="done", started_at=now, ended_at=now)


@pytest.fixture
def queued(db, settings):
    settings.PANEL_JUDGES = ("rubric",)
    make_card("alpha")
    make_card("beta")
    pairing = Pairing.objects.between(*Card.objects.order_by("slug"))
    convene(Pairing.objects.with_cards().filter(pk=pairing.pk), scope="one")
    return Hearing.objects.filter(state="queued")


def gone(execute, sql, params, many, context):
    raise OperationalError("server closed the connection unexpectedly")


def test_a_process_that_lives_says_so(client):
    answer = client.get("/healthz/")
    assert (answer.status_code, answer.content) == (200, b"ok\n")
    assert answer["Cache-Control"] == "no-store"


@pytest.mark.parametrize("address", ["/healthz/", "/readyz/"])
def test_a_probe_is_answered_whatever_host_it_names_and_without_tls(client, db, settings, address):
    settings.SECURE_SSL_REDIRECT = True
    answer = client.get(address, headers={"Host": "10.0.0.7:8000"})
    assert answer.status_code == 200
    assert client.get("/models/", headers={"Host": "10.0.0.7:8000"}).status_code == 400


@pytest.mark.parametrize("address", ["/healthz/", "/readyz/", "/metrics/"])
def test_probes_only_read(client, address):
    assert client.post(address).status_code == 405


def test_all_is_well(client, swept):
    answer = client.get("/readyz/")
    assert answer.status_code == 200
    assert answer.json() == {"ready": True, "problems": {}, "degraded": {}}


@pytest.mark.django_db
def test_without_a_database_it_is_not_ready(client):
    with connection.execute_wrapper(gone):
        answer = client.get("/readyz/")
    assert answer.status_code == 503
    assert answer.json()["problems"] == {"database": "PostgreSQL does not answer."}


@pytest.mark.django_db(transaction=True)
def test_without_its_migrations_it_is_not_ready(client):
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'sessions'")
    try:
        answer = client.get("/readyz/")
    finally:
        call_command("migrate", "sessions", "--fake", verbosity=0)
    assert answer.status_code == 503
    assert answer.json()["problems"] == {"migrations": "1 migrations are not applied."}


def test_a_broker_that_is_gone_degrades_and_no_more(client, swept, settings):
    settings.CELERY_BROKER_URL = "redis://127.0.0.1:1/0"
    answer = client.get("/readyz/")
    assert answer.status_code == 200
    assert answer.json()["degraded"] == {"broker": "The Celery broker does not answer."}


def test_a_clock_that_stopped_is_told(client, swept):
    Tick.objects.update(ended_at=timezone.now() - timedelta(minutes=5))
    assert client.get("/readyz/").json()["degraded"] == {
        "clock": "The last sweep was 5 min ago: beat or the worker of the queue `ticks` does not run."
    }


def test_another_job_is_no_heartbeat(client, db):
    now = timezone.now()
    Tick.objects.create(job="clean-up", period=now, state="done", started_at=now, ended_at=now)
    assert client.get("/readyz/").json()["degraded"]["clock"].startswith("No sweep was ever done")


def test_hearings_that_nobody_hears_are_told(client, swept, queued):
    assert client.get("/readyz/").json()["degraded"] == {}
    queued.update(not_before=timezone.now() - timedelta(minutes=11))
    assert client.get("/readyz/").json()["degraded"] == {
        "hearings": "The oldest due hearing waits for 11 min: no worker hears, or too few."
    }


def test_a_panel_that_was_told_to_rest_is_no_fault(client, swept, queued):
    queued.update(not_before=timezone.now() - timedelta(hours=11))
    Switch.objects.create(name="panel", stopped=True, reason="we are moving")
    reread()
    assert client.get("/readyz/").json()["degraded"] == {}
