"""Every way in: what it costs to use a model, line by line, with units and dates. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from comparisons.cards.facts import Facts
from comparisons.cards.providers import named
from comparisons.templatetags.figures import partial_date, usd


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a table cell: the words, a quiet note after them, a command to copy."""

    text: str
    note: str = ""
    command: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Offered:
    """One provider's price, USD per 1,000,000 tokens; None is unknown, 0 is free."""

    provider: str
    first_party: bool
    price_in: Decimal | None
    price_out: Decimal | None
    seen_on: str = ""  # YYYY-MM-DD
    url: str = ""


def ways_in(facts: Facts, offers: tuple[Offered, ...]) -> tuple[Line, ...]:
    """Entry price first, then offers as they are ordered, those that ask the same in one line, then what the
    card itself says on pricing."""
    lines = []
    if facts.entry_price:
        lines.append(Line(facts.entry_price[:1].upper() + facts.entry_price[1:], "entry price"))
    lines += _offers(offers)
    if not offers and (facts.price_in is not None or facts.price_out is not None):
        lines.append(Line(per_million(facts.price_in, facts.price_out), named(facts.price_provider)))
    if facts.pricing_note:
        lines.append(Line("", facts.pricing_note))
    return tuple(lines)


def per_million(price_in: Decimal | None, price_out: Decimal | None) -> str:
    """`$0.30 in / $0.90 out per 1M tokens`."""
    if price_in == 0 and price_out == 0:
        return "Free"
    return f"{usd(price_in)} in / {usd(price_out)} out per 1M tokens"


def _offers(offers: tuple[Offered, ...]) -> list[Line]:
    """One line for each price, with everybody who asks it by the same source on the same day."""
    asking: dict[tuple[str, str, str], list[str]] = {}
    for offer in offers:
        if offer.price_in is not None or offer.price_out is not None:
            url = offer.url if offer.url.startswith(("https://", "http://")) else ""
            who = f"{offer.provider} (its maker)" if offer.first_party else offer.provider
            said = (per_million(offer.price_in, offer.price_out), offer.seen_on, url)
            asking.setdefault(said, []).append(who)
    return [
        Line(price, ", ".join([*dict.fromkeys(who), *([partial_date(day)] if day else [])]), url=url)
        for (price, day, url), who in asking.items()
    ]
