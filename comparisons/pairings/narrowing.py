"""Verdicts of certain cards: those of a lab, of a category, those a search means.

A verdict stands on one snapshot of each card, and a snapshot's card never changes. So which cards a verdict
is about is told by its own columns, which the indexes that lists are walked by hold as well: a list of a lab
walks its order on the index alone, and joins what a row shows to the rows of one page.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from comparisons.cards.models import Card, CardSnapshot
from comparisons.listing import Order
from comparisons.reviews.models import SNAPSHOTS, Verdict

FEW = 20  # cards that are told one by one
# Cards whose every verdict is looked at and sorted, which takes longer the more they are. A walk takes longer
# the fewer they are, for it meets them the more seldom: the two are even at about four cards of a thousand.
GATHERED = 3
GATHERED_OF_TWO = 12  # where a second filter makes a walk meet them still more seldom


@dataclass(frozen=True, slots=True)
class Meant:
    """The cards that one filter means, one by one where they are few."""

    cards: QuerySet[Card]
    few: tuple[int, ...] | None

    def gathered(self, *, most: int = GATHERED) -> bool:
        return self.few is not None and len(self.few) <= most


def meant(cards: QuerySet[Card]) -> Meant:
    found = tuple(cards.order_by().values_list("pk", flat=True)[: FEW + 1])
    return Meant(cards.order_by(), found if len(found) <= FEW else None)


def these(cards: Sequence[int]) -> Meant:
    return Meant(Card.objects.filter(pk__in=cards).order_by(), tuple(cards))


def of_cards(
    verdicts: QuerySet[Verdict], filters: Sequence[Meant], order: Order
) -> tuple[QuerySet[Verdict], Order]:
    """Verdicts with a card of each filter on either side, and the order to turn their pages in."""
    fewest = min(filters, key=lambda each: FEW + 1 if each.few is None else len(each.few))
    gathered = fewest.gathered(most=GATHERED if len(filters) == 1 else GATHERED_OF_TWO)
    # A list by name walks the pairings, which name their cards themselves.
    on = on_pairing if order.keys[0].field.startswith("pairing__") else on_verdict
    for each in filters:
        verdicts = verdicts.filter(on(each, gathered=gathered and each is fewest))
    return verdicts, order.hidden if gathered else order


def on_pairing(cards: Meant, *, gathered: bool, prefix: str = "pairing__") -> Q:
    """One of the cards on either side. `gathered`: told one by one, so that each is found by index."""
    return _either(f"{prefix}left", f"{prefix}right", cards.few if gathered else cards.cards)


def on_verdict(cards: Meant, *, gathered: bool) -> Q:
    """The same by the snapshots of the cards: a verdict may stand on an old one."""
    if not gathered:
        return _either(*SNAPSHOTS, CardSnapshot.objects.filter(card__in=cards.cards).order_by())
    taken = CardSnapshot.objects.filter(card__in=cards.few or ()).order_by()
    return _either(*SNAPSHOTS, list(taken.values_list("pk", flat=True)))


def _either(left: str, right: str, wanted: object) -> Q:
    return Q(**{f"{left}__in": wanted}) | Q(**{f"{right}__in": wanted})
