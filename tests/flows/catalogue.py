"""Cards of which everything is known, so that no reviewer abstains: `python -m tests.flows.catalogue 3`."""

from __future__ import annotations

import os
import sys
from itertools import combinations

import django


def fill_catalogue(cards: int, *, pairings: int | None = None) -> None:
    """So many cards, and the first so many pairings of them; None: all."""
    from comparisons.cards.actions import save_cards
    from comparisons.cards.facts import RunWay
    from comparisons.cards.models import Card
    from comparisons.pairings.models import Pairing
    from tests.factories.cards import make_record

    save_cards(
        [
            make_record(
                f"card-{number:04}",
                description=f"Card {number} takes text and answers in text. " * 8,
                best_for="batch work at night",
                license="MIT" if number % 2 else "Proprietary",
                license_class="permissive" if number % 2 else "proprietary",
                commercial_use="yes" if number % 2 else "conditional",
                open_weights=bool(number % 2),
                params_total_b=7 + number,
                params_active_b=7 + number,
                architecture="dense",
                context_tokens=8_000 * (1 + number % 32),
                features=("function calling", "structured output"),
                run=(RunWay("api"), RunWay("ollama")) if number % 2 else (RunWay("api"),),
                entry_price="free" if number % 2 else "$1 per 1M input tokens",
                pricing_note="No minimum.",
                price_in="0.5",
                price_out="1.5",
                hardware_note="One card with 24 GB.",
                knowledge_cutoff="2025-06",
                claims=("Twice as fast as the last one.",),
            )
            for number in range(cards)
        ]
    )
    made = list(Card.objects.order_by("slug"))
    chosen = list(combinations(sorted(made, key=lambda card: card.pk), 2))[:pairings]
    Pairing.objects.bulk_create(
        (Pairing(left=left, right=right, slug=f"{left.slug}-vs-{right.slug}") for left, right in chosen),
        batch_size=5_000,
    )


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "reviewsite.settings")
    django.setup()
    fill_catalogue(int(sys.argv[1]))
