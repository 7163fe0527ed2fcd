"""Receipts and money: written before each call, closed after it."""

from __future__ import annotations

import hashlib
import zlib
from datetime import UTC, date, datetime
from decimal import Decimal

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from panel.costs import PRICE_TABLE
from panel.models import Attempt, Hearing, Run, Spend
from panel.providers import Answer, Provider, ProviderError, Question

Receipt = Attempt


class BudgetSpent(Exception):
    """The day's money does not cover one more call."""


def open_receipt(
    hearing: Hearing, provider: Provider, question: Question, *, run: Run | None, repair: bool
) -> Receipt:
    """Reserves the call's money and writes its receipt, in one transaction. Raises BudgetSpent."""
    reserved = provider.reserve_usd(question)
    with transaction.atomic():
        if reserved:
            _reserve(reserved)
        return Attempt.objects.create(
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


def close_answered(receipt: Receipt, provider: Provider, answer: Answer, *, complaint: str = "") -> None:
    """`complaint` says why the answer could not be used, "" when it was."""
    _close(
        receipt,
        provider.cost_usd(answer),
        outcome=Attempt.Outcome.REFUSED if complaint else Attempt.Outcome.ANSWERED,
        error_class="UnusableReply" if complaint else "",
        error=complaint[:500],
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


@transaction.atomic
def _close(receipt: Receipt, cost: Decimal, **columns: object) -> None:
    closed = Attempt.objects.filter(pk=receipt.pk, outcome=Attempt.Outcome.OPEN).update(
        closed_at=timezone.now(), cost_usd=cost, **columns
    )
    if closed and receipt.reserved_usd:
        Spend.objects.filter(day=_day(receipt.opened_at)).update(
            reserved_usd=F("reserved_usd") - receipt.reserved_usd, spent_usd=F("spent_usd") + cost
        )


def _reserve(amount: Decimal) -> None:
    """One conditional update decides: of many callers at the edge of the budget only those that fit pass."""
    today = _day(timezone.now())
    Spend.objects.get_or_create(day=today)
    fits = Spend.objects.filter(
        day=today,
        reserved_usd__lte=settings.PANEL_DAILY_BUDGET_USD - F("spent_usd") - amount,
    ).update(reserved_usd=F("reserved_usd") + amount)
    if not fits:
        raise BudgetSpent(f"The daily budget of {settings.PANEL_DAILY_BUDGET_USD} USD is spent.")


def _day(moment: datetime) -> date:
    return moment.astimezone(UTC).date()
