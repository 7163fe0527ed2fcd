"""The scores a reviewer gave, as a small bar chart. Pure: counts in, SVG numbers out; the template draws."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from comparisons.reviews.models import SHIP_FROM

BUCKET = 10  # points a bar; 100 belongs to the last
BUCKETS = 10
SLOT = 32  # px between two bars
WIDTH = 26  # px of a bar
HEIGHT = 72  # px of the tallest bar
TOP = 18  # px above it, for its number
LEAST = 2  # px of a bar that stands for anything at all


@dataclass(frozen=True, slots=True)
class Bar:
    low: int
    high: int
    count: int
    ships: bool  # every score in it is a ship
    x: int
    y: int
    height: int

    @property
    def middle(self) -> int:
        return self.x + WIDTH // 2

    @property
    def label_y(self) -> int:
        return self.y - 5


@dataclass(frozen=True, slots=True)
class Distribution:
    """How one reviewer scored before one judge."""

    judge_label: str
    bars: tuple[Bar, ...]
    n: int  # scores; abstentions are not among them
    mean: float
    ships: int
    abstained: int

    width = SLOT * BUCKETS
    height = TOP + HEIGHT + 24
    base = TOP + HEIGHT
    bar_width = WIDTH
    ship_x = SLOT * SHIP_FROM // BUCKET - (SLOT - WIDTH) // 2

    @property
    def ship_percent(self) -> int:
        return round(100 * self.ships / self.n)

    @property
    def in_words(self) -> str:
        """What the picture shows, for those who do not see it."""
        parts = [f"{bar.count} from {bar.low} to {bar.high}" for bar in self.bars if bar.count]
        return f"Scores given, n = {self.n}: {', '.join(parts)}. A score of {SHIP_FROM} and more is a ship."


def distribution(
    judge_label: str, counts: Mapping[int, int], *, total: int, ships: int, abstained: int
) -> Distribution | None:
    """`counts` by tens (0 for 0–9 … 10 for 100), `total` the sum of all scores; None without any."""
    n = sum(counts.values())
    if not n:
        return None
    merged = [counts.get(place, 0) for place in range(BUCKETS)]
    merged[-1] += counts.get(BUCKETS, 0)
    tallest = max(merged)
    return Distribution(
        judge_label=judge_label,
        bars=tuple(_bar(place, count, tallest) for place, count in enumerate(merged)),
        n=n,
        mean=total / n,
        ships=ships,
        abstained=abstained,
    )


def _bar(place: int, count: int, tallest: int) -> Bar:
    height = max(round(HEIGHT * count / tallest), LEAST) if count else 0
    low = place * BUCKET
    high = 100 if place == BUCKETS - 1 else low + BUCKET - 1
    return Bar(low, high, count, low >= SHIP_FROM, place * SLOT, TOP + HEIGHT - height, height)
