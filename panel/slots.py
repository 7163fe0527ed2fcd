"""How many calls one worker process has under way at once, and what it lets go of meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import connection

from panel.providers import Provider

# A worker has more threads than slots: while all slots wait for the provider, the others claim, write the
# receipt, and stand ready. A slot that comes free is taken within a millisecond, instead of after the dozen
# milliseconds that keeping one answer and finding the next question take.
_slots = threading.BoundedSemaphore(settings.PANEL_CONCURRENCY)


@contextmanager
def slot(provider: Provider) -> Iterator[None]:
    """One call's turn. A judge that lives in this process needs none."""
    if not provider.host:
        yield
        return
    # Back to the pool: a call may take a minute, a hundred of them would need as many connections, and one
    # that a restart of the database tears meanwhile could not keep the answer.
    if not connection.in_atomic_block:
        connection.close()
    with _slots:
        yield
