"""The one door through which the panel's opinions become public."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone

from comparisons.cards.models import CardSnapshot
from comparisons.pairings.models import Pairing
from comparisons.reviews.models import Pick, Review, Verdict
from comparisons.reviews.opinions import Opinion, PickOpinion, Spoken
from comparisons.reviews.tally import FORMULA_VERSION, Tally, tally


class BenchDoesNotFit(ValueError):
    """Opinions on other snapshots than the two of this pairing, or two from one reviewer on one card."""


@transaction.atomic
def publish_verdict(
    *,
    pairing: Pairing,
    left: Sequence[Opinion],
    right: Sequence[Opinion],
    picks: Sequence[PickOpinion],
    fell_back_from: str = "",
) -> Verdict:
    """Keeps a whole bench and the verdict it adds up to, in one transaction; the old verdict stays readable.

    Publishing the same bench again answers the verdict that stands. Raises BenchDoesNotFit.
    """
    # The row lock makes two runs over one pairing take turns; the constraint would catch the rest.
    pairing = Pairing.objects.select_for_update(of=("self",)).select_related("verdict").get(pk=pairing.pk)
    left_snapshot, right_snapshot = _snapshot_of(left), _snapshot_of(right)
    if any(
        (pick.left_snapshot_id, pick.right_snapshot_id) != (left_snapshot, right_snapshot) for pick in picks
    ):
        raise BenchDoesNotFit("a pick compares other snapshots than the reviews")
    # Lists find a card's verdicts by their snapshots.
    of = dict(CardSnapshot.objects.filter(pk__in=(left_snapshot, right_snapshot)).values_list("pk", "card"))
    if (of.get(left_snapshot), of.get(right_snapshot)) != (pairing.left_id, pairing.right_id):
        raise BenchDoesNotFit("the reviews are of other cards than the pairing")
    reviews = _keep_reviews([*left, *right])
    left_reviews, right_reviews = reviews[: len(left)], reviews[len(left) :]
    kept_picks = _keep_picks(pairing, picks)
    standing = pairing.verdict
    if standing is not None and _same_bench(standing, reviews, kept_picks):
        return standing
    verdict = _verdict(pairing, left_reviews, right_reviews, kept_picks)
    verdict.fell_back_from = fell_back_from
    if standing is not None:
        Verdict.objects.filter(pk=standing.pk).update(superseded_at=timezone.now())
    verdict.save()
    verdict.reviews.add(*reviews)
    verdict.picks.add(*kept_picks)
    Pairing.objects.filter(pk=pairing.pk).update(verdict=verdict)
    return verdict


def _snapshot_of(opinions: Sequence[Opinion]) -> int:
    snapshots = {opinion.snapshot_id for opinion in opinions}
    reviewers = [opinion.spoken.reviewer for opinion in opinions]
    if len(snapshots) != 1 or len(set(reviewers)) != len(reviewers):
        raise BenchDoesNotFit("one snapshot a side and one opinion a reviewer")
    return snapshots.pop()


def _spoken(spoken: Spoken) -> dict[str, Any]:
    return {
        "reviewer_id": spoken.reviewer,
        "persona_sha": spoken.persona_sha,
        "judge_key": spoken.judge_key,
        "sample": spoken.sample,
        "judge_kind": spoken.judge_kind,
        "judge_label": spoken.judge_label,
        "receipts": list(spoken.receipts),
    }


def _keep_reviews(opinions: Sequence[Opinion]) -> list[Review]:
    """The row of each opinion, whether it was there before or not: two statements for a whole bench."""
    rows = [
        Review(
            snapshot_id=opinion.snapshot_id,
            **_spoken(opinion.spoken),
            score=opinion.score,
            ship=opinion.ship,
            paragraph=opinion.paragraph,
            answers=opinion.answers,
            points=opinion.points,
            flagged=opinion.flagged,
        )
        for opinion in opinions
    ]
    asked = [_asked_of_review(row) for row in rows]
    # In one order: reviews are shared, and two pairings of a card may be published at the same moment.
    ordered = sorted(rows, key=_asked_of_review)
    Review.objects.bulk_create(ordered, ignore_conflicts=True)
    kept = {
        _asked_of_review(row): row
        for row in Review.objects.filter(
            snapshot__in={row.snapshot_id for row in rows}, judge_key__in={row.judge_key for row in rows}
        )
    }
    return [kept[question] for question in asked]


def _keep_picks(pairing: Pairing, picks: Sequence[PickOpinion]) -> list[Pick]:
    """The same for picks; the pairing's lock keeps others away from them."""
    rows = [
        Pick(
            pairing=pairing,
            left_snapshot_id=pick.left_snapshot_id,
            right_snapshot_id=pick.right_snapshot_id,
            **_spoken(pick.spoken),
            choice=pick.choice,
            why=pick.why,
            changed_with_order=pick.changed_with_order,
            flagged=pick.flagged,
        )
        for pick in picks
    ]
    if not rows:
        return []
    Pick.objects.bulk_create(rows, ignore_conflicts=True)
    kept = {
        _asked_of_pick(row): row
        for row in Pick.objects.filter(pairing=pairing, judge_key__in={row.judge_key for row in rows})
    }
    return [kept[_asked_of_pick(row)] for row in rows]


def _asked_of_review(row: Review) -> tuple[int, str, str, str, int]:
    """What the constraint keeps once."""
    return row.snapshot_id, row.reviewer_id, row.persona_sha, row.judge_key, row.sample


def _asked_of_pick(row: Pick) -> tuple[int, int, str, str, str, int]:
    snapshots = row.left_snapshot_id, row.right_snapshot_id
    return *snapshots, row.reviewer_id, row.persona_sha, row.judge_key, row.sample


def _same_bench(verdict: Verdict, reviews: Sequence[Review], picks: Sequence[Pick]) -> bool:
    return (
        verdict.formula_version == FORMULA_VERSION
        and set(verdict.reviews.values_list("pk", flat=True)) == {review.pk for review in reviews}
        and set(verdict.picks.values_list("pk", flat=True)) == {pick.pk for pick in picks}
    )


def _verdict(
    pairing: Pairing, left: Sequence[Review], right: Sequence[Review], picks: Sequence[Pick]
) -> Verdict:
    result = count(left, right, picks)
    kinds = sorted({review.judge_kind for review in (*left, *right)})
    return Verdict(
        pairing=pairing,
        left_snapshot_id=left[0].snapshot_id,
        right_snapshot_id=right[0].snapshot_id,
        formula_version=FORMULA_VERSION,
        outcome=result.outcome,
        side=result.side,
        left_ships=result.left.ships,
        left_n=result.left.n,
        left_score=result.left.score,
        right_ships=result.right.ships,
        right_n=result.right.n,
        right_score=result.right.score,
        wins_left=result.wins_left,
        wins_right=result.wins_right,
        median_difference=result.median_difference,
        judge_kinds=kinds,
        judge_labels=sorted({review.judge_label for review in (*left, *right)}),
        # Scores of different judges are not comparable, so a mixed bench never passes for a final one.
        provisional=len({review.judge_key for review in (*left, *right)}) > 1,
    )


def count(left: Sequence[Review], right: Sequence[Review], picks: Sequence[Pick]) -> Tally:
    return tally(
        {review.reviewer_id: review.score for review in left},
        {review.reviewer_id: review.score for review in right},
        {review.reviewer_id: review.ship for review in left},
        {review.reviewer_id: review.ship for review in right},
        {pick.reviewer_id: pick.choice for pick in picks},  # type: ignore[misc]  # the constraint keeps the words
    )
