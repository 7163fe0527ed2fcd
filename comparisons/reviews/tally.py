"""What a bench adds up to. Pure: the same scores give the same verdict, and mirrored sides mirror it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from statistics import mean, median
from typing import Literal

FORMULA_VERSION = "1"
QUORUM = 3  # reviewers who scored, of four
WIN_BY = 3  # a reviewer prefers a side whose score is more than this many points ahead
GAP = 2  # reviewers more on one side than on the other
CLEAR_MEDIAN = 5
LEAN_MEDIAN = 2
CLEAR_SHIP_POINTS = 50  # percentage points of ship % that decide on their own

Outcome = Literal["clear", "lean", "toss_up", "split", "none"]
Side = Literal["left", "right", ""]
Choice = Literal["left", "right", "toss_up"]
# How a call begins, wherever it is told; after the first two the name of their side follows.
CALLS = {
    "clear": "Clearly",
    "lean": "Lean",
    "toss_up": "Toss-up",
    "split": "Split decision",
    "none": "No verdict",
}


def called(outcome: str, side: str, left: str, right: str) -> str:
    """A call in words: "Lean Alder", "Toss-up"."""
    name = {"left": left, "right": right}.get(side, "")
    return f"{CALLS[outcome]} {name}".strip()


@dataclass(frozen=True, slots=True)
class CardTally:
    """One card before its bench. Scores are 0–100."""

    ships: int
    n: int
    score: float | None  # the median
    mean: float | None

    @property
    def skips(self) -> int:
        return self.n - self.ships

    @property
    def ship_share(self) -> Fraction:
        return Fraction(self.ships, self.n) if self.n else Fraction(0)

    @property
    def has_quorum(self) -> bool:
        return self.n >= QUORUM

    @property
    def call(self) -> Literal["ship", "skip", "split", "none"]:
        """The panel on this card alone."""
        if not self.has_quorum:
            return "none"
        if 2 * self.ships == self.n:
            return "split"
        return "ship" if 2 * self.ships > self.n else "skip"


@dataclass(frozen=True, slots=True)
class Tally:
    left: CardTally
    right: CardTally
    outcome: Outcome
    side: Side
    wins_left: int
    wins_right: int
    median_difference: float | None  # left minus right, over reviewers who scored both


def tally_card(scores: Mapping[str, int | None], ships: Mapping[str, bool]) -> CardTally:
    """`scores` and `ships` by reviewer; an abstention is None and counts nowhere."""
    given = [score for score in scores.values() if score is not None]
    shipped = sum(ships[reviewer] for reviewer, score in scores.items() if score is not None)
    return CardTally(
        ships=shipped,
        n=len(given),
        score=float(median(given)) if given else None,
        mean=float(mean(given)) if given else None,
    )


def tally(
    left_scores: Mapping[str, int | None],
    right_scores: Mapping[str, int | None],
    left_ships: Mapping[str, bool],
    right_ships: Mapping[str, bool],
    picks: Mapping[str, Choice],
) -> Tally:
    """The verdict of one pairing. A reviewer's pick stands in for their score difference where given."""
    left = tally_card(left_scores, left_ships)
    right = tally_card(right_scores, right_ships)
    differences = {
        reviewer: score - other
        for reviewer, score in left_scores.items()
        if score is not None and (other := right_scores.get(reviewer)) is not None
    }
    if not (left.has_quorum and right.has_quorum and len(differences) >= QUORUM):
        return Tally(left, right, "none", "", 0, 0, None)
    preferred = {
        reviewer: picks.get(reviewer) or _by_score(difference) for reviewer, difference in differences.items()
    }
    wins_left = sum(choice == "left" for choice in preferred.values())
    wins_right = sum(choice == "right" for choice in preferred.values())
    middle = float(median(differences.values()))
    outcome, side = _decide(wins_left - wins_right, middle, left.ship_share - right.ship_share)
    return Tally(left, right, outcome, side, wins_left, wins_right, middle)


def _by_score(difference: int) -> Choice:
    if difference > WIN_BY:
        return "left"
    return "right" if difference < -WIN_BY else "toss_up"


def _decide(gap: int, middle: float, share: Fraction) -> tuple[Outcome, Side]:
    """`gap`, `middle` and `share` are left minus right, so the right side is the same rule negated."""
    for_left = _strength(gap, middle, share)
    for_right = _strength(-gap, -middle, -share)
    if for_left and for_right:
        return "split", ""
    if for_left:
        return for_left, "left"
    return (for_right, "right") if for_right else ("toss_up", "")


def _strength(gap: int, middle: float, share: Fraction) -> Literal["clear", "lean"] | None:
    if (gap >= GAP and middle >= CLEAR_MEDIAN) or share * 100 >= CLEAR_SHIP_POINTS:
        return "clear"
    return "lean" if gap >= GAP and middle >= LEAN_MEDIAN else None
