"""How figures are written for readers: one place, so that a price looks the same on every page."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()

UNKNOWN = "unknown"
# Not strftime: a partial date has no day, and the server's language is not the page's.
MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


@register.filter
def usd(amount: Decimal | None) -> str:
    """US dollars, exact, with two decimals at least: 0.3 → "$0.30", 0.0375 → "$0.0375"."""
    if amount is None:
        return UNKNOWN
    plain = format(Decimal(amount).normalize(), "f")
    whole, _, decimals = plain.partition(".")
    return f"${int(whole):,}.{decimals.ljust(2, '0')}"


@register.filter
def tokens(count: int | None) -> str | SafeString:
    """A window in three significant digits, the exact number on hover: 128000 → "128K", 1048576 → "1.05M"."""
    if count is None:
        return UNKNOWN
    exact = f"{count:,} tokens"
    return format_html('<data value="{}" title="{}">{}</data>', count, exact, short_tokens(count))


@register.filter
def short_tokens(count: int | None) -> str:
    """The same without markup, for attributes and drawings."""
    if count is None:
        return UNKNOWN
    if count < 1_000:
        return str(count)
    thousands = _three_digits(Decimal(count) / 1_000)
    if thousands < 1_000:  # asked after rounding: 999,600 is a million
        return f"{_short(thousands)}K"
    return f"{_short(_three_digits(Decimal(count) / 1_000_000))}M"


@register.filter
def params(billions: Decimal | None) -> str:
    """Parameters from billions: 141 → "141B", 0.6 → "600M", 1040 → "1.04T"."""
    if billions is None:
        return UNKNOWN
    number = Decimal(billions)
    if number >= 1_000:
        return f"{_short(_three_digits(number / 1_000))}T"
    if number < 1:
        return f"{_short(_three_digits(number * 1_000))}M"
    return f"{_short(_three_digits(number))}B"


@register.filter
def count(number: int) -> str:
    """How many, in threes: 1437 → "1,437"."""
    return f"{number:,}"


@register.filter
def percent_n(part: int, n: int) -> str:
    """A share that never goes without its n: 3 of 4 → "75 % of 4"; nothing counted yet → "—"."""
    return f"{percent(part, n)} of {n:,}" if n else "—"


@register.filter
def percent(part: int, n: int) -> str:
    """The bare share, for places where n stands beside it anyway."""
    return f"{whole_percent(part, n)}\N{NO-BREAK SPACE}%" if n else "—"


def whole_percent(part: int, n: int) -> int:
    """A rounded share, half up; 0 of nothing. The one rule for pages, ballots and the API.

    Each on its own: percentages forced to add up to 100 give equal counts unequal numbers, and the counts
    stand beside them anyway.
    """
    return (200 * part + n) // (2 * n) if n else 0


@register.filter
def signed(number: Decimal | float | None) -> str:
    """A difference with its sign and a real minus: 4 → "+4", -2.5 → "−2.5", 0 → "0"."""
    if number is None:
        return UNKNOWN
    plain = _short(abs(Decimal(str(number))))
    if plain == "0":
        return plain
    return f"+{plain}" if number > 0 else f"−{plain}"


@register.filter
def points(number: Decimal | float | None) -> str:
    """A score or median without an idle decimal: 84.0 → "84", 78.5 → "78.5"."""
    return UNKNOWN if number is None else _short(Decimal(str(number)))


@register.filter
def partial_date(day: str) -> str:
    """A date as precise as its source: "2024-05-29" → "May 29, 2024", "2024-05" → "May 2024"."""
    if not day:
        return UNKNOWN
    year, *rest = day.split("-")
    if not all(part.isdigit() for part in (year, *rest)) or (rest and not 1 <= int(rest[0]) <= 12):
        return day
    if not rest:
        return year
    month = MONTHS[int(rest[0]) - 1]
    return f"{month} {int(rest[1])}, {year}" if len(rest) > 1 else f"{month} {year}"


@register.filter
def short_date(day: str) -> str:
    """The same for narrow columns: "September 2, 2025" → "Sep 2, 2025"."""
    written = partial_date(day)
    month, space, rest = written.partition(" ")
    return f"{month[:3]}{space}{rest}" if month in MONTHS else written


@register.filter
def day(moment: date) -> str:
    """Our own days and moments, which are in UTC: "Jul 2, 2026". A fifth of what Django's `date` costs."""
    return f"{MONTHS[moment.month - 1][:3]} {moment.day}, {moment.year}"


@register.filter
def long_day(moment: date) -> str:
    """The same with the month in full: "July 2, 2026"."""
    return f"{MONTHS[moment.month - 1]} {moment.day}, {moment.year}"


@register.filter
def iso(moment: date) -> str:
    """For machines: "2026-07-02" of a day, with the time of a moment."""
    return moment.isoformat()


@register.filter
def iso_day(moment: date) -> str:
    """For machines, without the time."""
    return f"{moment:%Y-%m-%d}"


def modalities(kinds: Iterable[str]) -> list[str]:
    """What a model reads or writes, as one writes it: cards say "pdf"."""
    return [kind.upper() if kind == "pdf" else kind for kind in kinds]


@register.filter
def yes_no(value: bool | None) -> str:
    """The third answer is an answer too."""
    return UNKNOWN if value is None else ("yes" if value else "no")


def _three_digits(number: Decimal) -> Decimal:
    if number >= 100:
        return number.quantize(Decimal(1), rounding=ROUND_HALF_EVEN)
    return number.quantize(Decimal("0.1") if number >= 10 else Decimal("0.01"), rounding=ROUND_HALF_EVEN)


def _short(number: Decimal) -> str:
    plain = format(number, "f")
    return plain.rstrip("0").rstrip(".") if "." in plain else plain
