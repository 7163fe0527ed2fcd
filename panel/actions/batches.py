"""Batches as rows: hearings put into them and taken out, money reserved and given back. Asks nobody."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import accumulate, takewhile
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from panel import doorbell
from panel.actions import receipts
from panel.actions.questions import question_of
from panel.actions.receipts import BudgetSpent, Entry, Receipt
from panel.costs import in_batch
from panel.models import MAX_ATTEMPTS, Attempt, Batch, Hearing, Judge, Run
from panel.providers import Provider
from panel.providers.batches import BatchDesk

BUSY = timedelta(minutes=3)  # longer than any one call takes
READING = timedelta(seconds=30)  # the same while lines are read, so that a dead reader is soon replaced
MOST_JOB_BYTES = 32_000_000  # what one request should carry; two thousand questions are half of it
NO_LINE = "No line came back for it."


def fill_batches(run: Run, judge: Judge, hearing_ids: Sequence[int]) -> None:
    """Takes these hearings out of the queue and into batches of the run. Within the caller's transaction."""
    free = (
        Hearing.objects.single()
        .filter(pk__in=hearing_ids, attempts__lt=MAX_ATTEMPTS)
        .order_by("pk")
        # A hearing that a worker is just claiming is the worker's.
        .select_for_update(skip_locked=True)
        .values_list("pk", flat=True)
    )
    ids, most = list(free), settings.PANEL_BATCH_REQUESTS
    for some in (ids[at : at + most] for at in range(0, len(ids), most)):
        batch = Batch.objects.create(run=run, judge=judge, requests=len(some))
        # As a claim does: whoever held it before is too late from here on.
        Hearing.objects.filter(pk__in=some).update(
            batch=batch, fence=F("fence") + 1, attempts=F("attempts") + 1, rung_at=None
        )


def take(batch_id: UUID) -> Batch | None:
    """The batch for this process alone, until `put_back` or for as long as BUSY; None when it is not free."""
    now = timezone.now()
    free = Batch.objects.open().idle(now).filter(pk=batch_id)
    if not free.update(busy_until=now + BUSY, polled_at=now):
        return None
    return Batch.objects.select_related("run", "judge").get(pk=batch_id)


def hold(batch: Batch) -> None:
    """Says that this process still reads it."""
    Batch.objects.open().filter(pk=batch.pk).update(busy_until=timezone.now() + READING)


def put_back(batch: Batch) -> None:
    Batch.objects.filter(pk=batch.pk).update(busy_until=None)


def waiting(batch: Batch) -> list[Hearing]:
    """Its questions that have no answer yet, as they are asked, in the order in which they are sent."""
    return list(
        Hearing.objects.filter(batch=batch, state=Hearing.State.QUEUED)
        .select_related("persona", "judge", "first", "second")
        .order_by("pk")
    )


def reserve(batch: Batch, provider: Provider, desk: BatchDesk) -> bool:
    """Opens a receipt for each of its questions, at half price; False when the day's money covers none.

    What does not fit, by money or by bytes, becomes a batch of its own that waits.
    """
    found = list(entries(batch, provider, desk))
    by_bytes = _fitting(MOST_JOB_BYTES, (len(entry.text) for entry in found))
    by_money = _fitting(receipts.room_usd(), (entry.reserved_usd for entry in found))
    fits = min(by_bytes, by_money)
    try:
        with transaction.atomic():
            if fits < len(found):
                _part(batch, found[fits:], short_of_money=by_money < by_bytes)
            if fits:
                _open(batch, provider, found[:fits])
    except BudgetSpent:  # others were quicker; what is left is seen at the next look
        return False
    if by_money < by_bytes:
        Run.objects.filter(pk=batch.run_id, state=Run.State.RUNNING).update(state=Run.State.PAUSED_BUDGET)
    return bool(fits)


def _open(batch: Batch, provider: Provider, asked: Sequence[Entry]) -> None:
    reserved = sum((entry.reserved_usd for entry in asked), Decimal(0))
    # Whoever comes second finds it reserved and reserves nothing.
    unreserved = Batch.objects.filter(pk=batch.pk, state=Batch.State.PREPARING, reserved_at__isnull=True)
    if unreserved.update(
        reserved_at=timezone.now(),
        reserved_usd=reserved,
        requests=len(asked),
        host=provider.host,
        last_error="",
    ):
        receipts.open_receipts(batch, provider, asked)


