"""The bench as readers see it: a seat per reviewer with both reviews and the pick, and who spoke. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from comparisons.reviews.models import Review, Reviewer, Verdict
from comparisons.reviews.tally import WIN_BY

LETTER = {"left": "a", "right": "b"}
NUMBER_WORDS = {2: "two", 3: "three", 4: "four", 5: "five", 6: "six"}


@dataclass(frozen=True, slots=True)
class Heard:
    """One review of one card, as its column shows it. `score` is None when the reviewer abstained."""

    score: int | None
    ship: bool
    paragraph: str
    answers: tuple[tuple[str, str], ...]  # (standing question, answer) in the order asked
    points: tuple[Mapping[str, Any], ...]  # rubric only: fact, points, because
    flagged: str
    judge: str
    heard_at: datetime
    receipts: tuple[str, ...]  # addresses


@dataclass(frozen=True, slots=True)
class Picked:
    letter: str  # "a", "b" or "" for a toss-up
    why: str
    changed_with_order: bool
    receipts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Seat:
    """One reviewer between the two cards."""

    reviewer: Reviewer
    a: Heard | None
    b: Heard | None
    pick: Picked | None
    prefers: str  # "a", "b" or "": the pick, or the scores where nobody asked for one
    dissents: bool
    decided: int = 0  # community votes that this reviewer's paragraph decided, as their voters say

    @property
    def sides(self) -> tuple[tuple[str, Heard | None], ...]:
        return (("a", self.a), ("b", self.b))

    @property
    def difference(self) -> int | None:
        """Points between the two scores, never negative."""
        if self.a is None or self.b is None or self.a.score is None or self.b.score is None:
            return None
        return abs(self.a.score - self.b.score)


@dataclass(frozen=True, slots=True)
class WhoSpoke:
    """What a reader must know of the instrument before trusting the scores."""

    labels: tuple[str, ...]
    rule_based: bool
    lenses: str  # "one model, four lenses", "" when several judges or no model spoke
    fell_back_from: str
    provisional: bool


def receipt_path(receipt: object) -> str:
    # Receipts belong to the panel, which this package may not know; the address is the contract.
    return f"/receipts/{receipt}/"


def seats(
    verdict: Verdict,
    reviews: Iterable[Review],
    picks: Sequence[Mapping[str, Any]],
    decided: Mapping[str, int],
) -> tuple[Seat, ...]:
    """One seat per reviewer who said anything, in the panel's order."""
    left: dict[str, Review] = {}
    right: dict[str, Review] = {}
    reviewers: dict[str, Reviewer] = {}
    for review in reviews:
        side = left if review.snapshot_id == verdict.left_snapshot_id else right
        side[review.reviewer_id] = review
        reviewers[review.reviewer_id] = review.reviewer
    picked = {pick["reviewer"]: pick for pick in picks}
    favored = LETTER.get(verdict.side, "")
    return tuple(
        _seat(
            reviewer, left.get(slug), right.get(slug), picked.get(slug), favored, decided=decided.get(slug, 0)
        )
        for slug, reviewer in sorted(reviewers.items(), key=lambda item: (item[1].position, item[0]))
    )


def who_spoke(verdict: Verdict, reviewers: int) -> WhoSpoke:
    labels = tuple(verdict.judge_labels)
    rule_based = set(verdict.judge_kinds) == {"rubric"}
    one_model = len(labels) == 1 and not rule_based and reviewers > 1
    return WhoSpoke(
        labels=labels,
        rule_based=rule_based,
        lenses=f"one model, {NUMBER_WORDS.get(reviewers, reviewers)} lenses" if one_model else "",
        fell_back_from=verdict.fell_back_from,
        provisional=verdict.provisional,
    )


def _seat(
    reviewer: Reviewer,
    left: Review | None,
    right: Review | None,
    pick: Mapping[str, Any] | None,
    favored: str,
    *,
    decided: int,
) -> Seat:
    prefers = LETTER.get(pick["choice"], "") if pick else _by_score(left, right)
    return Seat(
        reviewer=reviewer,
        a=_heard(left),
        b=_heard(right),
        pick=_picked(pick),
        prefers=prefers,
        dissents=bool(favored and prefers and prefers != favored),
        decided=decided,
    )


def _by_score(left: Review | None, right: Review | None) -> str:
    if left is None or right is None or left.score is None or right.score is None:
        return ""
    difference = left.score - right.score
    return "a" if difference > WIN_BY else "b" if difference < -WIN_BY else ""


def _heard(review: Review | None) -> Heard | None:
    if review is None:
        return None
    asked = [(str(each["key"]), str(each["question"])) for each in review.reviewer.questions]
    # An older review may answer a question that is no longer asked; its own key must do for a heading.
    gone = [(key, key.replace("_", " ").capitalize()) for key in review.answers if key not in dict(asked)]
    answers = ((question, str(review.answers.get(key, ""))) for key, question in asked + gone)
    return Heard(
        score=review.score,
        ship=review.ship,
        paragraph=review.paragraph,
        answers=tuple((question, said) for question, said in answers if said),
        points=tuple(review.points),
        flagged=review.flagged,
        judge=review.judge_label,
        heard_at=review.heard_at,
        receipts=tuple(receipt_path(each) for each in review.receipts),
    )


def _picked(pick: Mapping[str, Any] | None) -> Picked | None:
    if pick is None:
        return None
    return Picked(
        letter=LETTER.get(pick["choice"], ""),
        why=pick["why"],
        changed_with_order=pick["changed_with_order"],
        receipts=tuple(receipt_path(each) for each in pick["receipts"]),
    )
