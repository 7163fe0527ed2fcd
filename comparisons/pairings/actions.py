"""Changing pairings."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction

from comparisons.cards.models import Card
from comparisons.pairings.models import Pairing, in_order


@transaction.atomic
def feature(pairs: Iterable[tuple[str, str]]) -> tuple[int, list[str]]:
    """Marks pairings of two card slugs as featured, making them where needed; (how many, slugs unknown).

    What was featured and is not named any more keeps its page and loses the mark.
    """
    pairs = list(pairs)
    cards = Card.objects.in_bulk({slug for pair in pairs for slug in pair}, field_name="slug")
    unknown = sorted({slug for pair in pairs for slug in pair} - cards.keys())
    ordered = [
        in_order(cards[one], cards[other])
        for one, other in pairs
        if one != other and one in cards and other in cards
    ]
    Pairing.objects.bulk_create(
        [Pairing(left=left, right=right, slug=f"{left.slug}-vs-{right.slug}") for left, right in ordered],
        ignore_conflicts=True,
    )
    slugs = [f"{left.slug}-vs-{right.slug}" for left, right in ordered]
    Pairing.objects.filter(featured=True).exclude(slug__in=slugs).update(featured=False)
    Pairing.objects.filter(slug__in=slugs, featured=False).update(featured=True)
    return len(slugs), unknown
