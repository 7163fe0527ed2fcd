"""Cards for tests, made through the door that importers use, so that snapshots and hashes are real."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from comparisons.cards.actions import save_cards
from comparisons.cards.facts import Facts
from comparisons.cards.importing.reference_price import reference_price
from comparisons.cards.models import Card, Lab
from comparisons.cards.records import CardRecord, OfferRecord

SEEN_ON = date(2026, 7, 2)


def make_lab(slug: str = "example-lab", **columns: Any) -> Lab:
    """The lab, made or changed to have these columns."""
    columns.setdefault("name", slug.replace("-", " ").title())
    return Lab.objects.update_or_create(slug=slug, defaults=columns)[0]


def make_facts(**facts: Any) -> Facts:
    """A small hosted model; numbers may be given as text or whole numbers."""
    for name in ("params_total_b", "params_active_b", "price_in", "price_out", "price_cached"):
        if facts.get(name) is not None:
            facts[name] = Decimal(str(facts[name]))
    plain: dict[str, Any] = {
        "name": "Alpha", "lab": "Example Lab", "category": "General", "tagline": "A model for tests.",
        "context_tokens": 128_000, "output_tokens": 8_192, "modalities_in": ("text",),
        "modalities_out": ("text",), "release_date": "2026-01-15",
    }  # fmt: skip
    return Facts(**{**plain, **facts})


def make_offer(provider: str = "example", model_id: str = "alpha-1", **columns: Any) -> OfferRecord:
    """An offer in dollars for a million tokens; numbers may be given as text or whole numbers."""
    for name in ("price_in", "price_out", "price_cached"):
        if columns.get(name) is not None:
            columns[name] = Decimal(str(columns[name]))
    columns.setdefault("source_url", "https://example.org/prices")
    columns.setdefault("seen_on", SEEN_ON)
    return OfferRecord(provider=provider, model_id=model_id, **columns)


def make_record(
    slug: str = "alpha",
    *,
    lab: str = "example-lab",
    lab_name: str = "",
    sources: Mapping[str, Any] | None = None,
    conflicts: Iterable[Mapping[str, Any]] = (),
    offers: Iterable[OfferRecord] = (),
    catalogue: str = "",
    **facts: Any,
) -> CardRecord:
    """A record as an importer hands it over; with offers, the reference price follows from them."""
    offers = tuple(offers)
    facts.setdefault("name", slug.replace("-", " ").title())
    facts["lab"] = lab_name or lab.replace("-", " ").title()
    return CardRecord(
        slug=slug,
        lab_slug=lab,
        facts=make_facts(**{**reference_price(offers), **facts}),
        sources=sources or {},
        conflicts=tuple(conflicts),
        offers=offers,
        catalogue=catalogue,
    )


def make_card(slug: str = "alpha", **rest: Any) -> Card:
    """The saved card, with its lab and its snapshot; again with other facts, it has changed."""
    save_cards([make_record(slug, **rest)])
    return Card.objects.published().get(slug=slug)
