"""A card's facts as words for sentences. Unknown facts have no words; free text is stripped and cut."""

from __future__ import annotations

import calendar
from decimal import ROUND_CEILING, Decimal

from comparisons.cards.facts import Facts
from panel.personas.readings import CLASS_WORDS, DATE, WAYS, number, usd
from panel.plaintext import plain

TOKENS_A_LINE = 10  # of source code, a common rule of thumb
MONTH_IN, MONTH_OUT = 30, 10  # million tokens: the workload behind {bill}
BYTES_AT_FOUR_BITS = Decimal("0.5")  # a parameter, weights alone

MEDIA = {"pdf": "PDF", "image": "images"}


def fills_of(facts: Facts) -> dict[str, str]:
    """Placeholders of a persona's sentences, those of them that this card can fill."""
    command = next((way.command for way in facts.run if way.command), "")
    found = {
        "name": name_of(facts),
        "lab": plain(facts.lab)[:60] or "its lab",
        "category": plain(facts.category)[:60].lower() or "general",
        "license": plain(facts.license)[:60] or CLASS_WORDS.get(facts.license_class, ""),
        "context": _amount(facts.context_tokens),
        "lines": _amount(
            _two_figures(facts.context_tokens // TOKENS_A_LINE) if facts.context_tokens else None
        ),
        "output": _amount(facts.output_tokens),
        "params": _amount(facts.params_total_b),
        "active": _amount(facts.params_active_b),
        "memory": _amount(_memory(facts.params_total_b)),
        "release": month_words(facts.release_date),
        "cutoff": month_words(facts.knowledge_cutoff),
        "ways": joined(
            [WAYS.get(kind) or plain(kind)[:30] for kind in dict.fromkeys(w.kind for w in facts.run)]
        ),
        "command": plain(command)[:60],
        "languages": _amount(facts.programming_languages),
        "inputs": joined([MEDIA.get(kind) or plain(kind)[:20] for kind in facts.modalities_in]),
        "features": joined([plain(feature)[:40] for feature in facts.features[:4]]),
        "provider": plain(facts.price_provider)[:40],
        **_prices(facts.price_in, facts.price_out),
    }
    return {key: value for key, value in found.items() if value}


def name_of(facts: Facts) -> str:
    return plain(facts.name)[:80].rstrip() or "this model"


def month_words(date: str) -> str:
    """“May 2024” for 2024-05-29 and 2024-05, “2024” for 2024, nothing for no date."""
    if not DATE.fullmatch(date):
        return ""
    year, month = date[:4], int(date[5:7] or 0)
    return f"{calendar.month_name[month]} {year}" if 1 <= month <= 12 else year


def joined(words: list[str], last: str = "and") -> str:
    words = [word for word in words if word]
    return f"{', '.join(words[:-1])} {last} {words[-1]}" if len(words) > 1 else "".join(words)


def _amount(value: Decimal | int | None) -> str:
    return "" if value is None else number(value)


def _memory(size: Decimal | None) -> Decimal | None:
    """GB that the weights alone take at four bits."""
    if size is None:
        return None
    return (Decimal(size) * BYTES_AT_FOUR_BITS).to_integral_value(ROUND_CEILING)


def _two_figures(count: int) -> int:
    """12,345 becomes 12,000: a rule of thumb carries no more."""
    return round(count, 2 - len(str(count))) if count >= 100 else count


def _prices(price_in: Decimal | None, price_out: Decimal | None) -> dict[str, str]:
    words = {
        "price_in": "" if price_in is None else usd(price_in),
        "price_out": "" if price_out is None else usd(price_out),
    }
    if price_in and price_out:
        month = MONTH_IN * price_in + MONTH_OUT * price_out
        ratio = (price_out / price_in).quantize(Decimal("0.1"))
        words |= {"bill": usd(month), "bill_tenfold": usd(month / 10), "ratio": number(ratio)}
    return words
