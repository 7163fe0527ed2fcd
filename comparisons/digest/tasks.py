"""What Celery calls. Both do no harm when called twice, or twice at once."""

from __future__ import annotations

from celery import shared_task
from celery.signals import worker_shutting_down

from comparisons.digest.sending import rounds
from comparisons.digest.sending.sender import ending
from comparisons.digest.timetable import POST
from comparisons.ticks.actions import once


@shared_task(name="digest.tick")
def tick() -> None:
    once(POST, rounds.tick)


@shared_task(name="digest.send")
def send() -> None:
    rounds.send()


@worker_shutting_down.connect
def finish_what_is_under_way(**_: object) -> None:
    """A deployment must not leave a mail whose fate nobody knows."""
    ending.set()
