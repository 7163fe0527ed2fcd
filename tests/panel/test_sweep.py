"""The broom looks only where something may have changed."""

import base64
import json
import re
from datetime import timedelta

import pytest
import redis
from celery import current_app
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from kombu import Connection, pools

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


def test_a_sweep_costs_the_same_whether_one_sitting_waits_or_four(run, queue):
    def queries():
        an_hour_passes()
        Hearing.objects.update(rung_at=timezone.now())
        with CaptureQueriesContext(connection) as seen:
            sweep()
        return len(seen)

    four = queries()
    Sitting.objects.exclude(pk__in=of(run, "card-2")).update(state=Sitting.State.PUBLISHED)
    assert queries() == four == 10


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


@pytest.fixture
def queue(settings):
    """What workers would be told, in the broker; in these tests nobody takes it."""
    with redis.Redis.from_url(settings.LIMITER_URL) as broker:
        broker.delete("hearings")
        yield broker
        broker.delete("hearings")


@pytest.fixture
def waiting(run, queue):
    """36 hearings of a run that were all rung for an hour ago."""
    Hearing.objects.update(rung_at=timezone.now() - timedelta(hours=1))
    ids = list(Hearing.objects.order_by("pk").values_list("pk", flat=True))
    for pk in ids:
        put_in(queue, pk)
    return ids


def put_in(queue, pk):
    queue.lpush("hearings", json.dumps({"rung for": pk}))


def rung_for(queue, *, beyond):
    """The hearings of the tasks that were put into the queue after the first so many."""
    told = [json.loads(each) for each in reversed(queue.lrange("hearings", 0, -1))][beyond:]
    return [json.loads(base64.b64decode(each["body"]))[0][0] for each in told]


def test_what_is_still_in_the_queue_is_not_rung_for_again(waiting, queue):
    for _ in range(3):
        assert sweep() == ""
    assert queue.llen("hearings") == len(waiting) == 36


def test_what_the_queue_has_lost_is_rung_for_again_and_no_more(waiting, queue):
    for _ in range(5):
        queue.rpop("hearings")
    Hearing.objects.filter(pk__in=waiting[-5:]).update(rung_at=timezone.now() - timedelta(hours=2))
    sweep()
    assert rung_for(queue, beyond=31) == waiting[-5:]
    sweep()
    assert queue.llen("hearings") == 36


def test_an_emptied_queue_is_filled_again(waiting, queue):
    queue.delete("hearings")
    sweep()
    assert rung_for(queue, beyond=0) == waiting


def test_a_ring_of_just_now_may_still_be_on_its_way(waiting, queue):
    queue.delete("hearings")
    Hearing.objects.update(rung_at=timezone.now() - timedelta(seconds=5))
    sweep()
    assert queue.llen("hearings") == 0


def test_what_nobody_rang_for_is_rung_for_however_full_the_queue_is(waiting, queue):
    Hearing.objects.filter(pk=waiting[7]).update(rung_at=None)
    sweep()
    assert rung_for(queue, beyond=36) == [waiting[7]]


def test_a_broker_that_is_away_is_a_line_in_the_log(run, settings, caplog):
    app = current_app._get_current_object()
    Hearing.objects.update(rung_at=timezone.now() - timedelta(hours=1))
    with Connection("redis://127.0.0.1:9/0", transport_options={"max_retries": 1}) as nowhere:
        pool = app.amqp._producer_pool
        app.amqp._producer_pool = pools.producers[nowhere]
        try:
            sweep()
        finally:
            app.amqp._producer_pool = pool
    assert "The broker does not answer" in caplog.text
