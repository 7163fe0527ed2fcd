"""The main job with its real parts: card file, Celery worker, Redis, Mistral over HTTP, page."""

import os
import time

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils.html import escape

from comparisons.cards.models import Card
from comparisons.pairings.models import Pairing
from comparisons.reviews.models import Pick, Review
from panel.actions.convene import convene
from panel.actions.sweep import sweep
from panel.models import Attempt, Run
from tests.fakes.mistral import FakeMistral
from tests.flows.worker import KEY, Worker, panel_environment

pytestmark = [pytest.mark.flow, pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("flow")]

CARDS = """
labs:
  - {slug: test-lab, name: Test Lab, url: "https://lab.example"}
cards:
  - {slug: left-one, lab: test-lab, name: Left One, category: Code, license: MIT, license_class: permissive,
     commercial_use: "yes", context_tokens: 128000, open_weights: true, entry_price: free}
  - {slug: right-one, lab: test-lab, name: Right One, category: Code, license_class: proprietary,
     commercial_use: "conditional", context_tokens: 32000, open_weights: false}
"""


@pytest.fixture
def mistral(settings):
    with FakeMistral(words="Spoken by the fake.", latency=0.05, jitter=0.04) as fake:
        settings.PANEL_JUDGES = ("mistral", "rubric")
        settings.MISTRAL_SERVER_URL = fake.url
        settings.MISTRAL_API_KEY = KEY
        settings.PANEL_LEASE_SECONDS = 2
        yield fake


@pytest.fixture
def worker(mistral, tmp_path):
    name = connection.settings_dict["NAME"]
    database_url = os.environ["DATABASE_URL"].replace("/second_opinion?", f"/{name}?")
    assert f"/{name}?" in database_url
    environment = panel_environment(
        database_url=database_url, redis_url=os.environ["REDIS_URL"], mistral_url=mistral.url
    )
    worker = Worker(environment, tmp_path / "worker.log")
    yield worker
    worker.stop()


@pytest.fixture
def pairing(tmp_path):
    file = tmp_path / "cards.yaml"
    file.write_text(CARDS, encoding="utf-8")
    call_command("import_cards", str(file))
    return Pairing.objects.between(*Card.objects.order_by("pk"))


def convened(pairing):
    return convene(Pairing.objects.with_cards().filter(pk=pairing.pk), scope=pairing.slug)


def wait_until_over(run, *, seconds=60, meanwhile=lambda: None):
    """Beat's part is played by sweeping here, every half second."""
    deadline = time.monotonic() + seconds
    while Run.objects.get(pk=run.pk).state == Run.State.RUNNING:
        assert time.monotonic() < deadline, "the run did not end"
        meanwhile()
        sweep()
        time.sleep(0.5)


def test_from_a_card_file_to_a_page_the_panel_wrote(worker, mistral, pairing, client):
    run = convened(pairing)
    wait_until_over(run)
    assert len(mistral.calls) == 16
    page = client.get("/compare/left-one-vs-right-one/")
    assert page.status_code == 200
    words = page.content.decode()
    assert words.count("Spoken by the fake.") == 8
    assert all(escape(pick.why) in words for pick in Pick.objects.all())
    receipt = Attempt.objects.filter(outcome="answered").first()
    assert f"/receipts/{receipt.pk}/" in words or Review.objects.filter(receipts=[receipt.pk]).count() == 0
    assert client.get(f"/receipts/{receipt.pk}/").status_code == 200
    record = client.get(f"/receipts/{receipt.pk}/?format=json").json()
    assert record["judge"]["kind"] == "mistral"
    assert KEY not in str(record)
