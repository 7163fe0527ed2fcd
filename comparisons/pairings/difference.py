"""Two cards side by side: the decision table, with what differs and where it was read. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from operator import attrgetter

from django.utils.safestring import SafeString

from comparisons.pairings.cells import Cell, Row, Source, rows_html
from comparisons.pairings.prices import Line
from comparisons.pairings.rows import COMMERCIAL_WORDS, LICENSE_WORDS, ROWS, RowKind, Side
from comparisons.templatetags.figures import modalities, params, partial_date, usd, yes_no

__all__ = ["Cell", "Row", "Side", "Source", "Table", "compare"]

# 128,000 and 131,072 are one window written by two hands; only what is further apart is called a difference.
SAME_WINDOW = Decimal("1.05")
FOLD_FROM = 5  # lines; the long tail of offers is folded away
SHOWN = 4
# What sources say otherwise is kept as it was read; these are the units and words of the rows it stands in.
STATED: dict[str, Callable[[Decimal], str]] = {
    **dict.fromkeys(("context_tokens", "output_tokens"), lambda count: f"{count:,} tokens"),
    "params_total_b": lambda count: f"{params(count)} total",
    "params_active_b": lambda count: f"{params(count)} active",
    "price_in": lambda price: f"{usd(price)} in per 1M tokens",
    "price_out": lambda price: f"{usd(price)} out per 1M tokens",
}
DATES = ("release_date", "knowledge_cutoff")
CHOICES = {"commercial_use": COMMERCIAL_WORDS, "license_class": LICENSE_WORDS}
FIGURE = re.compile(r"[0-9]{1,15}(\.[0-9]{1,15})?")
DATE = re.compile(r"[0-9]{4}(-[0-9]{2}){0,2}")


@dataclass(frozen=True, slots=True)
class Table:
    rows: tuple[Row, ...]
    sources: tuple[Source, ...]

    @property
    def differing(self) -> int:
        return sum(row.differs for row in self.rows)

    @property
    def body(self) -> SafeString:
        return rows_html(self.rows)


class _Footnotes:
    """Numbers each source once, in the order of first mention, whichever side mentions it."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], Source] = {}

    def cite(self, told: Mapping[str, object] | None) -> Source | None:
        if not told:
            return None
        name, url, seen_on = (str(told.get(key) or "") for key in ("name", "url", "seen_on"))
        if not (name or url):
            return None
        if (found := self.kept.get((name, url))) is None:
            found = self.kept[name, url] = Source(
                number=len(self.kept) + 1,
                name=name or url,
                url=url if url.startswith(("https://", "http://")) else "",
                seen_on=partial_date(seen_on) if seen_on else "",
            )
        return found


def compare(left: Side, right: Side) -> Table:
    """The decision table. A row that few cards can fill is left out when neither side does."""
    notes = _Footnotes()
    rows = []
    for kind in ROWS:
        one, other = kind.lines(left), kind.lines(right)
        if kind.always or one or other:
            cells = (_cell(one, left, kind, notes), _cell(other, right, kind, notes))
            differs = bool(one and other) and not _same(kind, left, right, one, other)
            rows.append(Row(kind.key, kind.label, *cells, differs, kind.missing))
    return Table(tuple(rows), tuple(notes.kept.values()))


def _cell(lines: tuple[Line, ...], side: Side, kind: RowKind, notes: _Footnotes) -> Cell:
    shown, more = (lines[:SHOWN], lines[SHOWN:]) if len(lines) > FOLD_FROM else (lines, ())
    cited = [notes.cite(side.sources.get(name)) for name in kind.fields] if lines else []
    others = [
        (_plain(conflict), source)
        for conflict in side.conflicts
        if conflict.get("field") in kind.fields and (source := notes.cite(conflict)) is not None
    ]
    return Cell(shown, more, tuple(dict.fromkeys(source for source in cited if source)), tuple(others))


def _same(kind: RowKind, left: Side, right: Side, one: tuple[Line, ...], other: tuple[Line, ...]) -> bool:
    if kind.window:
        smaller, larger = sorted(attrgetter(kind.window)(side.facts) for side in (left, right))
        return bool(larger <= smaller * SAME_WINDOW)
    words, other_words = ([(line.text.casefold(), line.command) for line in lines] for lines in (one, other))
    return words == other_words


def _plain(conflict: Mapping[str, object]) -> str:
    """What another source says, as its row words it; a value that does not fit those words, as it came."""
    name, value = str(conflict.get("field")), conflict.get("value")
    if isinstance(value, bool):  # "yes" alone would not say to what
        return f"{name.replace('_', ' ')}: {yes_no(value)}"
    if isinstance(value, list):
        return ", ".join(modalities(map(str, value)))
    if name in STATED and FIGURE.fullmatch(words := str(value)):
        return STATED[name](Decimal(words))
    if isinstance(value, int):
        return f"{value:,}"
    if name in DATES and DATE.fullmatch(str(value)):
        return partial_date(str(value))
    return CHOICES.get(name, {}).get(str(value), str(value))
