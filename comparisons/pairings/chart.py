"""Score by reviewer, both cards, as a dumbbell: where everything stands, and the drawing itself. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from django.utils.safestring import SafeString, mark_safe

from comparisons.reviews.models import SHIP_FROM

ROW = 60  # px between two reviewers
TOP = 34  # px above the first line, for the scale
BASE = 40  # px from a row's top to its line; the name stands above the line
NEAR = 4  # points; on a phone marks closer than this would cover each other, so they step apart
STEP = 8  # px
LABEL = 15  # px between a mark and its number
TICKS = (0, 20, 40, 60, 80, 100)


@dataclass(frozen=True, slots=True)
class Mark:
    """One score. `x` is percent of the width, so that text keeps its size on every screen."""

    score: int
    x: int
    y: int
    dx: int  # px from the mark to its number
    anchor: str  # which end of the number stands there


@dataclass(frozen=True, slots=True)
class Bar:
    name: str
    y: int
    name_y: int
    a: Mark | None  # None: abstained
    b: Mark | None
    note: str  # said at the name when a side abstained


@dataclass(frozen=True, slots=True)
class Chart:
    bars: tuple[Bar, ...]
    height: int
    foot: int
    text: str  # the same in words

    @property
    def svg(self) -> SafeString:
        ticks = "".join(_tick_svg(tick, self.foot) for tick in TICKS)
        bars = "\n".join(map(_bar_svg, self.bars))
        return mark_safe(  # noqa: S308  # numbers, and names that are escaped
            f'<svg class="chart" width="100%" height="{self.height}" role="img"'
            ' aria-labelledby="chart-words">'
            f'<title id="chart-words">{escape(self.text)}</title>{ticks}\n{bars}</svg>'
        )


@dataclass(frozen=True, slots=True)
class Scored:
    name: str
    left: int | None
    right: int | None


def dumbbell(scores: Sequence[Scored], names: tuple[str, str]) -> Chart | None:
    """The picture, or nothing when nobody gave a score."""
    if not any(each.left is not None or each.right is not None for each in scores):
        return None
    bars = tuple(_bar(at, each) for at, each in enumerate(scores))
    foot = TOP + ROW * len(bars)
    return Chart(bars, height=foot + 8, foot=foot, text=_words(scores, names))


def _bar(at: int, scored: Scored) -> Bar:
    y = TOP + ROW * at + BASE
    left, right = scored.left, scored.right
    apart = STEP if left is not None and right is not None and abs(left - right) < NEAR else 0
    a_first = left is None or right is None or left <= right
    return Bar(
        name=scored.name,
        y=y,
        name_y=y - 26,
        a=None if left is None else _mark(left, y - apart, before=a_first and right is not None),
        b=None if right is None else _mark(right, y + apart, before=not a_first),
        note=_abstained(scored),
    )


def _mark(score: int, y: int, *, before: bool) -> Mark:
    """The number stands on the outer side of its mark."""
    return Mark(score, score, y, -LABEL if before else LABEL, "end" if before else "start")


def _abstained(scored: Scored) -> str:
    silent = [side for side, score in (("A", scored.left), ("B", scored.right)) if score is None]
    return f"abstained on {' and '.join(silent)}" if silent else ""


def _words(scores: Sequence[Scored], names: tuple[str, str]) -> str:
    said = "; ".join(
        f"{each.name}: {_score(each.left)} for {names[0]}, {_score(each.right)} for {names[1]}"
        for each in scores
    )
    return f"Score out of 100 by reviewer. {said}. A card ships from 60."


def _score(score: int | None) -> str:
    return "no score" if score is None else str(score)


def _tick_svg(at: int, foot: int) -> str:
    ship = " tick-ship" if at == SHIP_FROM else ""
    return (
        f'<line class="tick{ship}" x1="{at}%" x2="{at}%" y1="22" y2="{foot}"/>'
        f'<text class="tick-word" x="{at}%" y="13" text-anchor="middle">{at}</text>'
    )


def _bar_svg(bar: Bar) -> str:
    """The line goes under the marks. A round one is A, a square one B, as everywhere."""
    note = f' <tspan class="tick-word">{escape(bar.note)}</tspan>' if bar.note else ""
    parts = [f'<text class="bar-name" x="0" y="{bar.name_y}">{escape(bar.name)}{note}</text>']
    if bar.a and bar.b:
        parts.append(f'<line class="bar" x1="{bar.a.x}%" x2="{bar.b.x}%" y1="{bar.a.y}" y2="{bar.b.y}"/>')
    if bar.a:
        parts.append(f'<circle class="fill-a" cx="{bar.a.x}%" cy="{bar.a.y}" r="9"/>{_mark_svg("A", bar.a)}')
    if bar.b:
        parts.append(
            f'<svg x="{bar.b.x}%" y="{bar.b.y}" overflow="visible">'
            '<rect class="fill-b" x="-8.5" y="-8.5" width="17" height="17" rx="1"/></svg>'
            f"{_mark_svg('B', bar.b)}"
        )
    return "".join(parts)


def _mark_svg(letter: str, mark: Mark) -> str:
    return (
        f'<text class="mark-word" x="{mark.x}%" y="{mark.y}" dy="4" text-anchor="middle">{letter}</text>'
        f'<text class="score" x="{mark.x}%" dx="{mark.dx}" y="{mark.y}" dy="5"'
        f' text-anchor="{mark.anchor}">{mark.score}</text>'
    )
