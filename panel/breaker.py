"""Stops asking a provider that is down, and finds out when it is back. A row, so that workers agree."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.utils import timezone

from panel.models import Breaker, BreakerEvent, Hearing
from panel.providers import Misconfigured, Provider, ProviderError

OPENS_AFTER = 5  # transient failures in a row
FIRST_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(minutes=10)
PROBE_TIME = timedelta(seconds=240)  # how long one probe keeps the others away

_CLOSED = "SELECT id, failures FROM panel_breaker WHERE provider = %s AND host = %s AND state = 'closed'"


class LeftAlone(ProviderError):
    """The breaker is open; nobody was asked."""

    retryable = True

    def __init__(self, breaker: Breaker, now: datetime) -> None:
        wait = (breaker.until - now).total_seconds() if breaker.until else 0.0
        super().__init__(f"{breaker.host} is left alone: {breaker.reason}", retry_after=max(wait, 1.0))


@dataclass(frozen=True, slots=True)
class Permit:
    """Leave to make one call. `breaker_id` is None for a judge that lives in this process."""

    breaker_id: int | None = None
    probe: bool = False  # the one call that finds out whether the host is back
    spotless: bool = True  # nothing had failed when the call was admitted


def admit(provider: Provider) -> Permit:
    """Raises LeftAlone while the host is to be left alone."""
    if not provider.host:
        return Permit()
    # Nearly always closed and asked before every call: a plain look first.
    with connection.cursor() as cursor:
        cursor.execute(_CLOSED, [provider.kind, provider.host])
        if closed := cursor.fetchone():
            return Permit(closed[0], spotless=closed[1] == 0)
    breaker, _ = Breaker.objects.get_or_create(provider=provider.kind, host=provider.host)
    if breaker.state == Breaker.State.CLOSED:
        return Permit(breaker.pk, spotless=breaker.failures == 0)
    now = timezone.now()
    if breaker.until is not None and breaker.until > now:
        raise LeftAlone(breaker, now)
    # Of all who find the pause over, one gets the row and becomes the probe; the rest wait for its answer.
    if not Breaker.objects.filter(pk=breaker.pk, until=breaker.until).update(until=now + PROBE_TIME):
        breaker.refresh_from_db()
        if breaker.state != Breaker.State.CLOSED:
            raise LeftAlone(breaker, now)
        return Permit(breaker.pk, spotless=breaker.failures == 0)
    return Permit(breaker.pk, probe=True, spotless=False)


def report_success(permit: Permit) -> None:
    """Any answer closes the breaker and forgets the failures; who was told to wait need not any longer."""
    if permit.breaker_id is None or permit.spotless:
        return
    with transaction.atomic():
        row = Breaker.objects.select_for_update().get(pk=permit.breaker_id)
        if row.state != Breaker.State.CLOSED:
            BreakerEvent.objects.create(breaker=row, state=Breaker.State.CLOSED, reason="It answers again.")
            _call_back(row)
        row.state, row.until, row.reason = Breaker.State.CLOSED, None, ""
        row.failures = row.openings = 0
        row.save()


def _call_back(row: Breaker) -> None:
    """Whoever came while the probe was under way was told to wait for as long as one may take."""
    now = timezone.now()
    Hearing.objects.filter(
        state=Hearing.State.QUEUED,
        judge__kind=row.provider,
        not_before__gt=now,
        last_error__startswith=f"{LeftAlone.__name__}:",
    ).update(not_before=now, rung_at=None)


def give_back(permit: Permit) -> None:
    """The probe found nothing out, perhaps because nobody was asked: the next caller is the probe."""
    if permit.probe and permit.breaker_id is not None:
        still_open = Breaker.objects.filter(pk=permit.breaker_id).exclude(state=Breaker.State.CLOSED)
        still_open.update(until=timezone.now())


def report_failure(permit: Permit, error: ProviderError) -> None:
    """Counts a transient failure; a wrong key opens at once; anything else says nothing about the host."""
    wrong_key = isinstance(error, Misconfigured)
    if permit.breaker_id is None or not (error.transient or wrong_key):
        give_back(permit)
        return
    with transaction.atomic():
        row = Breaker.objects.select_for_update().get(pk=permit.breaker_id)
        row.failures += 1
        closed = row.state == Breaker.State.CLOSED
        # Calls that were under way when it opened fail later; only the probe may lengthen the pause.
        if permit.probe or (closed and (wrong_key or row.failures >= OPENS_AFTER)):
            row.openings += 1
            row.state = Breaker.State.MISCONFIGURED if wrong_key else Breaker.State.OPEN
            row.until, row.reason = timezone.now() + pause_after(row.openings), str(error)[:300]
            BreakerEvent.objects.create(breaker=row, state=row.state, reason=row.reason)
        row.save()


def pause_after(openings: int) -> timedelta:
    """How long a host is left alone the n-th time in a row (1 is the first)."""
    return min(FIRST_PAUSE * (1 << min(openings - 1, 10)), LONGEST_PAUSE)
