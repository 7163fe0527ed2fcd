"""Keeps the leases of what this process hears, so that a dead worker's hearings are free within a minute, and
what its calls took up before the provider as well."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.conf import settings
from django.db import DatabaseError, connection
from django.utils import timezone

from panel import limiter
from panel.models import Hearing

log = logging.getLogger(__name__)


def lease_from(now: datetime) -> datetime:
    return now + timedelta(seconds=settings.PANEL_LEASE_SECONDS)


class Keeper:
    """One thread a process, which sleeps while nothing is being heard.

    A provider may take minutes, and a lease as long as its deadline would leave a killed worker's hearings
    lying for as long. So leases are short and renewed; a worker that is killed renews nothing.
    """

    def __init__(self) -> None:
        self._held: set[tuple[int, int]] = set()  # hearing id and fence: one may be claimed anew meanwhile
        self._busy = threading.Condition()
        self._thread: threading.Thread | None = None

    @contextmanager
    def holding(self, hearing: Hearing) -> Iterator[None]:
        with self._busy:
            self._held.add((hearing.pk, hearing.fence))
            if self._thread is None:
                self._thread = threading.Thread(target=self._renew_for_ever, name="leases", daemon=True)
                self._thread.start()
            self._busy.notify()
        try:
            yield
        finally:
            with self._busy:
                self._held.discard((hearing.pk, hearing.fence))

    def _renew_for_ever(self) -> None:
        pause = threading.Event()
        while True:
            with self._busy:
                self._busy.wait_for(lambda: bool(self._held))
            pause.wait(settings.PANEL_LEASE_SECONDS / 4)
            with self._busy:
                held = set(self._held)
            self._renew(held)
            limiter.renew()

    def _renew(self, held: set[tuple[int, int]]) -> None:
        try:
            for pk, fence in held:
                Hearing.objects.filter(pk=pk, fence=fence, state=Hearing.State.RUNNING).update(
                    lease_until=lease_from(timezone.now())
                )
        except DatabaseError as error:
            log.warning("Leases could not be renewed (%s).", type(error).__name__)
        finally:
            connection.close()  # this thread would keep one for ever


keeper = Keeper()
