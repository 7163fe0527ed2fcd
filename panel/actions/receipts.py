"""Receipts and money: written before each call, closed after it."""

from __future__ import annotations

import hashlib
import zlib
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils import timezone

from panel.costs import PRICE_TABLE
from panel.models import Attempt, Hearing, Run
from panel.providers import Answer, Provider, ProviderError, Question

Receipt = Attempt


# Generated from the model, so that a new column needs no second thought here.
_COLUMNS = [str(field.column) for field in Attempt._meta.concrete_fields]
_NAMES, _PLACES = ", ".join(_COLUMNS), ", ".join(f"%({name})s" for name in _COLUMNS)
# Money and receipt in one statement: the day's row is every worker's, and two statements and a commit would
# hold it three round trips long. Of many callers at the edge of the budget only those that fit pass.
_RESERVE_AND_OPEN = f"""
WITH fits AS (
    INSERT INTO panel_spend AS spend (day, reserved_usd, spent_usd)
    SELECT %(day)s, %(reserved_usd)s, 0 WHERE %(reserved_usd)s <= %(budget)s
    ON CONFLICT (day) DO UPDATE SET reserved_usd = spend.reserved_usd + excluded.reserved_usd
    WHERE spend.reserved_usd + spend.spent_usd + excluded.reserved_usd <= %(budget)s
    RETURNING 1
)
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


class BudgetSpent(Exception):
    """The day's money does not cover one more call."""


def open_receipt(
    hearing: Hearing, provider: Provider, question: Question, *, run: Run | None, repair: bool
) -> Receipt:
    """Reserves the call's money and writes its receipt, in one transaction. Raises BudgetSpent."""
    reserved = provider.reserve_usd(question)
    receipt = Attempt(
        hearing=hearing,
        run=run,
        number=hearing.attempts,
        repair=repair,
        fence=hearing.fence,
        provider=provider.kind,
        host=provider.host,
        requested_model=provider.model,
        sdk_version=provider.sdk_version,
        seed=provider.settings().get("seed"),
        prompt_sha=hashlib.sha256(f"{question.system}\n\n{question.user}".encode()).hexdigest(),
        price_table=PRICE_TABLE if reserved else "",
        reserved_usd=reserved,
    )
    values = {str(field.column): field.pre_save(receipt, True) for field in Attempt._meta.concrete_fields}
    values |= {"day": _day(timezone.now()), "budget": settings.PANEL_DAILY_BUDGET_USD}
    if not _write(_RESERVE_AND_OPEN if reserved else _OPEN, values):
        raise BudgetSpent(f"The daily budget of {settings.PANEL_DAILY_BUDGET_USD} USD is spent.")
    return receipt


def close_answered(
    receipt: Receipt, provider: Provider, answer: Answer, *, refused: Exception | None = None
) -> None:
    """`refused` says why the answer could not be used, None when it was."""
    _close(
        receipt,
        provider.cost_usd(answer),
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
        provider.cost_usd(error),
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


def _close(receipt: Receipt, cost: Decimal, **columns: object) -> None:
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
