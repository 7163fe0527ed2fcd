"""What an importer hands over: frozen records of cards and offers, complete and valid."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from comparisons.cards.facts import Facts

Outcome = Literal["created", "changed", "unchanged"]


@dataclass(frozen=True, slots=True)
class OfferRecord:
    """One provider's price as an importer read it; USD per 1,000,000 tokens."""

    provider: str
    model_id: str
    source_url: str
    seen_on: date
    provider_name: str = ""
    first_party: bool = False
    price_in: Decimal | None = None
    price_out: Decimal | None = None
    price_cached: Decimal | None = None
    context_tokens: int | None = None
    output_tokens: int | None = None

    @property
    def key(self) -> tuple[str, str]:
        return self.provider, self.model_id


@dataclass(frozen=True, slots=True)
class CardRecord:
    """A card as an importer read it, complete and valid.

    `catalogue` names somebody else's catalogue when the record was derived from one ("models.dev"): such
    a record adds to a card written by hand and never overrules it (see `merging`).
    """

    slug: str
    lab_slug: str
    facts: Facts
    sources: Mapping[str, Any]
    conflicts: tuple[Mapping[str, Any], ...] = ()
    offers: tuple[OfferRecord, ...] = ()
    lab_url: str = ""
    catalogue: str = ""
