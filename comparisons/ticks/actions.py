"""Doing a job once a period, and forgetting old rows."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from django.db import connection
from django.utils import timezone

from comparisons.ticks.models import Tick
from comparisons.ticks.timetable import Job

log = logging.getLogger(__name__)

MOST_ATTEMPTS = 3
KEEP = timedelta(days=90)
KEEP_FREQUENT = timedelta(days=1)  # of what runs more than once an hour

# A row that is new, or failed and may be tried again, or left running by somebody who is gone.
_CLAIM = """
INSERT INTO comparisons_tick AS tick (job, period, state, attempts, started_at, note)
VALUES (%(job)s, %(period)s, 'running', 1, %(now)s, '')
ON CONFLICT (job, period) DO UPDATE
    SET state = 'running', attempts = tick.attempts + 1, started_at = excluded.started_at, ended_at = NULL
    WHERE tick.attempts < %(most)s
      AND (tick.state = 'failed' OR (tick.state = 'running' AND tick.started_at < %(silent)s))
RETURNING id, attempts
"""


def once(job: Job, work: Callable[[], str]) -> bool:
    """Does `work` unless this period's is done or being done; says whether it did.

    `work` returns a line for staff. What it raises is noted and raised again; the next ring of the same
    period tries once more, three times in all.
    """
    claimed = _claim(job)
    if claimed is None:
        return False
    pk, attempt = claimed
    try:
        note = work()
    except Exception as error:
        _end(pk, attempt, Tick.State.FAILED, f"{type(error).__name__}: {error}")
        raise
    _end(pk, attempt, Tick.State.DONE, note)
    return True


def _claim(job: Job) -> tuple[int, int] | None:
    now = timezone.now()
    values: dict[str, Any] = {"job": job.name, "period": job.period(now), "now": now, "most": MOST_ATTEMPTS}
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, values | {"silent": now - job.lease})
        found = cursor.fetchone()
    return None if found is None else (found[0], found[1])


def _end(pk: int, attempt: int, state: Tick.State, note: str) -> None:
    mine = Tick.objects.filter(pk=pk, attempts=attempt, state=Tick.State.RUNNING)
    if not mine.update(state=state, ended_at=timezone.now(), note=note[:300]):
        log.warning("tick %s was taken over by another attempt", pk)


def forget(jobs: Sequence[Job]) -> int:
    """Deletes rows that are too old to tell anybody anything; how many."""
    now = timezone.now()
    frequent = [job.name for job in jobs if job.every < timedelta(hours=1)]
    old = Tick.objects.filter(started_at__lt=now - KEEP)
    often = Tick.objects.filter(job__in=frequent, started_at__lt=now - KEEP_FREQUENT)
    return old.delete()[0] + often.delete()[0]
