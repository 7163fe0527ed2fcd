"""How a card scored over time: a line for each judge, because scores of two judges are never compared."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from statistics import median

from comparisons.cards.models import Card
from comparisons.reviews.models import SHIP_FROM, Review
from comparisons.reviews.tally import QUORUM
from comparisons.templatetags.figures import partial_date, points

NEWEST = 800  # reviews read: 200 states of a card before four reviewers
POINTS = 24  # shown of one judge
TOP, HEIGHT = 22, 110  # px
FROM, TO = 4, 92  # percent of the width
DATES, NUMBERS = 40, 10  # percent between two that can both be written, on a phone too


@dataclass(frozen=True, slots=True)
class Heard:
    """One score as it was given."""

    judge_key: str
    judge_label: str
    snapshot: int
    reviewer: str
    score: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Point:
    """The median of a judge's scores of one state of the card. `x` is percent, `y` px."""

    day: date
    score: float
    n: int
    x: float
    y: float
    dated: bool  # there is room to write its date
    numbered: bool  # and its score
    label_y: float  # its number stands where the line does not come from


@dataclass(frozen=True, slots=True)
class Line:
    judge_label: str
    points: tuple[Point, ...]
    text: str

    height = TOP + HEIGHT + 26
    foot = TOP + HEIGHT
    ship_y = TOP + HEIGHT * (100 - SHIP_FROM) / 100

    @property
    def steps(self) -> tuple[tuple[Point, Point], ...]:
        return tuple(zip(self.points, self.points[1:], strict=False))


def score_history(card: Card) -> tuple[Line, ...]:
    """In one query; judges with fewer than two states have no line."""
    rows = (
        Review.objects.filter(snapshot__card=card, score__isnull=False)
        .order_by("-heard_at", "-pk")
        .values_list("judge_key", "judge_label", "snapshot_id", "reviewer__slug", "score", "heard_at")[
            :NEWEST
        ]
    )
    return lines(
        Heard(key, label, snapshot, reviewer, score, at)
        for key, label, snapshot, reviewer, score, at in rows
        if score is not None
    )


def lines(newest_first: Iterable[Heard]) -> tuple[Line, ...]:
    """From scores, newest first; the judge heard last comes first."""
    judges: dict[str, dict[int, dict[str, Heard]]] = defaultdict(lambda: defaultdict(dict))
    for heard in newest_first:
        # A reviewer who scored the same state again is counted once, by the newer score.
        judges[heard.judge_key][heard.snapshot].setdefault(heard.reviewer, heard)
    drawn = (
        _line([list(bench.values()) for bench in benches.values() if len(bench) >= QUORUM])
        for benches in judges.values()
    )
    return tuple(line for line in drawn if line)


def _line(benches: Sequence[Sequence[Heard]]) -> Line | None:
    if len(benches) < 2:
        return None
    heard = sorted(
        ((max(each.at for each in bench), bench) for bench in benches[:POINTS]), key=lambda pair: pair[0]
    )
    first, last = heard[0][0], heard[-1][0]
    span = (last - first).total_seconds() or 1.0
    drawn: list[Point] = []
    written = numbered = -100.0
    for at, bench in heard:
        x = round(FROM + (TO - FROM) * (at - first).total_seconds() / span, 2)
        # The last date is always written, so the ones before leave it room.
        is_dated = at == last or min(x - written, TO - x) >= DATES
        is_numbered = at == last or min(x - numbered, TO - x) >= NUMBERS
        written, numbered = x if is_dated else written, x if is_numbered else numbered
        score = float(median(each.score for each in bench))
        y = round(TOP + HEIGHT * (100 - score) / 100, 1)
        above = not drawn or drawn[-1].score <= score
        label_y = y - 12 if above else y + 21
        drawn.append(Point(at.date(), score, len(bench), x, y, is_dated, is_numbered, label_y))
    label = heard[-1][1][0].judge_label
    said = ", ".join(f"{points(each.score)} on {_day(each.day)} (n = {each.n})" for each in drawn)
    return Line(label, tuple(drawn), f"Median score by {label}: {said}. A card ships from {SHIP_FROM}.")


def _day(day: date) -> str:
    return partial_date(day.isoformat())
