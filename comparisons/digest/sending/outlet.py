"""One sender at a time, and none while the server is in trouble: one row, changed by conditional updates.

Two senders would do no harm, their claims exclude each other; but each would keep the rate for itself.
"""

from __future__ import annotations

import threading
import time
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db.models import F, Q
from django.utils import timezone

from comparisons.digest.models import Outlet

SHORTEST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=1)


def take(holder: UUID) -> bool:
    """Whether this sender may send now; taken again by the holder it is kept for longer."""
    now = timezone.now()
    Outlet.objects.bulk_create([Outlet()], ignore_conflicts=True)
    free = Outlet.objects.filter(Q(held_until__isnull=True) | Q(held_until__lt=now) | Q(holder=holder))
    open_ = free.filter(Q(paused_until__isnull=True) | Q(paused_until__lt=now))
    return open_.update(holder=holder, held_until=_lease(now)) == 1


def leave(holder: UUID) -> None:
    Outlet.objects.filter(holder=holder).update(holder=None, held_until=None)


def pause(words: str) -> None:
    """Each pause in a row is twice as long as the one before."""
    outlet = Outlet.objects.get()
    length = min(SHORTEST_PAUSE * 2**outlet.pauses, LONGEST_PAUSE)
    Outlet.objects.update(
        paused_until=timezone.now() + length, pauses=F("pauses") + 1, trouble=" ".join(words.split())[:300]
    )


def trouble_is_over() -> None:
    Outlet.objects.filter(pauses__gt=0).update(pauses=0, trouble="", paused_until=None)


def _lease(now: datetime) -> datetime:
    return now + timedelta(seconds=settings.DIGEST_LEASE_SECONDS)


class Pace:
    """At most so many a time, evenly, over all connections of this process."""

    def __init__(self, most: int, seconds: int) -> None:
        self._gap = seconds / max(1, most)
        self._next = time.monotonic()
        self._lock = threading.Lock()

    def turn(self, *, within: float | None = None) -> float | None:
        """Takes the next turn: seconds until it comes. None, and not taken, when that is not `within`."""
        with self._lock:
            now = time.monotonic()
            at = max(self._next, now)
            if within is not None and at - now > within:
                return None
            self._next = at + self._gap
            return at - now
