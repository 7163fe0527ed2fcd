"""Cells of the decision table, and their HTML. Pure.

A page has forty cells, most of one line and without notes. They are written here because Django's engine
asks each of them all its questions at run time and takes 1.7 ms; this takes 0.1. Every value is escaped where
it is put in: tests/pairings/test_written_html.py gives each a hostile one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape

from django.utils.safestring import SafeString, mark_safe

from comparisons.pairings.prices import Line
from comparisons.templatetags.figures import UNKNOWN


@dataclass(frozen=True, slots=True)
class Source:
    """Where facts were read; `number` is its footnote under the table."""

    number: int
    name: str
    url: str  # "" when there is none that a reader could follow
    seen_on: str  # in words; "" when nobody noted it


@dataclass(frozen=True, slots=True)
class Cell:
    """One side of one row. No lines means that nobody told us."""

    lines: tuple[Line, ...] = ()
    more: tuple[Line, ...] = ()  # folded away
    sources: tuple[Source, ...] = ()
    others: tuple[tuple[str, Source], ...] = ()  # what other sources say instead

    @property
    def unknown(self) -> bool:
        return not self.lines

    @property
    def as_fact(self) -> SafeString:
        """What the card's own page says of it; what others report stands there in a list of its own."""
        lines = self._told(UNKNOWN)
        disagree = '<a class="disagree small" href="#disagree">sources disagree</a>' if self.others else ""
        return mark_safe(f"{lines}{self._more}{disagree}")  # noqa: S308  # escaped below

    def beside(self, letter: str, missing: str) -> str:
        """One of two, under its side's letter, which shows on phones only."""
        others = "".join(
            f'<p class="other">also reported: {escape(value)} ({escape(source.name)})</p>'
            for value, source in self.others
        )
        return (
            f'<td role="cell" class="side-{letter}">'
            f'<span class="mark" aria-hidden="true">{letter.upper()}</span>'
            f"<div>{self._told(missing)}{self._more}{others}</div></td>"
        )

    def _told(self, missing: str) -> str:
        """The footnotes stand at the first line: further ones are offers, each with a link of its own."""
        if not self.lines:
            return f'<span class="unknown">{escape(missing)}</span>{self._refs}'
        return f"{_line(self.lines[0])}{self._refs}{_lines(self.lines[1:])}"

    @property
    def _more(self) -> str:
        if not self.more:
            return ""
        return f"<details><summary>{len(self.more)} more</summary>{_lines(self.more)}</details>"

    @property
    def _refs(self) -> str:
        if not self.sources:
            return ""
        links = "".join(
            f'<a href="#source-{each.number}"><span class="unseen">source </span>{each.number}</a>'
            for each in self.sources
        )
        return f'<span class="refs">{links}</span>'


@dataclass(frozen=True, slots=True)
class Row:
    key: str
    label: str
    left: Cell
    right: Cell
    differs: bool  # both sides known, and not the same
    missing: str = UNKNOWN


def rows_html(rows: Iterable[Row]) -> SafeString:
    """The body of the decision table. The roles repeat what the elements are, because the style sheet lays
    rows out as a grid on phones and some browsers then forget that they were a table."""
    return mark_safe("\n".join(map(_row, rows)))  # noqa: S308  # escaped value by value


def _row(row: Row) -> str:
    mark, word = (
        (' class="differs"', ' <span class="differs-word">differs</span>') if row.differs else ("", "")
    )
    return (
        f'<tr role="row"{mark}><th role="rowheader" scope="row">{escape(row.label)}{word}</th>'
        f"{row.left.beside('a', row.missing)}{row.right.beside('b', row.missing)}</tr>"
    )


def _lines(lines: Iterable[Line]) -> str:
    return "".join(map(_line, lines))


def _line(line: Line) -> str:
    """No space at either end: a footnote must not part from its word."""
    command = note = ""
    if line.command:
        copied = escape(line.command)
        command = (
            f' <span class="runs"><code class="command">{copied}</code><button class="copy needs-js" '
            f'type="button" data-copy="{copied}" aria-label="Copy {copied}">Copy</button></span>'
        )
    if line.note:
        words = escape(line.note)
        if line.url:
            words = f'<a href="{escape(line.url)}" rel="nofollow noopener">{words}</a>'
        note = f' <span class="line-note">{words}</span>'
    return f"<p>{escape(line.text)}{command}{note}</p>"
