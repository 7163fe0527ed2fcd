"""What one visitor has put aside, by state; and the same as a file to take along."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from comparisons.bookmarks.models import Bookmark
from comparisons.bookmarks.targets import Kept, Target, target_of
from comparisons.cards.models import Card
from comparisons.pairings.models import Pairing
from comparisons.people.visitor import Visitor


@dataclass(frozen=True, slots=True)
class Shelf:
    """The bookmarks in one state."""

    state: str
    label: str
    keeps: tuple[Kept, ...]


def bookmarks_of(visitor: Visitor | None) -> list[Kept]:
    """All of them, last changed first, in one query."""
    return [Kept(target_of(each), each) for each in Bookmark.objects.of(visitor).with_targets()]


def shelves(keeps: Iterable[Kept]) -> list[Shelf]:
    """Grouped by state in the order a model goes through them; empty ones are left out."""
    keeps = list(keeps)
    sorted_out = [
        Shelf(state.value, str(state.label), tuple(kept for kept in keeps if _state(kept) == state))
        for state in Bookmark.State
    ]
    return [shelf for shelf in sorted_out if shelf.keeps]


def keeps_beside(target: Target, visitor: Visitor | None) -> list[Kept]:
    """What can be bookmarked on the page of `target`: itself and, on a comparison, both its cards."""
    offered = (target, *target.cards)
    cards = [each.on.pk for each in offered if isinstance(each.on, Card)]
    pairings = [each.on.pk for each in offered if isinstance(each.on, Pairing)]  # None while it is unsaved
    found = Bookmark.objects.of(visitor).filter(Q(card__in=cards) | Q(pairing__in=pairings))
    own = {(bookmark.card_id, bookmark.pairing_id): bookmark for bookmark in found}
    return [Kept(each, own.get(each.key)) for each in offered]


def records(keeps: Iterable[Kept], *, site_url: str) -> list[dict[str, Any]]:
    """JSON values, times in ISO 8601."""
    return [
        {
            "kind": kept.target.noun,
            "name": kept.target.name,
            "address": f"{site_url}{kept.target.address}",
            "state": kept.bookmark.state,
            "note": kept.bookmark.note,
            "bookmarked_at": kept.bookmark.created_at.isoformat(timespec="seconds"),
            "changed_at": kept.bookmark.changed_at.isoformat(timespec="seconds"),
        }
        for kept in keeps
        if kept.bookmark is not None
    ]


def _state(kept: Kept) -> str:
    return kept.bookmark.state if kept.bookmark else ""
