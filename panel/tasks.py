"""What Celery calls. Every task takes an id, calls one action, and does no harm when called twice."""

from __future__ import annotations

from celery import shared_task

from panel.actions import hear as hearing_action
from panel.actions import poll as poll_action
from panel.actions import sweep as sweep_action


@shared_task(name="panel.hear")
def hear(hearing_id: int) -> None:
    hearing_action.hear(hearing_id)


@shared_task(name="panel.sweep")
def sweep() -> None:
    sweep_action.sweep()


@shared_task(name="panel.poll_batches")
def poll_batches() -> None:
    poll_action.poll()
