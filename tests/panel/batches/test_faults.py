"""Everything a provider can do to a job and its lines: nothing lost, nothing doubled, nothing asked twice."""

from decimal import Decimal

import pytest

from comparisons.reviews.models import Verdict
from panel.models import Attempt, Batch, Breaker, Hearing, Run, Spend
from tests.fakes.mistral import FakeMistral
from tests.panel.batches.running import (
    check_the_books,
    convened,
    hear_what_waits,
    look,
    make_pairing,
    minutes_pass,
    the_batch,
)

pytestmark = pytest.mark.django_db
KEY = "a-key-for-tests"


@pytest.fixture
def run(mistral):
    make_pairing()
    return convened()


def finished(mistral, run, *, single):
    """The run came to its end by the batch and so many single calls, each question answered once."""
    hear_what_waits(run)
    check_the_books(run)
    assert len(mistral.calls) == single
    assert Verdict.objects.get().judge_kinds == ["mistral"]
    batch = Batch.objects.latest("created_at")
    assert batch.requests == batch.returned + batch.released
    return batch


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


# --- asking for a job -----------------------------------------------------------------------------


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


# --- the key --------------------------------------------------------------------------------------


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
