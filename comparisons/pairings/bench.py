"""The bench as readers see it: a seat per reviewer with both reviews and the pick, and who spoke. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.utils.safestring import SafeString

from comparisons.pairings.scorecard import review_html
from comparisons.reviews.models import Verdict
from comparisons.reviews.tally import WIN_BY

RULES = "rubric"
LETTER = {"left": "a", "right": "b"}
KEPT = 2_048  # reviews in memory, some 10 KB each
NUMBER_WORDS = {2: "two", 3: "three", 4: "four", 5: "five", 6: "six"}


@dataclass(frozen=True, slots=True, eq=False)  # compared as what it is, because its HTML is kept by it
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
    flagged: str
    receipts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Seated:
    """Who sits there."""

    slug: str
    name: str
    motto: str
    position: int
    questions: tuple[Mapping[str, str], ...]  # key and question, in the order asked


@dataclass(frozen=True, slots=True)
class Spoken:
    """One review and whose it is."""

    reviewer: Seated
    snapshot: int
    judge_key: str
    heard: Heard


@dataclass(frozen=True, slots=True)
class Seat:
    """One reviewer between the two cards."""

    reviewer: Seated
    a: Heard | None
    b: Heard | None
    pick: Picked | None
    prefers: str  # "a", "b" or "": the pick, or the scores where nobody asked for one
    dissents: bool
    decided: int = 0  # community votes that this reviewer's paragraph decided, as their voters say

    @property
    def reviews(self) -> SafeString:
        """Both columns as HTML."""
        name = self.reviewer.name
        return review_html(self.a, "a", name) + review_html(self.b, "b", name)

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
    wrote: str  # the rest of the sentence "Personas, not people: …"
    fell_back_from: str
    provisional: bool


def receipt_path(receipt: object) -> str:
    # Receipts belong to the panel, which this package may not know; the address is the contract.
    return f"/receipts/{receipt}/"


@lru_cache(maxsize=KEPT)
def spoken(record: str) -> Spoken:
    """One review from its JSON. A card's reviews stand on all its comparisons, and again whenever somebody
    votes; what is kept of them is kept by the very text they are made of, so it cannot be out of date."""
    told = json.loads(record)
    reviewer = told["reviewer"]
    who = {key: reviewer[key] for key in ("slug", "name", "motto", "position")}
    seated = Seated(**who, questions=tuple(reviewer["questions"]))
    return Spoken(seated, told["snapshot"], told["judge_key"], _heard(told, reviewer["questions"]))


def seats(
    verdict: Verdict,
    reviews: Iterable[Spoken],
    picks: Sequence[Mapping[str, Any]],
    decided: Mapping[str, int],
) -> tuple[Seat, ...]:
    """One seat per reviewer who said anything, in the panel's order."""
    left: dict[str, Heard] = {}
    right: dict[str, Heard] = {}
    reviewers: dict[str, Seated] = {}
    for review in reviews:
        side = left if review.snapshot == verdict.left_snapshot_id else right
        side[review.reviewer.slug] = review.heard
        reviewers[review.reviewer.slug] = review.reviewer
    picked = {pick["reviewer"]: pick for pick in picks}
    favored = LETTER.get(verdict.side, "")
    return tuple(
        _seat(
            reviewer, left.get(slug), right.get(slug), picked.get(slug), favored, decided=decided.get(slug, 0)
        )
        for slug, reviewer in sorted(reviewers.items(), key=lambda item: (item[1].position, item[0]))
    )


def who_spoke(verdict: Verdict, seated: Sequence[Seat]) -> WhoSpoke:
    reviewers = len(seated)
    labels = tuple(verdict.judge_labels)
    rule_based = set(verdict.judge_kinds) == {RULES}
    one_model = len(labels) == 1 and not rule_based and not verdict.provisional and reviewers > 1
    return WhoSpoke(
        labels=labels,
        rule_based=rule_based,
        lenses=f"one model, {NUMBER_WORDS.get(reviewers, reviewers)} lenses" if one_model else "",
        wrote=_wrote(set(verdict.judge_kinds), len(labels), seated),
        fell_back_from=verdict.fell_back_from,
        provisional=verdict.provisional,
    )


def _wrote(kinds: Set[str], labels: int, seated: Sequence[Seat]) -> str:
    """Whose words the reviews and picks are. An abstention is the rubric's: no model is asked for it."""
    heard = [review for seat in seated for review in (seat.a, seat.b) if review is not None]
    asked = any(review.score is not None for review in heard) or any(seat.pick for seat in seated)
    if kinds == {RULES} or not asked:
        return "rules wrote all that they say."
    if RULES in kinds:
        who = "language models" if len(kinds) > 2 else "a language model"
        return f"{who} and rules wrote what they say, each review under its own name."
    who = "language models" if labels > 1 else "a language model"
    if any(review.score is None for review in heard):
        return f"{who} wrote what they say; where one abstained, rules did."
    return f"{who} wrote all that they say."


def _seat(
    reviewer: Seated,
    left: Heard | None,
    right: Heard | None,
    pick: Mapping[str, Any] | None,
    favored: str,
    *,
    decided: int,
) -> Seat:
    prefers = LETTER.get(pick["choice"], "") if pick else _by_score(left, right)
    return Seat(
        reviewer=reviewer,
        a=left,
        b=right,
        pick=_picked(pick),
        prefers=prefers,
        dissents=bool(favored and prefers and prefers != favored),
        decided=decided,
    )


def _by_score(left: Heard | None, right: Heard | None) -> str:
    if left is None or right is None or left.score is None or right.score is None:
        return ""
    difference = left.score - right.score
    return "a" if difference > WIN_BY else "b" if difference < -WIN_BY else ""


def _heard(review: Mapping[str, Any], questions: Iterable[Mapping[str, str]]) -> Heard:
    said = review["answers"]
    asked = [(str(each["key"]), str(each["question"])) for each in questions]
    # An older review may answer a question that is no longer asked; its own key must do for a heading.
    gone = [(key, key.replace("_", " ").capitalize()) for key in said if key not in dict(asked)]
    answers = ((question, str(said.get(key, ""))) for key, question in asked + gone)
    return Heard(
        score=review["score"],
        ship=review["ship"],
        paragraph=review["paragraph"],
        answers=tuple((question, answer) for question, answer in answers if answer),
        points=tuple(review["points"]),
        flagged=review["flagged"],
        judge=review["judge"],
        heard_at=datetime.fromisoformat(review["heard_at"]),
        receipts=tuple(receipt_path(each) for each in review["receipts"]),
    )


def _picked(pick: Mapping[str, Any] | None) -> Picked | None:
    if pick is None:
        return None
    return Picked(
        letter=LETTER.get(pick["choice"], ""),
        why=pick["why"],
        changed_with_order=pick["changed_with_order"],
        flagged=pick["flagged"],
        receipts=tuple(receipt_path(each) for each in pick["receipts"]),
    )
