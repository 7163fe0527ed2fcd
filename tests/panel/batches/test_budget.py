"""A batch is paid from the day's money like any call: reserved whole before it is submitted."""

from decimal import Decimal

import pytest

from panel.actions.convene import estimate
from panel.actions.sweep import sweep
from panel.models import Attempt, Batch, Hearing, Run, Spend
from tests.panel.batches.running import (
    Pairing,
    check_the_books,
    convened,
    hear_what_waits,
    look,
    make_pairing,
    minutes_pass,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def cost_usd(mistral):
    make_pairing()
    return estimate(Pairing.objects.with_cards(), in_batches=True).cost_usd


def test_the_whole_batch_is_reserved_before_it_is_asked_for(mistral, cost_usd):
    convened()
    mistral.down()
    look()
    batch = Batch.objects.get()
    assert Spend.objects.get().reserved_usd == batch.reserved_usd
    assert abs(batch.reserved_usd - cost_usd) < Decimal("0.0001")
    assert Attempt.objects.filter(outcome="open", batch=batch).count() == 16
    assert len(mistral.jobs.asked) == 0


def test_only_what_the_budget_covers_is_submitted_and_the_rest_waits(mistral, cost_usd, settings):
    settings.PANEL_DAILY_BUDGET_USD = cost_usd * 5 / 16
    run = convened()
    look()
    run.refresh_from_db()
    assert run.state == Run.State.PAUSED_BUDGET
    sent, rest = Batch.objects.order_by("created_at")
    assert (sent.state, rest.state) == ("submitted", "preparing")
    assert 0 < sent.requests < 16
    assert sent.requests + rest.requests == 16
    assert f"the daily budget of {settings.PANEL_DAILY_BUDGET_USD} USD is spent" in rest.last_error
    assert Spend.objects.get().reserved_usd <= settings.PANEL_DAILY_BUDGET_USD
    assert len(mistral.jobs.made[0].requests) == sent.requests
    hear_what_waits(run)
    assert len(mistral.calls) == 0  # nor does the rest go at full price


def test_what_is_reserved_is_submitted_although_the_run_waits_for_more(mistral, cost_usd, settings):
    settings.PANEL_DAILY_BUDGET_USD = cost_usd * 5 / 16
    mistral.jobs.script("429", "500")
    run = convened()
    look()
    run.refresh_from_db()
    assert (run.state, mistral.jobs.made) == (Run.State.PAUSED_BUDGET, [])
    look()
    minutes_pass(4)
    look()
    look()
    assert len(mistral.jobs.made) == 1
    assert Batch.objects.filter(state="submitted").count() == 1


def test_more_money_lets_the_rest_go(mistral, cost_usd, settings):
    settings.PANEL_DAILY_BUDGET_USD = cost_usd * 5 / 16
    run = convened()
    look()
    settings.PANEL_DAILY_BUDGET_USD = Decimal(100)
    sweep()
    look()
    look()
    check_the_books(run)
    assert len(mistral.jobs.made) == 2
    assert len(mistral.calls) == 0


def test_a_budget_that_covers_nothing_submits_nothing_and_does_not_flap(mistral, cost_usd, settings):
    settings.PANEL_DAILY_BUDGET_USD = cost_usd / 40
    run = convened()
    look()
    for _ in range(3):
        sweep()
        run.refresh_from_db()
        assert run.state == Run.State.PAUSED_BUDGET
        look()
    assert mistral.jobs.asked == []
    assert Batch.objects.get().requests == 16
    assert Attempt.objects.count() == 0
    assert Hearing.objects.filter(batch=Batch.objects.get(), state="queued").count() == 16


def test_what_came_back_frees_what_was_reserved_for_it(mistral, cost_usd):
    convened()
    look()
    assert Spend.objects.get().reserved_usd > 0
    look()
    spend = Spend.objects.get()
    assert spend.reserved_usd == 0
    assert 0 < spend.spent_usd < cost_usd


def test_a_catalogue_goes_in_jobs_of_no_more_than_their_limit(mistral, settings):
    settings.PANEL_BATCH_REQUESTS = 10
    make_pairing()
    make_pairing("alpha", "gamma")
    run = convened()
    look()
    assert sorted(len(job.requests) for job in mistral.jobs.made) == [8, 10, 10]
    look()
    check_the_books(run)


def test_a_job_too_large_to_send_is_parted(mistral, monkeypatch):
    from panel.actions import batches

    monkeypatch.setattr(batches, "MOST_JOB_BYTES", 50_000)
    make_pairing()
    run = convened()
    for _ in range(6):
        look()
    check_the_books(run)
    assert len(mistral.jobs.made) > 1
    assert sum(len(job.requests) for job in mistral.jobs.made) == 16
