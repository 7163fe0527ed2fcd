"""Tells workers that there is work. Losing a ring loses nothing: the sweep rings again."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from celery import current_app
from django.utils import timezone
from kombu.exceptions import OperationalError

from panel.models import Hearing

log = logging.getLogger(__name__)


# Redis delivers again what nobody acknowledged in time, so what waits longer than this is left to the sweep.
LONGEST_DELAY = timedelta(minutes=1)


def ring(hearing_ids: Sequence[int], *, after: timedelta = timedelta(0)) -> None:
    """One Celery task a hearing. A broker that is gone is a line in the log, no error for the caller."""
    if not hearing_ids:
        return
    Hearing.objects.filter(pk__in=hearing_ids).update(rung_at=timezone.now())
    try:
        with current_app.producer_pool.acquire(block=True) as producer:
            for hearing_id in hearing_ids:
                # By name: the tasks module imports the actions that ring.
                current_app.send_task(
                    "panel.hear",
                    args=[hearing_id],
                    producer=producer,
                    countdown=after.total_seconds() or None,
                )
    except (OperationalError, OSError) as error:
        log.warning("The broker does not answer (%s); the sweep will ring again.", type(error).__name__)


def in_queue() -> int | None:
    """How many rings for hearings nobody took yet; None where the broker does not answer."""
    queue = current_app.conf.task_default_queue
    with current_app.producer_pool.acquire(block=True) as producer:
        line = producer.connection
        try:
            return int(line.default_channel.queue_declare(queue=queue, passive=True).message_count)
        except line.channel_errors:  # a queue that holds nothing does not exist in Redis
            return 0
        except (OperationalError, OSError, *line.connection_errors) as error:
            log.warning("The broker does not answer (%s); the sweep will ring again.", type(error).__name__)
            return None


def ring_for_batches(batch_ids: Sequence[UUID]) -> None:
    """Beat would see to them too, half a minute later."""
    try:
        for batch_id in batch_ids:
            current_app.send_task("panel.work_on_batch", args=[str(batch_id)])
    except (OperationalError, OSError) as error:
        log.warning("The broker does not answer (%s); beat will look after batches.", type(error).__name__)
