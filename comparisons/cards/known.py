"""What the site has of labs and cards, as a catalogue's importer needs it to find the right card."""

from __future__ import annotations

from collections import defaultdict

from comparisons.cards.importing.models_dev import Known
from comparisons.cards.models import Card, Lab, Offer


def known_cards() -> Known:
    """Labs, cards written by hand and the offers that lead to them; three queries."""
    # isnull, not exclude(): most cards have no source for their name, and NOT NULL is not true in SQL.
    cards = Card.objects.filter(sources__name__derived__isnull=True)
    homes: dict[tuple[str, str], set[str]] = defaultdict(set)
    offers = Offer.objects.filter(card__sources__name__derived__isnull=True).order_by()
    for provider, model_id, slug in offers.values_list("provider", "model_id", "card__slug"):
        homes[provider, model_id].add(slug)
    return Known(
        labs=dict(Lab.objects.values_list("slug", "name")),
        hand_written=frozenset(cards.values_list("slug", flat=True)),
        homes={key: frozenset(slugs) for key, slugs in homes.items()},
    )
