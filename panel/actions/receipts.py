"""Receipts and money: written before each call, closed after it."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from panel.costs import in_batch
from panel.models import Attempt, Batch, Hearing, Run, Spend
from panel.providers import Answer, Provider, ProviderError, Question
from panel.reply import UnusableReply

Receipt = Attempt


# Generated from the model, so that a new column needs no second thought here.
_COLUMNS = [str(field.column) for field in Attempt._meta.concrete_fields]
_NAMES, _PLACES = ", ".join(_COLUMNS), ", ".join(f"%({name})s" for name in _COLUMNS)
# Money and receipt in one statement: the day's row is every worker's, and two statements and a commit would
# hold it three round trips long. Of many callers at the edge of the budget only those that fit pass.
_RESERVE = """
    INSERT INTO panel_spend AS spend (day, reserved_usd, spent_usd)
    SELECT %(day)s, %(reserved_usd)s, 0 WHERE %(reserved_usd)s <= %(budget)s
    ON CONFLICT (day) DO UPDATE SET reserved_usd = spend.reserved_usd + excluded.reserved_usd
    WHERE spend.reserved_usd + spend.spent_usd + excluded.reserved_usd <= %(budget)s
    RETURNING 1
"""
_RESERVE_AND_OPEN = f"""
WITH fits AS ({_RESERVE})
INSERT INTO panel_attempt ({_NAMES}) SELECT {_PLACES} FROM fits
"""  # noqa: S608 - our own columns
_OPEN = f"INSERT INTO panel_attempt ({_NAMES}) VALUES ({_PLACES})"  # noqa: S608 - as above
_CLOSE = """
WITH closed AS (
    UPDATE panel_attempt SET {changes} WHERE id = %(receipt)s AND outcome = 'open' RETURNING 1
)
UPDATE panel_spend SET reserved_usd = reserved_usd - %(reserved)s, spent_usd = spent_usd + %(cost_usd)s
WHERE day = %(day)s AND %(reserved)s > 0 AND EXISTS (SELECT FROM closed)
"""

# One statement, as above; without money there is no day to look for.
_WITHDRAW = """
WITH unasked AS (DELETE FROM panel_attempt WHERE id = %(receipt)s AND outcome = 'open' RETURNING 1)
UPDATE panel_spend SET reserved_usd = reserved_usd - %(reserved)s
WHERE day = %(day)s AND %(reserved)s > 0 AND EXISTS (SELECT FROM unasked)
"""


class BudgetSpent(Exception):
    """The day's money does not cover one more call."""


def open_receipt(
    hearing: Hearing, provider: Provider, question: Question, *, run: Run | None, repair: bool
) -> Receipt:
    """Reserves the call's money and writes its receipt, in one transaction. Raises BudgetSpent."""
    reserved = provider.reserve_usd(question)
    receipt = _receipt(hearing, provider, question, run_id=run.pk if run else None, reserved=reserved)
    receipt.repair = repair
    values = {str(field.column): field.pre_save(receipt, True) for field in Attempt._meta.concrete_fields}
    # The receipt's own day, which it is closed on: another look at the clock may find midnight over.
    values |= {"day": _day(values["opened_at"]), "budget": settings.PANEL_DAILY_BUDGET_USD}
    if not _write(_RESERVE_AND_OPEN if reserved else _OPEN, values):
        raise BudgetSpent(f"The daily budget of {settings.PANEL_DAILY_BUDGET_USD} USD is spent.")
    return receipt


@dataclass(frozen=True, slots=True)
class Entry:
    """One question as it goes into a batch job."""

    hearing: Hearing
    question: Question
    text: bytes  # as it is sent
    reserved_usd: Decimal  # at the price of a batch


def room_usd() -> Decimal:
    """What today's budget still has for a reservation."""
    spend = Spend.objects.filter(day=_day(timezone.now())).first()
    charged = spend.reserved_usd + spend.spent_usd if spend else Decimal(0)
    return Decimal(settings.PANEL_DAILY_BUDGET_USD) - charged


@transaction.atomic
def open_receipts(batch: Batch, provider: Provider, entries: Sequence[Entry]) -> None:
    """The same for a whole batch: all of it or, with BudgetSpent, nothing."""
    receipts = [
        _receipt(entry.hearing, provider, entry.question, run_id=batch.run_id, reserved=entry.reserved_usd)
        for entry in entries
    ]
    for receipt, entry in zip(receipts, entries, strict=True):
        receipt.batch = batch
        receipt.raw_request = zlib.compress(entry.text)
    Attempt.objects.bulk_create(receipts, batch_size=500)
    # The money last: the day's row is every worker's. A batch opened at midnight may have two days.
    for day in sorted({_day(receipt.opened_at) for receipt in receipts}):
        usd = sum((r.reserved_usd for r in receipts if _day(r.opened_at) == day), Decimal(0))
        values = {"day": day, "reserved_usd": usd, "budget": settings.PANEL_DAILY_BUDGET_USD}
        if not _write(_RESERVE, values):
            raise BudgetSpent(f"The daily budget of {settings.PANEL_DAILY_BUDGET_USD} USD is spent.")


