"""The panel on one card: the newest reviews of a snapshot, one a reviewer, and what they add up to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from comparisons.cards.models import Card
from comparisons.reviews.models import Review
from comparisons.reviews.tally import CardTally, tally_card


@dataclass(frozen=True, slots=True)
class Bench:
    reviews: tuple[Review, ...]  # in the reviewers' order
    tally: CardTally  # over the newest judge's reviews alone: scores of two judges are never compared
    mixed: bool  # some reviewer was last heard through another judge

    @property
    def judge_label(self) -> str:
        return max(self.reviews, key=lambda review: (review.heard_at, review.pk)).judge_label


def bench(reviews: Iterable[Review]) -> Bench | None:
    """The bench of one snapshot from its reviews, in any order; None before anybody spoke."""
    newest_first = sorted(reviews, key=lambda review: (review.heard_at, review.pk), reverse=True)
    if not newest_first:
        return None
    judge = newest_first[0].judge_key
    by_reviewer: dict[str, Review] = {}
    # A stable sort, so the newest stay first within the judge and after it.
    for review in sorted(newest_first, key=lambda review: review.judge_key != judge):
        by_reviewer.setdefault(review.reviewer_id, review)
    shown = tuple(sorted(by_reviewer.values(), key=lambda r: (r.reviewer.position, r.reviewer_id)))
    counted = {review.reviewer_id: review for review in shown if review.judge_key == judge}
    return Bench(
        reviews=shown,
        tally=tally_card(
            {slug: review.score for slug, review in counted.items()},
            {slug: review.ship for slug, review in counted.items()},
        ),
        mixed=len(counted) != len(shown),
    )


def benches_of(cards: Sequence[Card]) -> dict[int, Bench]:
    """What the panel says of the current snapshots of these cards, by card id, in one query."""
    snapshots = {card.snapshot_id: card.pk for card in cards}
    spoken: dict[int, list[Review]] = defaultdict(list)
    reviews = Review.objects.filter(snapshot__in=snapshots).select_related("reviewer").order_by()
    for review in reviews.defer("paragraph", "answers", "points"):
        spoken[snapshots[review.snapshot_id]].append(review)
    return {card: found for card, given in spoken.items() if (found := bench(given))}


def bench_of(card: Card) -> Bench | None:
    """The bench of one card in full: of its current snapshot or, unheard yet, of the snapshot last heard."""
    reviews = list(
        Review.objects.filter(snapshot__card=card)
        .select_related("reviewer", "snapshot")
        .defer("snapshot__record")
        .order_by("-heard_at", "-pk")[:200]
    )
    current = [review for review in reviews if review.snapshot_id == card.snapshot_id]
    return bench(current or [review for review in reviews if review.snapshot_id == reviews[0].snapshot_id])
