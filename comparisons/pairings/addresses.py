"""From the slug in an address to the pairing it means, for forms that act on a pairing."""

from __future__ import annotations

from comparisons.cards.models import Card
from comparisons.pairings.models import Pairing, SameCard, card_slugs, in_order


class NoSuchPairing(LookupError):
    """The slug names no pairing of this catalogue; the message is a sentence for the reader."""


def pairing_at(slug: str) -> Pairing:
    """The pairing whose canonical slug this is, with its cards; unsaved while nobody has acted on it.

    Raises NoSuchPairing. A mirrored slug is refused instead of redirected: a browser that follows a redirect
    may drop what was posted, and "left" in the reader's address would be "right" in ours.
    """
    found = Pairing.objects.select_related("left__lab", "right__lab").filter(slug=slug).first()
    if found is not None:
        return found
    slugs = card_slugs(slug)
    if slugs is None:
        raise NoSuchPairing("A comparison's address is two models joined by “-vs-”.")
    cards = {card.slug: card for card in Card.objects.published().filter(slug__in=slugs)}
    missing = [name for name in slugs if name not in cards]
    if missing:
        raise NoSuchPairing(f"There is no model “{missing[0]}” in the catalogue.")
    try:
        left, right = in_order(*(cards[name] for name in slugs))
    except SameCard:
        raise NoSuchPairing("A model is not compared with itself.") from None
    canonical = f"{left.slug}-vs-{right.slug}"
    if canonical != slug:
        raise NoSuchPairing(f"This comparison lives at “{canonical}”; send it there.")
    return Pairing(left=left, right=right, slug=canonical)


def kept(pairing: Pairing) -> Pairing:
    """The same pairing with its row in the database: what an action hangs on."""
    return pairing if pairing.pk else Pairing.objects.between(pairing.left, pairing.right)
