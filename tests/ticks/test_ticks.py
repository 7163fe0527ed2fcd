"""Once a period, however many clocks ring."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, connection
from django.utils import timezone

from comparisons.ticks.actions import forget, once
from comparisons.ticks.models import Tick
from comparisons.ticks.timetable import Job

DAILY = Job("tests-daily", "Something daily", every=timedelta(days=1), at=timedelta(hours=3))
OFTEN = Job("tests-often", "Something often", every=timedelta(seconds=10))


@pytest.mark.parametrize(
    ("job", "now", "period", "following"),
    [
        (DAILY, (2026, 11, 21, 2, 59), (2026, 11, 20, 3), (2026, 11, 21, 3)),
        (DAILY, (2026, 11, 21, 3), (2026, 11, 21, 3), (2026, 11, 22, 3)),
        (Job("w", "", every=timedelta(days=7)), (2026, 11, 22, 23, 59), (2026, 11, 16), (2026, 11, 23)),
    ],
)
def test_periods(job, now, period, following):
    """2026-11-16 is a Monday."""
    assert job.period(datetime(*now, tzinfo=UTC)) == datetime(*period, tzinfo=UTC)
    assert job.following(datetime(*now, tzinfo=UTC)) == datetime(*following, tzinfo=UTC)


@pytest.mark.django_db
def test_a_job_is_done_once_a_period_and_says_what_it_did():
    done = []
    assert once(DAILY, lambda: done.append(1) or "1 thing")
    assert not once(DAILY, lambda: done.append(2) or "2 things")
    assert done == [1]
    assert once(OFTEN, lambda: "")
    tick = Tick.objects.last_of_each()["tests-daily"]
    assert (tick.state, tick.note, tick.attempts) == ("done", "1 thing", 1)


@pytest.mark.django_db
def test_what_failed_is_tried_three_times_and_no_more():
    def broken():
        raise ValueError("no such thing")

    for _ in range(3):
        with pytest.raises(ValueError, match="no such thing"):
            once(DAILY, broken)
    assert not once(DAILY, broken)
    tick = Tick.objects.get()
    assert (tick.state, tick.note, tick.attempts) == ("failed", "ValueError: no such thing", 3)


@pytest.mark.django_db
def test_a_job_left_by_somebody_who_is_gone_is_taken_over_and_the_late_one_writes_nothing():
    def overtaken():
        Tick.objects.update(started_at=timezone.now() - DAILY.lease - timedelta(seconds=1))
        assert once(DAILY, lambda: "the second")
        return "the first"

    assert once(DAILY, overtaken)
    tick = Tick.objects.get()
    assert (tick.state, tick.note, tick.attempts) == ("done", "the second", 2)


@pytest.mark.django_db(transaction=True)
def test_of_many_clocks_at_once_one_does_it():
    done = []

    def ring(number):
        try:
            return once(DAILY, lambda: done.append(number) or "")
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(ring, range(16))) == 1
    assert len(done) == 1


@pytest.mark.django_db
def test_old_rows_are_forgotten_those_of_frequent_jobs_sooner():
    now = timezone.now()
    for job, days in (("tests-daily", 91), ("tests-daily", 89), ("tests-often", 2), ("tests-often", 0)):
        at = now - timedelta(days=days)
        Tick.objects.create(job=job, period=at, state="done", started_at=at, ended_at=at)
    assert forget([DAILY, OFTEN]) == 2
    assert [(tick.job, (now - tick.period).days) for tick in Tick.objects.all()] == [
        ("tests-often", 0),
        ("tests-daily", 89),
    ]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ([{"ended_at": timezone.now()}], "tick_ended_unless_running"),
        ([{"state": "done"}], "tick_ended_unless_running"),
        ([{}, {}], "tick_once_per_job_and_period"),
    ],
)
def test_what_the_database_refuses(rows, sentence):
    with pytest.raises(IntegrityError, match=sentence):
        for row in rows:
            now = timezone.now()
            Tick.objects.create(job="x", period=datetime(2026, 1, 1, tzinfo=UTC), started_at=now, **row)
