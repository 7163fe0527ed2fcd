"""The lines of a finished job: each kept by itself, the way the answer to a single call is kept."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from panel import doorbell
from panel.actions import batches, receipts
from panel.actions.claims import keep
from panel.actions.questions import question_of
from panel.actions.receipts import Receipt
from panel.actions.replies import Quarantined, read
from panel.actions.settle import settle_after
from panel.costs import BATCH_SHARE
from panel.models import Batch, Hearing
from panel.providers import Answer, Provider, ProviderError
from panel.providers.answers import completion
from panel.providers.batches import BatchDesk, Job
from panel.providers.faults import fault, json_of, mapping
from panel.providers.wire import Exchange
from panel.reply import UnusableReply

log = logging.getLogger(__name__)

RENEWED_AFTER = 5.0  # seconds


@dataclass(slots=True)
class _Reading:
    batch: Batch
    provider: Provider
    waiting: dict[str, Hearing]  # by the name its line carries
    opened: dict[int, Receipt]
    freed: list[int] = field(default_factory=list)
    strays: int = 0  # broken, nobody's, or for a question that is answered


def read_lines(batch: Batch, provider: Provider, desk: BatchDesk, job: Job) -> None:
    """Keeps every line that answers a question still open. Raises ProviderError."""
    reading = _Reading(
        batch,
        provider,
        {hearing.cache_key: hearing for hearing in batches.waiting(batch)},
        batches.open_receipts_of(batch),
    )
    with desk.lines(job) as lines:
        held_at = 0.0
        for line in lines:
            if time.monotonic() - held_at > RENEWED_AFTER:
                batches.hold(batch)
                held_at = time.monotonic()
            if line.strip():
                _take(reading, line)
    doorbell.ring(reading.freed)
    if reading.strays:
        log.info("Batch %s: %s lines answer no open question.", batch.pk, reading.strays)


def _take(reading: _Reading, line: bytes) -> None:
    """One line, in a transaction of its own; the second line for a question finds nothing to do."""
    told = mapping(json_of(line))
    hearing = reading.waiting.pop(str(told.get("custom_id")), None)
    receipt = reading.opened.get(hearing.pk) if hearing is not None else None
    if hearing is None or receipt is None:
        reading.strays += 1
        return
    result = _result(reading.provider, told, line, receipt)
    with transaction.atomic():
        if not batches.still_in(reading.batch, hearing):
            return
        if isinstance(result, Answer):
            over = _keep(reading, hearing, receipt, result)
        else:
            receipts.close_failed(receipt, reading.provider, result)
            batches.free(reading.batch, hearing, f"{type(result).__name__}: {result}")
            over = False
    if over:
        settle_after(hearing.pk)
    else:
        reading.freed.append(hearing.pk)


def _keep(reading: _Reading, hearing: Hearing, receipt: Receipt, answer: Answer) -> bool:
    """Whether the hearing is over; an answer that does not fit its form is repaired by a single call."""
    question, provider = question_of(hearing), reading.provider
    try:
        reply = read(question, provider, answer, final=False)
    except UnusableReply as unusable:
        receipts.close_answered(receipt, provider, answer, refused=unusable)
        batches.free(reading.batch, hearing, unusable.complaint, counted_as="returned")
        return False
    except Quarantined as quarantined:
        receipts.close_answered(receipt, provider, answer, refused=quarantined)
        Hearing.objects.filter(pk=hearing.pk).update(
            state=Hearing.State.DEAD,
            batch=None,
            last_error=f"{type(quarantined).__name__}: {quarantined}"[:500],
            done_at=timezone.now(),
        )
    else:
        receipts.close_answered(receipt, provider, answer)
        keep(hearing, reply.record(), receipt_id=receipt.pk)
    Batch.objects.filter(pk=reading.batch.pk).update(returned=F("returned") + 1)
    return True


def _result(
    provider: Provider, told: Mapping[str, Any], line: bytes, receipt: Receipt
) -> Answer | ProviderError:
    """The line as if its answer had come over the wire by itself."""
    response = mapping(told.get("response"))
    status = response.get("status_code")
    error = told.get("error")
    body = response.get("body") if response.get("body") is not None else error
    seen = Exchange(
        seconds=0,
        sent=True,
        # A line with neither answer nor status says that the call failed, and not whose fault it was.
        status=status if isinstance(status, int) and 100 <= status < 600 else 500,
        body=body.encode() if isinstance(body, str) else json.dumps(body).encode(),
        response=line.strip(),
    )
    answer = completion(seen)
    if answer is not None:
        return answer
    return fault(provider.host, seen, reserved=receipt.reserved_usd / BATCH_SHARE)
