"""A run ends when nothing of it is open, also for those who look while it is being convened."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest
from django.db import connection, connections, transaction

from comparisons.pairings.models import Pairing
from panel.actions.convene import convene, seat_pairings
from panel.actions.seats import judge_row, needed_hearings, take_seats
from panel.actions.settle import close_run
from panel.models import Run, Sitting
from panel.providers.chain import chain
from tests.factories.cards import make_card

WAITS = (
    "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
)


@pytest.fixture
def pairing(rubric_alone: None) -> Pairing:
    made = Pairing.objects.between(make_card("alpha"), make_card("beta"))
    return Pairing.objects.with_cards().get(pk=made.pk)


@pytest.fixture
def elsewhere() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as pool:
        yield pool
        pool.submit(connections.close_all).result()


def seat(run: Run, pairing: Pairing) -> None:
    (provider,) = chain()
    left, right = pairing.left.snapshot, pairing.right.snapshot
    assert left is not None and right is not None
    left.card, right.card = pairing.left, pairing.right
    judge = judge_row(provider)
    hearings = needed_hearings(left, right, seats=take_seats(), judge=judge, both_orders=False)
    seat_pairings(run, [(pairing, hearings)], judge, None)


def wait_until_somebody_waits() -> None:
    deadline = time.monotonic() + 20
    with connection.cursor() as cursor:
        while True:
            cursor.execute(WAITS)
            if cursor.fetchone()[0]:
                return
            assert time.monotonic() < deadline, "nobody waits for the row"
            time.sleep(0.01)


def close(run_id: UUID) -> None:
    close_run(run_id)


@pytest.mark.django_db(transaction=True)
def test_a_sweep_in_the_middle_of_convening_does_not_end_the_run(
    pairing: Pairing, elsewhere: ThreadPoolExecutor
) -> None:
    run = Run.objects.create(scope="a pairing", chain=["rubric"])
    with transaction.atomic():
        seat(run, pairing)
        closed = elsewhere.submit(close, run.pk)
        wait_until_somebody_waits()
    closed.result(20)
    run.refresh_from_db()
    assert (run.state, run.ended_at) == ("running", None)
    assert Sitting.objects.filter(run=run, state="open").count() == 1


@pytest.mark.django_db
def test_a_run_that_was_closed_between_two_batches_of_pairings_goes_on(pairing: Pairing) -> None:
    run = Run.objects.create(scope="a pairing", chain=["rubric"])
    close_run(run.pk)
    run.refresh_from_db()
    assert run.state == "done"
    seat(run, pairing)
    run.refresh_from_db()
    assert (run.state, run.ended_at) == ("running", None)


@pytest.mark.django_db
def test_a_run_stopped_while_it_is_convened_stays_stopped(pairing: Pairing) -> None:
    run = Run.objects.create(scope="a pairing", chain=["rubric"], state="stopped")
    seat(run, pairing)
    run.refresh_from_db()
    assert run.state == "stopped"


@pytest.mark.django_db
def test_a_run_over_nothing_is_done_at_once(rubric_alone: None) -> None:
    assert convene([], scope="nothing").state == "done"
