"""What a reviewer has said so far: scores given, newest reviews, where they stood against the panel."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, Count, F, Max, OuterRef, Q, QuerySet, Subquery, Sum, When

from comparisons.cards.models import Card
from comparisons.listing import Key, Order, moment, whole
from comparisons.reviews.distribution import BUCKET, Distribution, distribution
from comparisons.reviews.models import SHIP_FROM, Pick, Review, Reviewer
from comparisons.reviews.tally import QUORUM

REVIEWS = 12  # a page of a reviewer's reviews
DISSENTS = 6
BY_DATE = Order((Key("heard_at", moment, descending=True), Key("pk", whole, descending=True)))


@dataclass(frozen=True, slots=True)
class Given:
    """Scores by judge, the judge heard last first: scores of two judges are never added up."""

    by_judge: tuple[Distribution, ...]

    @property
    def newest(self) -> Distribution | None:
        return self.by_judge[0] if self.by_judge else None


@dataclass(frozen=True, slots=True)
class LoneCall:
    review: Review
    bench_ships: int
    bench_n: int


def scores_given(reviewers: Sequence[Reviewer]) -> dict[str, Given]:
    """By reviewer slug, over reviews of the cards as they are now, in one query."""
    rows = (
        # Of the states that cards are in now; asked for without a join, which took a quarter of the time.
        Review.objects.filter(snapshot__in=Card.objects.order_by().values("snapshot"))
        .filter(reviewer__in=[reviewer.slug for reviewer in reviewers])
        .annotate(bucket=F("score") / BUCKET)
        .values("reviewer_id", "judge_key", "judge_label", "bucket")
        # A score of 60 and more is a ship, and nothing else is: a constraint says so.
        .annotate(
            n=Count("pk"),
            total=Sum("score"),
            ships=Count("pk", filter=Q(score__gte=SHIP_FROM)),
            at=Max("heard_at"),
        )
        .order_by()
    )
    # django-stubs takes a foreign key to a slug for a number, so the rows are told apart untyped.
    benches: dict[Any, list[Any]] = defaultdict(list)
    for row in rows:
        benches[row["reviewer_id"], row["judge_key"], row["judge_label"]].append(row)
    given: dict[str, list[Distribution]] = defaultdict(list)
    newest_first = sorted(benches.items(), key=lambda item: max(row["at"] for row in item[1]), reverse=True)
    for (slug, _, label), group in newest_first:
        scored = [row for row in group if row["bucket"] is not None]
        drawn = distribution(
            label,
            {row["bucket"]: row["n"] for row in scored},
            total=sum(row["total"] for row in scored),
            ships=sum(row["ships"] for row in scored),
            abstained=sum(row["n"] for row in group if row["bucket"] is None),
        )
        if drawn is not None:
            given[slug].append(drawn)
    return {reviewer.slug: Given(tuple(given[reviewer.slug])) for reviewer in reviewers}


def reviews_by(reviewer: Reviewer) -> QuerySet[Review]:
    """All reviews of one reviewer with their cards, not in order."""
    reviews = Review.objects.filter(reviewer=reviewer).select_related("snapshot__card__lab")
    return reviews.defer("snapshot__record", "answers", "points")


def lone_calls(reviewer: Reviewer) -> list[LoneCall]:
    """Cards this reviewer ships and the bench skips, or the other way round; newest first."""
    bench = Review.objects.filter(
        snapshot=OuterRef("snapshot"), judge_key=OuterRef("judge_key"), score__isnull=False
    ).order_by()
    counted = bench.values("judge_key").annotate(ships=Count(Case(When(ship=True, then=1))), n=Count("pk"))
    alone = (
        reviews_by(reviewer)
        .filter(snapshot__current_of__isnull=False, score__isnull=False)
        .annotate(bench_ships=Subquery(counted.values("ships")), bench_n=Subquery(counted.values("n")))
        .filter(bench_n__gte=QUORUM)
        .filter(
            Q(ship=True, bench_n__gt=F("bench_ships") * 2) | Q(ship=False, bench_n__lt=F("bench_ships") * 2)
        )
        .order_by("-heard_at", "-pk")[:DISSENTS]
    )
    return [LoneCall(review, review.bench_ships, review.bench_n) for review in alone]


def lone_picks(reviewer: Reviewer) -> list[Pick]:
    """Picks for the side that the standing verdict is not for, newest first."""
    return list(
        Pick.objects.filter(reviewer=reviewer, verdicts__superseded_at__isnull=True)
        .exclude(verdicts__side="")
        .exclude(choice__in=[F("verdicts__side"), Pick.Choice.TOSS_UP])
        .select_related("pairing__left", "pairing__right", "pairing__verdict")
        .order_by("-heard_at", "-pk")[:DISSENTS]
    )
