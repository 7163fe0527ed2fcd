"""Benches for tests, published through the door that the panel uses."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid5

from comparisons.pairings.models import Pairing
from comparisons.reviews.actions import publish_verdict
from comparisons.reviews.models import SHIP_FROM, Reviewer, Verdict
from comparisons.reviews.opinions import Choice, Opinion, PickOpinion, Spoken

BENCH = ("builder", "skeptic", "futurist", "founder")
PERSONA = "a" * 64
RECEIPTS = UUID("7d0f6a3e-5d1c-4d53-9a60-3d6c5f2f6a10")


def make_reviewers() -> list[Reviewer]:
    """The four seats, made once."""
    return [
        Reviewer.objects.get_or_create(
            slug=slug,
            defaults={
                "name": slug.capitalize(),
                "motto": f"The {slug}'s motto.",
                "position": position,
                "questions": [{"key": "first", "question": f"What does the {slug} ask first?"}],
                "persona_sha": PERSONA,
            },
        )[0]
        for position, slug in enumerate(BENCH, start=1)
    ]


def make_spoken(reviewer: str, question: str, *, judge: str = "rubric", label: str = "Rubric v1") -> Spoken:
    """Who spoke; the same question to the same judge always has the same receipt."""
    return Spoken(
        reviewer=reviewer,
        persona_sha=PERSONA,
        judge_key=sha256(f"{judge} {label}".encode()).hexdigest(),
        judge_kind=judge,
        judge_label=label,
        receipts=(uuid5(RECEIPTS, f"{reviewer} {question} {label}"),),
    )


def make_opinions(snapshot_id: int, scores: Sequence[int | None], **rest: Any) -> list[Opinion]:
    """A review a seat, in the panel's order; `rest` is the judge and what else they should say."""
    judge = {key: rest.pop(key) for key in ("judge", "label") if key in rest}
    return [
        Opinion(
            snapshot_id=snapshot_id,
            spoken=make_spoken(reviewer, f"on {snapshot_id}", **judge),
            score=score,
            ship=score is not None and score >= SHIP_FROM,
            **{"paragraph": f"The {reviewer} on snapshot {snapshot_id}.", **rest},
        )
        for reviewer, score in zip(BENCH, scores, strict=False)
    ]


def make_verdict(
    pairing: Pairing,
    left_scores: Sequence[int | None],
    right_scores: Sequence[int | None],
    *,
    picks: Sequence[Choice] = (),
    fell_back_from: str = "",
    left: dict[str, Any] | None = None,
    right: dict[str, Any] | None = None,
) -> Verdict:
    """The verdict these scores add up to, on current snapshots; `left` and `right` go to make_opinions."""
    make_reviewers()
    assert pairing.left.snapshot_id is not None
    assert pairing.right.snapshot_id is not None
    return publish_verdict(
        pairing=pairing,
        left=make_opinions(pairing.left.snapshot_id, left_scores, **(left or {})),
        right=make_opinions(pairing.right.snapshot_id, right_scores, **(right or {})),
        picks=[
            PickOpinion(
                left_snapshot_id=pairing.left.snapshot_id,
                right_snapshot_id=pairing.right.snapshot_id,
                spoken=make_spoken(reviewer, f"between on {pairing.slug}"),
                choice=choice,
                why=f"The {reviewer}'s reason.",
            )
            for reviewer, choice in zip(BENCH, picks, strict=False)
        ],
        fell_back_from=fell_back_from,
    )
