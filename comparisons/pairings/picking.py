"""Two models by name: what a reader typed, which cards it means, and what it may have meant."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from comparisons.cards.listing import exactly, near
from comparisons.cards.models import Card
from comparisons.pairings.models import in_order

MEANT = 5  # suggestions offered beside a field


@dataclass(frozen=True, slots=True)
class Side:
    """One field of the picker."""

    field: str  # "a" or "b"
    typed: str = ""
    card: Card | None = None
    error: str = ""
    meant: tuple[Card, ...] = ()

    @property
    def offered(self) -> list[tuple[Card, str]]:
        """The suggestions, each with the slug that tells it from another one of its name."""
        names = Counter(card.name.casefold() for card in self.meant)
        return [(card, card.slug if names[card.name.casefold()] > 1 else "") for card in self.meant]

    @property
    def label(self) -> str:
        return "First model" if self.field == "a" else "Second model"


@dataclass(frozen=True, slots=True)
class Picking:
    a: Side
    b: Side

    @property
    def asked(self) -> bool:
        return bool(self.a.typed or self.b.typed)

    @property
    def slug(self) -> str:
        """The canonical slug of the comparison; "" while a side is not settled."""
        if not (self.a.card and self.b.card) or self.a.error or self.b.error:
            return ""
        left, right = in_order(self.a.card, self.b.card)
        return f"{left.slug}-vs-{right.slug}"


def pick(a: str | None, b: str | None) -> Picking:
    """What the two fields of the picker mean; None is a field nobody has filled in yet.

    Slugs and names count to the letter; for the rest near ones are suggested.
    """
    one, other = clean(a), clean(b)
    known = exactly(one, other)
    sides = [("a", one, a), ("b", other, b)]
    missed = [text for _, text, _ in sides if text and not _meant(text, known)]
    nearby = dict(zip(missed, near(*missed, limit=MEANT), strict=True))
    first, second = (
        _side(field, text, known, nearby.get(text, []), asked=given is not None)
        for field, text, given in sides
    )
    if first.card and second.card and first.card.pk == second.card.pk:
        second = Side("b", second.typed, second.card, "This is the same model as the first. Pick another.")
    return Picking(first, second)


def clean(text: str | None) -> str:
    return " ".join((text or "").replace("\x00", "").split())[:100]


def _meant(typed: str, known: list[Card]) -> list[Card]:
    by_slug = [card for card in known if card.slug == typed.lower()]
    return by_slug or [card for card in known if card.name.lower() == typed.lower()]


def _side(field: str, typed: str, known: list[Card], nearby: list[Card], *, asked: bool) -> Side:
    if not typed:
        return Side(field, error="Name a model." if asked else "")
    meant = _meant(typed, known)
    if len(meant) == 1:
        return Side(field, typed, meant[0])
    if meant:
        error = f"{len(meant)} models are called “{meant[0].name}”. Which one?"
        return Side(field, typed, error=error, meant=tuple(meant[:MEANT]))
    error = f"No model is called “{typed}”." + (" Did you mean one of these?" if nearby else "")
    return Side(field, typed, error=error, meant=tuple(nearby))
