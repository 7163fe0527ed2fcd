"""The broom looks only where something may have changed."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from comparisons.pairings.models import Pairing
from panel.actions.convene import convene
from panel.actions.hear import claim, hear
from panel.actions.sweep import changed_sittings, sweep
from panel.models import Hearing, Run, Sitting
from tests.factories.cards import make_card

pytestmark = pytest.mark.django_db


@pytest.fixture
def run(rubric_alone):
    cards = [make_card(f"card-{number}", context_tokens=8000 * number) for number in range(1, 6)]
    for other in cards[1:]:
        Pairing.objects.between(cards[0], other)
    return convene(Pairing.objects.with_cards(), scope="all")


def an_hour_passes():
    an_hour = timedelta(hours=1)
    for hearing in Hearing.objects.exclude(done_at=None):
        Hearing.objects.filter(pk=hearing.pk).update(done_at=hearing.done_at - an_hour)
    for sitting in Sitting.objects.all():
        Sitting.objects.filter(pk=sitting.pk).update(seated_at=sitting.seated_at - an_hour)
    Run.objects.update(swept_at=timezone.now())


def of(run, *others):
    """Sittings of the pairings of the first card with these."""
    sittings = Sitting.objects.filter(run=run, pairing__right__slug__in=others)
    return sorted(sittings.values_list("pk", flat=True))


def test_at_first_it_looks_at_every_sitting_of_a_run(run):
    assert len(changed_sittings(run)) == 4


def test_where_nothing_happened_it_looks_at_none(run):
    an_hour_passes()
    run.refresh_from_db()
    assert changed_sittings(run) == []


def test_it_looks_where_a_hearing_ended_and_nowhere_else(run):
    an_hour_passes()
    run.refresh_from_db()
    hear(Hearing.objects.get(kind="review", persona__slug="builder", first__card__slug="card-3").pk)
    assert changed_sittings(run) == of(run, "card-3")
    # Its own card is in every pairing.
    hear(Hearing.objects.get(kind="review", persona__slug="builder", first__card__slug="card-1").pk)
    assert len(changed_sittings(run)) == 4


def test_it_looks_where_a_hearing_was_given_up(run):
    an_hour_passes()
    pk = Hearing.objects.get(kind="review", persona__slug="builder", first__card__slug="card-4").pk
    for _ in range(3):
        claim(pk)
        Hearing.objects.filter(pk=pk).update(lease_until=timezone.now() - timedelta(seconds=1))
        sweep()
    assert Sitting.objects.get(pk__in=of(run, "card-4")).state == Sitting.State.DEAD
    assert Sitting.objects.filter(state=Sitting.State.OPEN).count() == 3


def test_what_was_missed_while_beat_was_down_is_found(run):
    an_hour_passes()
    for pk in Hearing.objects.values_list("pk", flat=True):
        hear(pk)
    # As if the worker had died before each publishing, hours ago, and beat with it.
    Sitting.objects.update(state=Sitting.State.OPEN, verdict=None)
    Run.objects.update(state=Run.State.RUNNING, ended_at=None)
    an_hour_passes()
    Run.objects.update(swept_at=timezone.now() - timedelta(hours=2))
    sweep()
    run.refresh_from_db()
    assert run.state == Run.State.DONE


def test_a_sweep_costs_the_same_whether_one_sitting_waits_or_four(run):
    def queries():
        an_hour_passes()
        Hearing.objects.update(rung_at=timezone.now())
        with CaptureQueriesContext(connection) as seen:
            sweep()
        return len(seen)

    four = queries()
    Sitting.objects.exclude(pk__in=of(run, "card-2")).update(state=Sitting.State.PUBLISHED)
    assert queries() == four == 8


def test_it_reads_by_index_what_happened_and_no_more(run):
    an_hour_passes()
    run.refresh_from_db()
    with CaptureQueriesContext(connection) as seen:
        changed_sittings(run)
    statement = seen[0]["sql"]
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) {statement}")
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "hearing_over" in plan
    assert re.search(r"on panel_hearing \(actual rows=0", plan)
    assert "Seq Scan" not in plan
