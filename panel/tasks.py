"""What Celery calls. Every task takes an id, calls one action, and does no harm when called twice."""

from __future__ import annotations

from uuid import UUID

from celery import shared_task

from comparisons.cards.refresh import REFRESH, refresh
from comparisons.ticks.actions import once
from comparisons.ticks.clean_up import CLEAN_UP
from comparisons.ticks.clean_up import clean_up as clean_up_action
from panel.actions import hear as hearing_action
from panel.actions import poll as poll_action
from panel.actions import sweep as sweep_action
from panel.actions.stale import convene_stale
from panel.timetable import BATCHES, JOBS, STALE, SWEEP


@shared_task(name="panel.hear")
def hear(hearing_id: int) -> None:
    hearing_action.hear(hearing_id)


@shared_task(name="panel.sweep")
def sweep() -> None:
    once(SWEEP, sweep_action.sweep)


@shared_task(name="panel.poll_batches")
def poll_batches() -> None:
    once(BATCHES, poll_action.poll)


@shared_task(name="panel.work_on_batch")
def work_on_batch(batch_id: str) -> None:
    poll_action.work_on(UUID(batch_id))


@shared_task(name="panel.stale_verdicts")
def stale_verdicts() -> None:
    once(STALE, convene_stale)


@shared_task(name="panel.catalogue")
def catalogue() -> None:
    once(REFRESH, refresh)


@shared_task(name="panel.clean_up")
def clean_up() -> None:
    once(CLEAN_UP, lambda: clean_up_action(JOBS))
