"""Stopping a run takes its batches back; what the provider answered by then is paid and kept."""

import pytest

from comparisons.switches.actions import turn
from comparisons.switches.models import Switch
from comparisons.switches.state import reread
from comparisons.ticks.models import Tick
from panel.actions import control
from panel.models import Attempt, Batch, Hearing, Run, Spend
from panel.tasks import poll_batches, work_on_batch
from tests.panel.batches.running import (
    check_the_books,
    convened,
    hear_what_waits,
    look,
    the_batch,
)

pytestmark = pytest.mark.django_db


def test_a_batch_that_was_not_submitted_is_simply_taken_back(mistral, run):
    control.stop(run.pk)
    look()
    assert mistral.jobs.asked == []
    assert the_batch().state == "released"
    assert set(Hearing.objects.values_list("state", "batch", "attempts")) == {("queued", None, 0)}
    assert not Spend.objects.exists()


def test_a_job_under_way_is_canceled_and_the_rest_goes_back(mistral, run):
    mistral.jobs.looks = 99
    look()
    control.stop(run.pk)
    look()
    assert mistral.jobs.canceled == [the_batch().remote_id]
    assert the_batch().state == "submitted"  # until the provider says that it is over
    look()
    batch = the_batch()
    assert (batch.state, batch.returned, batch.released) == ("released", 8, 8)
    assert Attempt.objects.filter(outcome="open").count() == 0
    assert Spend.objects.get().reserved_usd == 0
    run.refresh_from_db()
    assert run.state == Run.State.STOPPED
    hear_what_waits(run)
    assert len(mistral.calls) == 0


def test_a_stopped_run_goes_on_with_what_is_left_at_no_double_cost(mistral, run):
    mistral.jobs.looks = 99
    look()
    control.stop(run.pk)
    look()
    look()
    assert control.resume(run.pk)
    hear_what_waits(run)
    check_the_books(run)
    assert len(mistral.calls) == 8


def test_a_run_that_goes_on_before_anything_was_canceled_keeps_its_job(mistral, run):
    mistral.jobs.looks = 2
    look()
    control.stop(run.pk)
    control.resume(run.pk)
    look()
    look()
    check_the_books(run)
    assert mistral.jobs.canceled == []


def test_a_job_that_was_over_before_it_could_be_canceled_is_kept_whole(mistral, run):
    look()
    control.stop(run.pk)
    look()
    assert (the_batch().state, the_batch().returned) == ("done", 16)
    control.resume(run.pk)
    check_the_books(run)


def test_a_cancellation_that_fails_is_asked_for_again(mistral, run):
    mistral.jobs.looks = 99
    look()
    control.stop(run.pk)
    mistral.down()
    look()
    assert the_batch().cancel_at is None
    mistral.up()
    look()
    look()
    assert the_batch().state == "released"


def test_another_run_that_waits_for_the_same_questions_is_not_left_waiting(mistral, run):
    mistral.jobs.looks = 99
    look()
    other = convened()
    control.stop(run.pk)
    look()
    look()
    hear_what_waits(other)
    check_the_books(other)
    assert len(mistral.calls) == 8


def test_a_run_that_is_not_running_has_nothing_to_stop(mistral, run):
    look()
    look()
    assert control.stop(run.pk) is False
    assert Batch.objects.get().state == "done"


def test_a_panel_that_is_switched_off_submits_and_reads_nothing_until_it_is_on_again(mistral, run):
    turn(name=Switch.Name.PANEL, stopped=True, by=None, reason="a rest")
    reread()
    look()
    assert mistral.jobs.asked == []
    turn(name=Switch.Name.PANEL, stopped=False, by=None)
    reread()
    look()
    turn(name=Switch.Name.WRITING, stopped=True, by=None, reason="moving house")
    reread()
    look()
    assert the_batch().returned == 0
    turn(name=Switch.Name.WRITING, stopped=False, by=None)
    reread()
    look()
    check_the_books(run)


def test_who_stops_a_run_does_not_wait_for_beat(mistral, run):
    mistral.jobs.looks = 99
    look()
    control.stop(run.pk)
    work_on_batch(str(the_batch().pk))
    assert mistral.jobs.canceled == [the_batch().remote_id]


def test_beat_looks_after_batches_once_a_period_and_notes_it(mistral, run):
    poll_batches()
    poll_batches()
    assert Tick.objects.get(job="batches").note == "1 batch looked at"
    assert the_batch().state == "submitted"
