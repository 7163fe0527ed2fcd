"""Which offer is a card's reference price. Pure, and the same for every format."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import TypedDict

from comparisons.cards.facts import PriceBasis
from comparisons.cards.records import OfferRecord


class ReferencePrice(TypedDict, total=False):
    """The price fields of `Facts`."""

    price_in: Decimal | None
    price_out: Decimal | None
    price_cached: Decimal | None
    price_provider: str
    price_basis: PriceBasis


def reference_price(offers: Iterable[OfferRecord]) -> ReferencePrice:
    """The lab's own price, the cheapest of several; where it sells none, the cheapest anybody asks.

    A price of zero is a trial, a subscription or a promotion, so it counts only where the lab itself
    offers nothing else. Cheap is what input and output cost together: no mix of the two is everybody's.
    """
    priced = [offer for offer in offers if offer.price_in is not None and offer.price_out is not None]
    paid = [offer for offer in priced if _total(offer)]
    own = [offer for offer in paid if offer.first_party] or [offer for offer in priced if offer.first_party]
    if not (own or paid):
        return {}
    best = min(own or paid, key=lambda offer: (_total(offer), offer.provider, offer.model_id))
    return {
        "price_in": best.price_in,
        "price_out": best.price_out,
        "price_cached": best.price_cached,
        "price_provider": best.provider,
        "price_basis": "first_party" if own else "cheapest_offer",
    }


def _total(offer: OfferRecord) -> Decimal:
    return (offer.price_in or Decimal(0)) + (offer.price_out or Decimal(0))
