"""Cursors of lists whose rows are named by UUIDs."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Model

from comparisons.listing import BadCursor, Key, words


def identifier(value: object) -> UUID:
    """Raises BadCursor."""
    try:
        return UUID(words(value))
    except ValueError:
        raise BadCursor from None


@dataclass(frozen=True, slots=True)
class UuidKey(Key):
    """A key whose value goes into a cursor as text."""

    def of(self, row: Model) -> str:
        return str(row.pk)