def _receipt(
    hearing: Hearing, provider: Provider, question: Question, *, run_id: UUID | None, reserved: Decimal
) -> Receipt:
    return Attempt(
        hearing=hearing,
        run_id=run_id,
        number=hearing.attempts,
        fence=hearing.fence,
        provider=provider.kind,
        host=provider.host,
        requested_model=provider.model,
        sdk_version=provider.sdk_version,
        seed=provider.settings().get("seed"),
        prompt_sha=hashlib.sha256(f"{question.system}\n\n{question.user}".encode()).hexdigest(),
        price_table=provider.price_table,
        reserved_usd=reserved,
    )


def unrepaired(hearing: Hearing) -> Receipt | None:
    """The receipt of an answer that did not fit its form, and whose repair got no answer yet."""
    told = Attempt.objects.filter(hearing=hearing).exclude(repair=True, outcome=Attempt.Outcome.FAILED)
    last = told.order_by("-opened_at").first()
    if last is None or last.repair or last.error_class != UnusableReply.__name__:
        return None
    return last


def repaired_by(repair: Receipt) -> Receipt | None:
    """The receipt of the answer that this call was to repair."""
    before = Attempt.objects.filter(hearing=repair.hearing_id, opened_at__lt=repair.opened_at)
    return before.filter(error_class=UnusableReply.__name__).order_by("-opened_at").first()


def close_answered(
    receipt: Receipt, provider: Provider, answer: Answer, *, refused: Exception | None = None
) -> None:
    """`refused` says why the answer could not be used, None when it was."""
    _close(
        receipt,
        _due(receipt, provider.cost_usd(answer)),
        outcome=Attempt.Outcome.REFUSED if refused else Attempt.Outcome.ANSWERED,
        error_class=type(refused).__name__ if refused else "",
        error=str(refused)[:500] if refused else "",
        served_model=answer.served_model[:120],
        http_status=answer.http_status,
        finish_reason=answer.finish_reason[:40],
        tokens_in=answer.tokens_in,
        tokens_out=answer.tokens_out,
        tokens_cached=answer.tokens_cached,
        latency_ms=answer.latency_ms,
        raw_request=zlib.compress(answer.raw_request),
        raw_response=zlib.compress(answer.raw_response),
    )


def close_failed(receipt: Receipt, provider: Provider, error: ProviderError) -> None:
    _close(
        receipt,
        _due(receipt, provider.cost_usd(error)),
        outcome=Attempt.Outcome.FAILED,
        error_class=type(error).__name__,
        error=str(error)[:500],
        http_status=error.http_status,
        tokens_in=error.tokens_in,
        tokens_out=error.tokens_out,
        latency_ms=error.latency_ms,
        raw_request=zlib.compress(error.raw_request),
        raw_response=zlib.compress(error.raw_response),
    )


def close_unasked(receipt: Receipt, why: str, *, cost_usd: Decimal = Decimal(0)) -> None:
    """No answer came of it in its batch; `cost_usd` where it may be on the bill all the same."""
    error_class = "Unanswered"
    _close(receipt, cost_usd, outcome=Attempt.Outcome.FAILED, error_class=error_class, error=why[:500])


def withdraw(receipt: Receipt) -> None:
    """Of a call that was never made there is no receipt, and its money is free again."""
    values = {"receipt": receipt.pk, "reserved": receipt.reserved_usd, "day": _day(receipt.opened_at)}
    _write(_WITHDRAW, values)


def _due(receipt: Receipt, usd: Decimal) -> Decimal:
    return in_batch(usd) if receipt.batch_id else usd


def _close(receipt: Receipt, cost: Decimal, **columns: object) -> None:
    if receipt.batch_id:  # what was sent is known since it was opened; when it was answered is not
        columns.pop("raw_request", None)
        columns.pop("latency_ms", None)
    closed = {"closed_at": timezone.now(), "cost_usd": cost, **columns}
    changes = ", ".join(f"{name} = %({name})s" for name in closed)
    _write(
        _CLOSE.format(changes=changes),
        closed | {"receipt": receipt.pk, "reserved": receipt.reserved_usd, "day": _day(receipt.opened_at)},
    )


def _write(statement: str, values: dict[str, Any]) -> bool:
    """Runs one statement that is a transaction of its own; whether it wrote a row."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return bool(cursor.rowcount)


def _day(moment: datetime) -> date:
    return moment.astimezone(UTC).date()
