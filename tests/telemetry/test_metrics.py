"""/metrics/: who may read it, and that its figures are the books'."""

import re
from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import OperationalError, connection
from django.utils import timezone

from comparisons.cards.models import Card
from comparisons.digest.models import Delivery, Subscriber
from comparisons.pairings.models import Pairing
from comparisons.ticks.models import Tick
from panel.actions.convene import convene
from panel.models import Attempt, Breaker, Hearing, Run, Spend
from tests.factories.cards import make_card

TOKEN = "a token for tests"


@pytest.fixture
def scraped(client, settings):
    """Name and labels to value."""
    settings.METRICS_TOKEN = TOKEN

    def scrape():
        answer = client.get("/metrics/", headers={"Authorization": f"Bearer {TOKEN}"})
        assert answer.status_code == 200
        pairs = re.findall(r"^(\w+(?:\{.*\})?) (\S+)$", answer.content.decode(), re.MULTILINE)
        return {name: float(value) for name, value in pairs}

    return scrape


def receipt(hearing, *, provider="mistral", outcome="answered", error="", ms=500, ago=timedelta()):
    attempt = Attempt.objects.create(
        hearing=hearing, number=1, fence=1, provider=provider, requested_model="m", prompt_sha="0" * 64,
        outcome=outcome, error_class=error, cost_usd=0, closed_at=timezone.now(), latency_ms=ms,
    )  # fmt: skip
    Attempt.objects.filter(pk=attempt.pk).update(opened_at=timezone.now() - ago)


@pytest.fixture
def hearing(db, settings):
    settings.PANEL_JUDGES = ("rubric",)
    make_card("alpha")
    make_card("beta")
    pairing = Pairing.objects.between(*Card.objects.order_by("slug"))
    convene(Pairing.objects.with_cards().filter(pk=pairing.pk), scope="one")
    return Hearing.objects.order_by("pk").first()


def test_without_a_token_set_there_is_nothing(client):
    assert client.get("/metrics/").status_code == 404


@pytest.mark.parametrize("given", ["", "Bearer ", "Bearer wrong", TOKEN, f"Basic {TOKEN}", "Bearer ü"])
def test_a_wrong_token_is_refused(client, settings, given):
    settings.METRICS_TOKEN = TOKEN
    answer = client.get("/metrics/", headers={"Authorization": given} if given else {})
    assert answer.status_code == 401
    assert b"site_" not in answer.content


def test_requests_are_counted_by_route(client, scraped, db):
    def counted(route, status):
        return scraped().get(
            f'site_request_seconds_count{{method="GET",route="{route}",status="{status}"}}', 0
        )

    before = counted("models", "2xx"), counted("(no route)", "4xx")
    client.get("/models/?q=a-word-of-the-reader")
    client.get("/a-path-of-the-reader/")
    assert (counted("models", "2xx"), counted("(no route)", "4xx")) == (before[0] + 1, before[1] + 1)
    assert not [name for name in scraped() if "of-the-reader" in name]


def test_queues_and_their_ages(scraped, hearing):
    queued = Hearing.objects.filter(state="queued")
    queued.update(created_at=timezone.now() - timedelta(seconds=90))
    Hearing.objects.filter(pk=hearing.pk).update(not_before=timezone.now() - timedelta(seconds=30))
    told = scraped()
    assert told['site_hearings{state="queued"}'] == queued.count() == 12
    assert told['site_hearings{state="running"}'] == 0
    assert told['site_hearings_oldest_seconds{state="queued"}'] == pytest.approx(90, abs=5)
    assert told["site_hearings_due_seconds"] == pytest.approx(30, abs=5)
    assert told['site_runs{state="running"}'] == 1
    Run.objects.update(state="paused_budget")
    assert scraped()['site_runs{state="paused_budget"}'] == 1


def test_calls_to_judges_of_the_last_ten_minutes(scraped, hearing):
    for ms in (100, 200, 300):
        receipt(hearing, ms=ms)
    receipt(hearing, outcome="failed", error="Throttled", ms=None)
    receipt(hearing, provider="ollama", ms=9000, ago=timedelta(minutes=11))
    told = scraped()
    assert told['site_judge_calls{error="",outcome="answered",provider="mistral"}'] == 3
    assert told['site_judge_calls{error="Throttled",outcome="failed",provider="mistral"}'] == 1
    assert told['site_judge_latency_seconds{provider="mistral",quantile="0.5"}'] == 0.2
    assert not [name for name in told if "ollama" in name]


def test_money_and_hosts_left_alone(scraped, db, settings):
    settings.PANEL_DAILY_BUDGET_USD = Decimal("7.50")
    today = timezone.now().date()
    Spend.objects.create(day=today, reserved_usd="0.25", spent_usd="1.5")
    Spend.objects.create(day=today - timedelta(days=1), reserved_usd=0, spent_usd=99)
    Breaker.objects.create(provider="mistral", host="a.example", state="open", until=timezone.now())
    Breaker.objects.create(provider="ollama", host="b.example")
    told = scraped()
    assert [told[f'site_spend_usd{{kind="{kind}"}}'] for kind in ("reserved", "spent", "budget")] == [
        0.25, 1.5, 7.5,
    ]  # fmt: skip
    assert told['site_judge_left_alone{host="a.example",provider="mistral"}'] == 1
    assert told['site_judge_left_alone{host="b.example",provider="ollama"}'] == 0


def test_mails_that_wait(scraped, db):
    now = timezone.now()
    for number in range(3):
        someone = Subscriber.objects.create(
            email=f"{number}@example.org", state="pending", asked_at=now, wording="1", page="/"
        )
        due = now - timedelta(seconds=60 * (number + 1))
        Delivery.objects.create(kind="confirm", subscriber=someone, not_before=due)
    Delivery.objects.filter(subscriber=someone).update(
        state="sending", claim=uuid4(), lease_until=now, begun_at=now - timedelta(seconds=20)
    )
    told = scraped()
    assert [told[f'site_mails{{state="{state}"}}'] for state in ("queued", "sending")] == [2, 1]
    assert told['site_mails_oldest_seconds{state="queued"}'] == pytest.approx(120, abs=5)
    assert told['site_mails_oldest_seconds{state="sending"}'] == pytest.approx(20, abs=5)


def test_jobs_tell_when_they_were_last_done(scraped, db):
    now = timezone.now()
    for minutes, state in ((9, "done"), (3, "done"), (1, "failed")):
        then = now - timedelta(minutes=minutes)
        Tick.objects.create(job="sweep", period=then, state=state, started_at=then, ended_at=then)
    assert scraped()['site_job_age_seconds{job="sweep"}'] == pytest.approx(180, abs=5)


def test_a_scrape_asks_the_same_few_questions_however_much_there_is(
    scraped, hearing, django_assert_num_queries
):
    with django_assert_num_queries(13):  # two of them the savepoint's
        scraped()
    for _ in range(3):
        receipt(hearing)
    with django_assert_num_queries(13):
        scraped()


def test_without_a_database_requests_are_still_told(scraped, db):
    def gone(execute, sql, params, many, context):
        raise OperationalError("server closed the connection unexpectedly")

    with connection.execute_wrapper(gone):
        told = scraped()
    assert told["site_database_up"] == 0
    assert scraped()["site_database_up"] == 1
