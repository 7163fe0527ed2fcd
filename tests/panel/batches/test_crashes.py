"""The power fails between any two steps: what was on its way goes on, and nothing is asked or paid twice."""

import threading
from contextlib import contextmanager

import pytest
from django.db import connection, connections, transaction

from comparisons.reviews.models import Verdict
from panel.actions import batches
from panel.actions.poll import poll, work_on
from panel.actions.sweep import sweep
from panel.models import Attempt, Batch, Hearing, Run
from tests.panel.batches.running import (
    check_the_books,
    convened,
    hear_what_waits,
    look,
    make_pairing,
    minutes_pass,
    the_batch,
)


class PowerCut(BaseException):
    """As kill -9 would: no handler of ours may catch it, and nothing more reaches the database."""


@contextmanager
def power_until(statements):
    """Every statement after so many fails."""
    left = statements

    def run(execute, sql, params, many, context):
        nonlocal left
        # Transactions end by themselves when a connection is gone.
        if sql.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK")):
            return execute(sql, params, many, context)
        left -= 1
        if left < 0:
            raise PowerCut
        return execute(sql, params, many, context)

    with connection.execute_wrapper(run):
        try:
            yield
        except PowerCut:
            pass
    cut.append(left < 0)


cut: list[bool] = []


@contextmanager
def thrown_away():
    """What happens inside is gone afterwards, so that the next round begins where this one did."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture
def few(settings):
    settings.PANEL_PICKS = False
    make_pairing()


def recover(mistral, run):
    """Leases run out, beat goes on, and workers hear what was freed."""
    minutes_pass(5)
    for _ in range(5):
        look()
    sweep()
    hear_what_waits(run)
    check_the_books(run)
    assert Verdict.objects.get().reviews.count() == 8
    assert len(mistral.jobs.made) == 1
    assert len(mistral.calls) == 0
    mistral.jobs.made.clear()
    mistral.jobs.asked.clear()


@pytest.mark.django_db
def test_between_any_two_statements_of_submitting(mistral, few):
    run = convened()
    for statements in range(200):
        with thrown_away():
            with power_until(statements):
                look_without_reset()
            recover(mistral, run)
        if not cut[-1]:
            break
    assert statements > 10


@pytest.mark.django_db
def test_between_any_two_statements_of_reading(mistral, few):
    run = convened()
    look()
    (job,) = mistral.jobs.made
    Batch.objects.update(polled_at=None)
    # All of the first lines, then some of the rest.
    for statements in [*range(24), *range(25, 400, 11)]:
        with thrown_away():
            with power_until(statements):
                look_without_reset()
            recover(mistral, run)
        mistral.jobs.made.append(job)
        if not cut[-1]:
            break
    assert statements > 60


def look_without_reset():
    for batch_id in Batch.objects.open().values_list("pk", flat=True):
        work_on(batch_id)


@pytest.mark.django_db
def test_between_any_two_statements_of_giving_back(mistral, few):
    run = convened()
    look()
    (job,) = mistral.jobs.made
    job.meets = ("fails",)
    for statements in range(0, 400, 9):
        with thrown_away():
            with power_until(statements):
                look_without_reset()
            minutes_pass(5)
            for _ in range(2):
                look()
            hear_what_waits(run)
            check_the_books(run)
            assert len(mistral.calls) == 8
            mistral.calls.clear()
        if not cut[-1]:
            break
    assert statements > 30


@pytest.mark.django_db
def test_between_any_two_statements_of_convening(mistral, few):
    for statements in range(0, 400, 9):
        with thrown_away():
            with power_until(statements):
                convened()
            runs = list(Run.objects.all())
            # All of it or nothing: no hearing waits outside of a batch for half of a run.
            assert Hearing.objects.count() in {0, 8}
            assert Hearing.objects.filter(batch=None).count() == 0
            again = convened()
            recover(mistral, again)
            for run in runs:
                run.refresh_from_db()
                assert run.state == Run.State.DONE
        if not cut[-1]:
            break
    assert statements > 10


@pytest.mark.django_db
def test_a_batch_that_somebody_works_on_is_left_to_them(mistral, few):
    convened()
    assert batches.take(the_batch().pk) is not None
    assert batches.take(the_batch().pk) is None
    look()
    assert mistral.jobs.asked == []
    minutes_pass(4)
    look()
    assert len(mistral.jobs.asked) == 1


@pytest.mark.django_db(transaction=True)
def test_many_beats_at_once_ask_for_one_job_and_read_it_once(mistral, few):
    run = convened()
    together = threading.Barrier(6)

    def beat():
        together.wait()
        poll()
        connections.close_all()

    for _ in range(3):
        Batch.objects.update(polled_at=None)
        beats = [threading.Thread(target=beat) for _ in range(6)]
        for thread in beats:
            thread.start()
        for thread in beats:
            thread.join()
    check_the_books(run)
    assert len(mistral.jobs.asked) == 1
    assert len(mistral.jobs.downloads) == 1
    assert Attempt.objects.count() == 8


@pytest.mark.django_db
def test_a_worker_that_was_called_for_a_question_in_a_batch_does_nothing(mistral, few):
    run = convened()
    look()
    hear_what_waits(run)
    from panel.actions.hear import hear

    for pk in Hearing.objects.values_list("pk", flat=True):
        hear(pk)
    assert Attempt.objects.count() == 8
    assert len(mistral.calls) == 0
    assert set(Hearing.objects.values_list("state", "attempts")) == {("queued", 1)}


@pytest.mark.django_db
def test_two_runs_that_want_the_same_questions_share_one_batch(mistral, few):
    one, two = convened(), convened()
    assert Batch.objects.get().run == one
    look()
    look()
    check_the_books(one)
    check_the_books(two)
    assert len(mistral.jobs.made) == 1
