"""Asking for a job: one is made, and found again if nobody said so; the key goes to its own server only."""

from decimal import Decimal

import pytest

from comparisons.reviews.models import Verdict
from panel.models import Attempt, Breaker, Run, Spend
from tests.fakes.mistral import FakeMistral
from tests.panel.batches.running import (
    finished,
    hear_what_waits,
    look,
    minutes_pass,
    the_batch,
)

pytestmark = pytest.mark.django_db
KEY = "a-key-for-tests"


@pytest.mark.parametrize("word", ["made:500", "made:502", "made:reset", "made:short", "made:garbage"])
def test_a_job_that_was_made_although_nobody_said_so_is_found_by_its_mark(mistral, run, word):
    mistral.jobs.script(word)
    look()
    assert (the_batch().state, the_batch().remote_id) == ("preparing", "")
    look()
    assert the_batch().remote_id == mistral.jobs.made[0].id
    look()
    finished(mistral, run, single=0)
    assert len(mistral.jobs.asked) == 1


def test_a_job_whose_making_is_never_told_is_found_too(mistral, run, settings):
    settings.MISTRAL_DEADLINE_SECONDS = 1
    mistral.jobs.script("made:hang")
    look()
    settings.MISTRAL_DEADLINE_SECONDS = 60
    look()
    look()
    finished(mistral, run, single=0)
    assert len(mistral.jobs.asked) == 1


def test_a_job_that_is_listed_late_is_waited_for(mistral, run):
    mistral.jobs.script("made:500+later:5")  # two lists a look
    for _ in range(3):
        look()
        assert the_batch().state == "preparing"
    look()
    look()
    finished(mistral, run, single=0)
    assert len(mistral.jobs.asked) == 1


def test_a_job_is_found_although_the_server_does_not_know_the_filter(mistral, run, monkeypatch):
    from tests.fakes import batches as fake

    mistral.jobs.script("made:500")
    look()
    monkeypatch.setattr(fake, "FILTERS", fake.FILTERS)
    unfiltered = mistral.jobs._list
    mistral.jobs._list = lambda query: (
        unfiltered({}) if "second_opinion_batch" not in query else fake.as_json(200, {"total": 0, "data": []})
    )
    look()
    look()
    finished(mistral, run, single=0)
    assert len(mistral.jobs.asked) == 1


def test_where_no_job_is_to_be_found_it_is_asked_for_again(mistral, run):
    mistral.jobs.script("500")
    look()
    look()
    assert len(mistral.jobs.asked) == 1  # it may turn up yet
    minutes_pass(4)
    look()
    look()
    assert len(mistral.jobs.asked) == 2
    look()
    finished(mistral, run, single=0)


def test_a_twin_that_turns_up_afterwards_is_canceled_and_not_read(mistral, run):
    mistral.jobs.script("made:500+stays+later:4")
    look()
    look()
    minutes_pass(4)
    look()
    look()
    twin, ours = mistral.jobs.made
    assert the_batch().remote_id == ours.id
    look()
    look()
    assert mistral.jobs.canceled == [twin.id]
    finished(mistral, run, single=0)


def test_where_none_is_ever_made_single_calls_take_over(mistral, run):
    mistral.jobs.script(*["500"] * 9)
    for _ in range(8):
        look()
        minutes_pass(4)
        Breaker.objects.update(failures=0, state="closed", until=None)
    batch = finished(mistral, run, single=16)
    assert (batch.state, len(mistral.jobs.asked)) == ("failed", 3)


@pytest.mark.parametrize("word", ["429:1", "429"])
def test_being_told_to_slow_down_makes_no_job_and_loses_none(mistral, run, word):
    mistral.jobs.script(word)
    look()
    assert (the_batch().asked_at, the_batch().asks) == (None, 0)
    look()
    look()
    finished(mistral, run, single=0)
    assert len(mistral.jobs.made) == 1


@pytest.mark.parametrize("word", ["400", "413", "422", "404"])
def test_a_job_that_is_refused_goes_to_single_calls(mistral, run, word):
    mistral.jobs.script(word)
    look()
    batch = finished(mistral, run, single=16)
    assert batch.state == "failed"
    assert word in batch.last_error
    assert set(Attempt.objects.filter(batch=batch).values_list("cost_usd", flat=True)) == {Decimal(0)}


