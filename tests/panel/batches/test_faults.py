"""Everything a provider can do to a job and its lines: nothing lost, nothing doubled, nothing asked twice."""

from decimal import Decimal

import pytest

from panel.models import Attempt, Breaker, Hearing, Spend
from tests.panel.batches.running import (
    finished,
    hear_what_waits,
    look,
    minutes_pass,
    the_batch,
)

pytestmark = pytest.mark.django_db
KEY = "a-key-for-tests"


# --- lines ----------------------------------------------------------------------------------------


def test_lines_that_come_twice_or_belong_to_nobody_or_are_broken_do_no_harm(mistral, run):
    mistral.jobs.script("twice+strange")
    look()
    look()
    assert (finished(mistral, run, single=0).state, the_batch().returned) == ("done", 16)


@pytest.mark.parametrize("word", ["500", "429", "422", "401", "not_a_completion", "no_usage", "null", "html"])
def test_a_line_that_is_no_answer_becomes_a_single_call(mistral, run, word):
    mistral.jobs.lines(lambda number, body: word if number in {0, 7, 15} else "ok")
    look()
    look()
    single = 0 if word == "no_usage" else 3
    batch = finished(mistral, run, single=single)
    assert batch.state == "done"
    assert Attempt.objects.exclude(outcome="answered").count() == single
    assert not Breaker.objects.exclude(state="closed").exists()  # one line says nothing about the host


def test_lines_that_are_missing_become_single_calls_and_cost_nothing(mistral, run):
    mistral.jobs.script("missing:4")
    look()
    look()
    batch = finished(mistral, run, single=4)
    assert (batch.state, batch.returned, batch.released) == ("done", 12, 4)
    unanswered = Attempt.objects.filter(error_class="Unanswered")
    assert set(unanswered.values_list("outcome", "cost_usd")) == {("failed", Decimal(0))}


def test_lines_that_the_provider_counts_and_nobody_saw_are_charged_at_their_reserve(mistral, run):
    mistral.jobs.script("cut:4")
    look()
    look()
    finished(mistral, run, single=4)
    lost = Attempt.objects.filter(error_class="Unanswered")
    assert lost.count() == 4
    assert all(receipt.cost_usd == receipt.reserved_usd > 0 for receipt in lost)


def test_a_file_whose_last_line_is_broken_off(mistral, run):
    mistral.jobs.script("broken")
    look()
    look()
    assert finished(mistral, run, single=1).released == 1


def test_a_job_that_tells_its_lines_itself(mistral, run):
    mistral.jobs.script("inline")
    look()
    look()
    finished(mistral, run, single=0)
    assert mistral.jobs.downloads == []


# --- files ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("word", ["short", "reset", "500", "429", "404"])
def test_a_file_that_cannot_be_read_now_is_read_later(mistral, run, word):
    mistral.jobs.files(word)
    look()
    look()
    assert the_batch().state == "submitted"
    assert the_batch().last_error
    assert Hearing.objects.filter(state="done").count() == 0
    look()
    finished(mistral, run, single=0)


def test_a_file_that_never_comes_is_waited_for_by_the_clock(mistral, run, settings):
    mistral.jobs.files("hang")
    look()
    settings.MISTRAL_DEADLINE_SECONDS = 1
    while mistral.jobs.faults_left:  # on a starved machine the call before it may also take a second
        look()
    assert "No whole answer within 1 seconds." in the_batch().last_error
    settings.MISTRAL_DEADLINE_SECONDS = 60
    look()
    finished(mistral, run, single=0)


def test_a_file_that_cannot_be_read_for_an_hour_is_given_up(mistral, run):
    mistral.jobs.files(*["500"] * 9)
    look()
    look()
    minutes_pass(61)
    Breaker.objects.update(failures=0)
    look()
    batch = finished(mistral, run, single=16)
    assert (batch.state, batch.released) == ("failed", 16)
    # The provider did the work, as far as anybody knows.
    assert set(Attempt.objects.filter(error_class="Unanswered").values_list("outcome", flat=True)) == {
        "failed"
    }
    assert Spend.objects.get().spent_usd > 16 * Attempt.objects.filter(batch=batch).first().cost_usd


# --- jobs -----------------------------------------------------------------------------------------


def test_a_job_that_fails_gives_everything_back(mistral, run):
    mistral.jobs.script("fails")
    look()
    look()
    batch = finished(mistral, run, single=16)
    assert (batch.state, batch.remote_state) == ("failed", "FAILED")
    assert set(Attempt.objects.filter(batch=batch).values_list("cost_usd", flat=True)) == {Decimal(0)}


def test_of_a_job_that_expires_what_was_answered_is_kept(mistral, run):
    mistral.jobs.script("expires")
    look()
    look()
    batch = finished(mistral, run, single=8)
    assert (batch.state, batch.returned, batch.released) == ("failed", 8, 8)


def test_a_job_that_nobody_knows_any_more(mistral, run):
    look()
    mistral.jobs.made.clear()
    look()
    assert finished(mistral, run, single=16).state == "failed"


def test_a_job_that_never_ends_is_canceled_when_its_day_is_over(mistral, run):
    mistral.jobs.script("stays")
    look()
    look()
    assert mistral.jobs.canceled == []
    minutes_pass(27 * 60)
    look()
    assert mistral.jobs.canceled == [the_batch().remote_id]
    look()
    assert finished(mistral, run, single=8).state == "released"


def test_a_job_that_takes_its_time_is_left_to_it(mistral, run):
    mistral.jobs.looks = 4
    for _ in range(4):
        look()
        assert the_batch().state == "submitted"
        hear_what_waits(run)
    look()
    finished(mistral, run, single=0)
