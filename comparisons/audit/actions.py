"""Adding to the log: the one way rows get there, but for those that Django's admin writes (a trigger)."""

from __future__ import annotations

from typing import Any

from comparisons.audit.models import AuditEntry
from comparisons.people.models import User


def note(
    *, by: User | None, did: str, about: str = "", address: str = "", detail: dict[str, Any] | None = None
) -> AuditEntry:
    """Called inside the transaction of what was done, so that neither stands without the other."""
    return AuditEntry.objects.create(
        by=by, did=did[:120], about=about[:200], address=address[:300], detail=detail or {}
    )
