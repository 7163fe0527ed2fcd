"""Benches for tests: reviewers, opinions, and whole pairings heard through the door the panel uses."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Mapping, Sequence

from comparisons.cards.models import Card
from comparisons.pairings.models import Pairing
from comparisons.reviews.actions import publish_verdict
from comparisons.reviews.models import Reviewer, Verdict
from comparisons.reviews.opinions import Choice, Opinion, PickOpinion, Spoken

PANEL = ("builder", "skeptic", "futurist", "founder")


def sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def make_reviewer(slug: str = "builder", **columns: object) -> Reviewer:
    plain: dict[str, object] = {
        "name": f"The {slug.title()}",
        "motto": f"The {slug} has a motto.",
        "excites": "One command that works.",
        "tires": "Waitlists.",
        "position": PANEL.index(slug) if slug in PANEL else 9,
        "questions": [{"key": "first_hour", "question": "What happens in the first hour?"}],
        "persona_sha": sha(slug),
    }
    return Reviewer.objects.update_or_create(slug=slug, defaults={**plain, **columns})[0]


def make_panel() -> list[Reviewer]:
    return [make_reviewer(slug) for slug in PANEL]


def spoken(reviewer: str = "builder", *, judge: str = "rubric", label: str = "") -> Spoken:
    return Spoken(
        reviewer=reviewer,
        persona_sha=sha(reviewer),
        judge_key=sha(judge),
        judge_kind=judge,
        judge_label=label or f"{judge} v1",
        receipts=(uuid.uuid5(uuid.NAMESPACE_URL, f"{reviewer} {judge}"),),
    )


def opinion(
    card: Card, score: int | None, reviewer: str = "builder", *, judge: str = "rubric", **rest: object
) -> Opinion:
    assert card.snapshot_id is not None
    plain: dict[str, object] = {
        "paragraph": f"{card.name} as the {reviewer} sees it.",
        "answers": {"first_hour": f"{card.name} starts."},
    }
    return Opinion(
        snapshot_id=card.snapshot_id,
        spoken=spoken(reviewer, judge=judge),
        score=score,
        ship=score is not None and score >= 60,
        **{**plain, **rest},  # type: ignore[arg-type]
    )


def bench(card: Card, scores: Sequence[int | None], *, judge: str = "rubric") -> list[Opinion]:
    """One opinion a reviewer, in the panel's order."""
    return [opinion(card, score, slug, judge=judge) for slug, score in zip(PANEL, scores, strict=False)]


def pick(
    pairing: Pairing, choice: Choice, reviewer: str = "builder", *, judge: str = "rubric"
) -> PickOpinion:
    assert pairing.left.snapshot_id is not None and pairing.right.snapshot_id is not None
    return PickOpinion(
        left_snapshot_id=pairing.left.snapshot_id,
        right_snapshot_id=pairing.right.snapshot_id,
        spoken=spoken(reviewer, judge=judge),
        choice=choice,
        why=f"The {reviewer} has a reason.",
    )


def hear(
    one: Card,
    other: Card,
    scores: Sequence[int | None] = (88, 82, 85, 78),
    other_scores: Sequence[int | None] = (84, 78, 80, 55),
    *,
    picks: Mapping[str, Choice] | None = None,
    judge: str = "rubric",
    other_judge: str = "",
) -> Verdict:
    """The verdict of two cards on these scores; the panel is seated when it is not yet."""
    if not Reviewer.objects.exists():
        make_panel()
    pairing = Pairing.objects.between(one, other)
    by_card = {
        one.pk: bench(one, scores, judge=judge),
        other.pk: bench(other, other_scores, judge=other_judge or judge),
    }
    return publish_verdict(
        pairing=pairing,
        left=by_card[pairing.left_id],
        right=by_card[pairing.right_id],
        picks=[pick(pairing, choice, slug, judge=judge) for slug, choice in (picks or {}).items()],
    )
