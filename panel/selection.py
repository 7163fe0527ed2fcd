"""What an order to the panel is about: some pairings, named in words. Estimating it makes no pairing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from comparisons.cards.models import Card
from comparisons.pairings.models import Pairing, PairingQuerySet, in_order
from panel.actions.stale import awaiting

MOST_STALE = 1_000  # pairings of one order by hand


@dataclass(frozen=True, slots=True)
class Against:
    """One card against others. Raises SameCard where it is among them."""

    one: Card
    others: Sequence[Card]

    @property
    def scope(self) -> str:
        named = self.others[0].name if len(self.others) == 1 else f"{len(self.others)} others"
        return f"{self.one.name} vs {named}"

    def previewed(self) -> list[Pairing]:
        """Not saved: one that nobody convenes in the end is not to await a verdict either."""
        pairs = (in_order(self.one, other) for other in self.others)
        return [Pairing(left=left, right=right) for left, right in pairs]

    def kept(self) -> PairingQuerySet:
        made = [Pairing.objects.between(self.one, other).pk for other in self.others]
        return Pairing.objects.with_cards().filter(pk__in=made)


@dataclass(frozen=True, slots=True)
class Stale:
    """Everything that awaits a verdict."""

    scope: str = "what awaits a verdict"

    def previewed(self) -> list[Pairing]:
        return list(self.kept())

    def kept(self) -> PairingQuerySet:
        waiting = awaiting().order_by("pk").values_list("pk", flat=True)[:MOST_STALE]
        return Pairing.objects.with_cards().filter(pk__in=list(waiting))
