"""Bookmarking, taking back, and forgetting a visitor."""

from __future__ import annotations

from django.conf import settings
from django.db import transaction

from comparisons.bookmarks.models import Bookmark, visitor_key
from comparisons.cards.models import Card
from comparisons.pairings.models import Pairing
from comparisons.people.limits import Limit, count
from comparisons.people.visitor import Visitor

MOST = 300  # of one visitor: the list is one page, and nobody evaluates more


class TooMany(Exception):
    """This visitor's list is full, or their network too busy; the message is a sentence for them."""


def keep(
    *,
    visitor: Visitor,
    on: Card | Pairing,
    state: Bookmark.State,
    note: str | None = None,
    network: str = "",
) -> Bookmark:
    """Makes this the visitor's one bookmark on a card or a pairing. Raises TooMany.

    Without a note, one that is there stays. Two at once are one: the second changes the row of the first.
    Only what comes from a `network` is limited by its rate; taking back and forgetting never are.
    """
    if network and not count(Limit("bookmarks", *settings.BOOKMARKS_PER_NETWORK), network).allowed:
        raise TooMany("Your network has changed as many bookmarks as it may for now. Try again later.")
    kind = "card" if isinstance(on, Card) else "pairing"
    others = Bookmark.objects.of(visitor).exclude(**{kind: on})
    # Asked before, not locked: who clicks three hundred times at once may end up with a few more.
    if others.count() >= MOST:
        raise TooMany(f"That would be more than {MOST} bookmarks. Remove some first.")
    bookmark = Bookmark(visitor_key=visitor_key(visitor), state=state, note=note or "", **{kind: on})
    changed = ["state", "changed_at"] + ([] if note is None else ["note"])
    # In one transaction, or a button pressed in another tab could take the row away before it is read.
    with transaction.atomic():
        Bookmark.objects.bulk_create(
            [bookmark], update_conflicts=True, unique_fields=["visitor_key", kind], update_fields=changed
        )
        return Bookmark.objects.of(visitor).get(**{kind: on})


def take_back(*, visitor: Visitor, on: Card | Pairing) -> None:
    kind = "card" if isinstance(on, Card) else "pairing"
    Bookmark.objects.of(visitor).filter(**{kind: on}).delete()


def forget(visitor: Visitor) -> int:
    """Deletes all bookmarks of a visitor; says how many there were.

    Votes and counterpoints stay: once the cookie is gone, nothing leads from anybody to them.
    """
    deleted, _ = Bookmark.objects.of(visitor).delete()
    return deleted
