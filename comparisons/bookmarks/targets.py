"""What can be bookmarked, a card or a comparison, as addresses, forms and lists name it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from django.urls import reverse

from comparisons.bookmarks.models import Bookmark
from comparisons.cards.models import Card
from comparisons.pairings.addresses import NoSuchPairing, pairing_at
from comparisons.pairings.models import Pairing
from comparisons.pairings.page import told_apart

Kind = Literal["cards", "pairings"]


class NoSuchTarget(LookupError):
    """The slug names nothing that could be bookmarked; the message is a sentence for the reader."""


@dataclass(frozen=True, slots=True)
class Target:
    """A card or a pairing; the pairing is unsaved while nobody has acted on it."""

    on: Card | Pairing
    name: str

    @property
    def kind(self) -> Kind:
        return "cards" if isinstance(self.on, Card) else "pairings"

    @property
    def noun(self) -> str:
        return "model" if isinstance(self.on, Card) else "comparison"

    @property
    def key(self) -> tuple[int | None, int | None]:
        """(card id, pairing id), as a bookmark has them."""
        return (self.on.pk, None) if isinstance(self.on, Card) else (None, self.on.pk)

    @property
    def cards(self) -> tuple[Target, ...]:
        """The two models of a comparison, called as that page calls them; none of a model."""
        if isinstance(self.on, Card):
            return ()
        left, right = self.on.left, self.on.right
        return tuple(map(Target, (left, right), told_apart(left, right)))

    @property
    def slug(self) -> str:
        return self.on.slug

    @property
    def address(self) -> str:
        return self.on.get_absolute_url()

    @property
    def bookmark_address(self) -> str:
        return reverse(f"bookmark-{self.kind}", args=[self.slug])


@dataclass(frozen=True, slots=True)
class Kept:
    """A target with the visitor's bookmark on it, if there is one."""

    target: Target
    bookmark: Bookmark | None


Find = Callable[[str], Target]


def card_target(slug: str) -> Target:
    """Raises NoSuchTarget."""
    card = Card.objects.published().filter(slug=slug).first()
    if card is None:
        raise NoSuchTarget(f"There is no model “{slug}” in the catalog.")
    return of_card(card)


def pairing_target(slug: str) -> Target:
    """Raises NoSuchTarget."""
    try:
        return of_pairing(pairing_at(slug))
    except NoSuchPairing as reason:
        raise NoSuchTarget(str(reason)) from None


def of_card(card: Card) -> Target:
    return Target(card, card.name)


def of_pairing(pairing: Pairing) -> Target:
    return Target(pairing, " vs ".join(told_apart(pairing.left, pairing.right)))


def target_of(bookmark: Bookmark) -> Target:
    """What it is on; card, pairing, their cards and labs are to be loaded."""
    if bookmark.card is not None:
        return of_card(bookmark.card)
    assert bookmark.pairing is not None  # bookmark_is_on_a_card_or_a_pairing
    return of_pairing(bookmark.pairing)