def test_a_wrong_key_is_known_to_everybody_and_the_next_judge_speaks(mistral, run):
    mistral.jobs.script("401")
    mistral.script(lambda number, body: "401")
    look()
    hear_what_waits(run)
    assert Breaker.objects.get(provider="mistral").state == "misconfigured"
    assert Verdict.objects.get().judge_kinds == ["rubric"]


def test_a_server_that_is_down_is_asked_when_it_is_back(mistral, run):
    mistral.down()
    look()
    assert the_batch().asked_at is None
    assert "Connection refused" in the_batch().last_error
    mistral.up()
    look()
    look()
    finished(mistral, run, single=0)


def test_a_server_that_stays_down_for_an_hour_is_not_waited_for(mistral, run):
    mistral.down()
    look()
    minutes_pass(61)
    look()
    assert the_batch().state == "failed"
    hear_what_waits(run)
    assert Verdict.objects.get().judge_kinds == ["rubric"]


def test_a_job_is_a_call_before_the_breaker(mistral, run):
    Breaker.objects.create(
        provider="mistral", host=mistral.url.removeprefix("http://"), state="open", until="2099-01-01T00:00Z"
    )
    look()
    assert mistral.jobs.asked == []
    assert the_batch().state == "preparing"
    Breaker.objects.update(state="closed", until=None)
    look()
    assert the_batch().state == "submitted"


def test_a_job_and_its_looks_count_against_the_limit(mistral, run, settings):
    settings.MISTRAL_CALLS_PER_MINUTE = 600
    look()
    settings.LIMITER_URL = "redis://127.0.0.1:1/0"  # gone: nothing is limited
    look()
    finished(mistral, run, single=0)


@pytest.mark.parametrize("word", ["ok", "made:500"])
def test_a_server_that_never_comes_back_is_given_up_after_a_day(mistral, run, word):
    mistral.jobs.script(word)
    look()
    mistral.down()
    minutes_pass(26 * 60)
    look()
    assert the_batch().state in {"preparing", "submitted"}
    minutes_pass(5 * 60)
    look()
    batch = the_batch()
    assert (batch.state, batch.released) == ("failed", 16)
    # What became of the questions nobody knows: they may be on the bill.
    assert Spend.objects.get().spent_usd == batch.reserved_usd
    hear_what_waits(run)
    assert Verdict.objects.get().judge_kinds == ["rubric"]


def test_the_key_goes_along_to_its_own_server_and_into_no_row(mistral, run):
    mistral.key = KEY
    look()
    look()
    finished(mistral, run, single=0)
    assert {headers["authorization"] for headers in mistral.jobs.headers} == {f"Bearer {KEY}"}
    assert {headers["accept-encoding"] for headers in mistral.jobs.headers} == {"identity"}
    kept = Attempt.objects.values_list("raw_request", "raw_response")
    assert KEY.encode() not in b"".join(bytes(column) for row in kept for column in row)


def test_a_redirect_is_not_followed(mistral, run):
    with FakeMistral() as elsewhere:
        mistral.jobs.script(f"307:{elsewhere.url}")
        look()
        assert elsewhere.connections == 0
    assert the_batch().state == "failed"


def test_a_run_that_a_changed_model_finds_unsubmitted_goes_the_ordinary_way(mistral, run, settings):
    settings.MISTRAL_MODEL = "another-model"
    look()
    assert mistral.jobs.asked == []
    assert the_batch().state == "failed"
    hear_what_waits(run)
    assert Run.objects.get().state == "done"
    assert Verdict.objects.get().judge_kinds == ["rubric"]


def test_a_key_that_is_gone_for_a_while_is_waited_for(mistral, run, settings):
    look()
    settings.PANEL_JUDGES, server = ("rubric",), settings.MISTRAL_SERVER_URL
    settings.MISTRAL_SERVER_URL, settings.MISTRAL_API_KEY = "https://api.mistral.ai", ""
    look()
    assert the_batch().state == "submitted"
    settings.MISTRAL_SERVER_URL, settings.MISTRAL_API_KEY = server, KEY
    look()
    finished(mistral, run, single=0)