def _part(batch: Batch, rest: Sequence[Entry], *, short_of_money: bool) -> None:
    """The rest of a batch, as one of its own; a batch of which nothing fits stays what it is."""
    why = f"Waits for money: the daily budget of {settings.PANEL_DAILY_BUDGET_USD} USD is spent."
    said = {"wanted_usd": rest[0].reserved_usd, "last_error": why} if short_of_money else {}
    if len(rest) == Hearing.objects.filter(batch=batch, state=Hearing.State.QUEUED).count():
        Batch.objects.filter(pk=batch.pk).update(**said)
        return
    other = Batch.objects.create(run=batch.run, judge=batch.judge, requests=len(rest), **said)
    Hearing.objects.filter(
        pk__in=[entry.hearing.pk for entry in rest], batch=batch, state=Hearing.State.QUEUED
    ).update(batch=other)


def open_receipts_of(batch: Batch) -> dict[int, Receipt]:
    """By hearing; what is closed is settled for good."""
    found = Attempt.objects.filter(batch=batch, outcome=Attempt.Outcome.OPEN).defer("raw_request")
    return {receipt.hearing_id: receipt for receipt in found}


def still_in(batch: Batch, hearing: Hearing) -> bool:
    """Locks the hearing for this transaction and says whether the batch still has to answer for it."""
    held = Hearing.objects.select_for_update().filter(
        pk=hearing.pk, batch=batch, fence=hearing.fence, state=Hearing.State.QUEUED
    )
    return held.exists()


def free(batch: Batch, hearing: Hearing, why: str, *, counted_as: str = "released") -> None:
    """To the queue of single calls, as if it had not been asked. Within the caller's transaction."""
    freed = Hearing.objects.filter(
        pk=hearing.pk, batch=batch, fence=hearing.fence, state=Hearing.State.QUEUED
    ).update(
        batch=None,
        attempts=F("attempts") - 1,
        not_before=timezone.now(),
        rung_at=None,
        last_error=why[:500],
    )
    if freed:
        Batch.objects.filter(pk=batch.pk).update(**{counted_as: F(counted_as) + 1})


def end(batch: Batch, state: Batch.State, why: str = "", *, charged: bool = False) -> None:
    """Gives back every question that has no answer, and closes the batch. `charged`: they may be on the bill.

    Question by question, so that a crash on the way is taken up where it happened.
    """
    opened, freed = open_receipts_of(batch), []
    said = why or NO_LINE
    for hearing in waiting(batch):
        with transaction.atomic():
            if not still_in(batch, hearing):
                continue
            receipt = opened.get(hearing.pk)
            if receipt is not None:
                cost = receipt.reserved_usd if charged else Decimal(0)
                receipts.close_unasked(receipt, said, cost_usd=cost)
            free(batch, hearing, said)
            freed.append(hearing.pk)
    Batch.objects.open().filter(pk=batch.pk).update(
        state=state, ended_at=timezone.now(), busy_until=None, last_error=why[:500]
    )
    doorbell.ring(freed)


def due(now: datetime) -> list[UUID]:
    """Open batches that nobody looked at for a while, the longest first."""
    pause = timedelta(seconds=settings.PANEL_BATCH_POLL_SECONDS * 0.7)  # two beats are not to ask twice
    rested = Batch.objects.open().idle(now).exclude(polled_at__gt=now - pause)
    return list(rested.order_by(F("polled_at").asc(nulls_first=True)).values_list("pk", flat=True))


def entries(batch: Batch, provider: Provider, desk: BatchDesk) -> Iterator[Entry]:
    """What is asked in it; the same bytes whenever it is asked for."""
    for hearing in waiting(batch):
        question = question_of(hearing)
        reserved = in_batch(provider.reserve_usd(question))
        yield Entry(hearing, question, desk.entry(question, hearing.cache_key), reserved)


def _fitting(room: Decimal | int, sizes: Iterable[Decimal | int]) -> int:
    """How many of the first fit."""
    return sum(1 for _ in takewhile(lambda total: total <= room, accumulate(sizes)))
