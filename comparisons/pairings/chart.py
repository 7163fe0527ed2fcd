"""Score by reviewer, both cards, as a dumbbell. Pure: scores in, SVG numbers out; the template draws."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

ROW = 54  # px between two reviewers
TOP = 34  # px above the first line, for the scale
BASE = 34  # px from a row's top to its line; the name stands above the line
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
    ticks: tuple[int, ...] = TICKS


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
        name_y=y - 20,
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
