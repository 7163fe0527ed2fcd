"""What the panel said: reviews of cards, picks between two, and the verdict they add up to."""

from __future__ import annotations

from decimal import Decimal
from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Abs, Coalesce
from django.urls import reverse

from comparisons.cards.models import CardSnapshot
from comparisons.pairings.models import Pairing
from comparisons.reviews.tally import CALLS

SHIP_FROM = 60  # a score of 60 and more is a ship; anchors in panel/personas say what the numbers mean


class Reviewer(models.Model):
    """A seat on the panel, as readers meet it. The panel writes these rows from its persona files."""

    slug = models.SlugField(unique=True, max_length=40)
    name = models.CharField(max_length=80)
    motto = models.CharField(max_length=200)
    excites = models.CharField(max_length=300)
    tires = models.CharField(max_length=300)
    position = models.PositiveSmallIntegerField()
    questions = models.JSONField(default=list)  # [{"key": "dx_bet", "question": "…"}] in the order asked
    persona_sha = models.CharField(max_length=64)  # version of the persona file that speaks now
    active = models.BooleanField(default=True)

    class Meta:
        ordering = ["position", "slug"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("reviewer", args=[self.slug])


class Spoken(models.Model):
    """Who spoke: columns that reviews and picks share. The panel's own rows are not referenced: take the
    panel away and the site still reads."""

    reviewer = models.ForeignKey(
        Reviewer, to_field="slug", on_delete=models.PROTECT, related_name="%(class)ss"
    )
    persona_sha = models.CharField(max_length=64)
    judge_key = models.CharField(max_length=64)
    judge_kind = models.CharField(max_length=20)
    judge_label = models.CharField(max_length=120)
    sample = models.PositiveSmallIntegerField(default=0)
    receipts = ArrayField(models.UUIDField(), default=list)
    heard_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        abstract = True


class Review(Spoken):
    """One reviewer on one snapshot of one card; shared by every pairing of that card."""

    snapshot = models.ForeignKey(CardSnapshot, on_delete=models.CASCADE, related_name="reviews")
    score = models.PositiveSmallIntegerField(null=True)
    ship = models.BooleanField()
    paragraph = models.TextField()
    answers = models.JSONField(default=dict)
    points = models.JSONField(default=list)
    flagged = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["-heard_at", "-pk"]
        indexes = [
            models.Index(name="review_by_reviewer", fields=["reviewer", "-heard_at", "-id"]),
            models.Index(name="review_newest", fields=["-heard_at", "-id"]),
            # The scores of a whole catalog, read off the index alone: the price map and the distributions.
            models.Index(
                name="review_scores",
                fields=["judge_key", "snapshot", "reviewer", "-heard_at", "-id"],
                include=["score", "judge_label"],
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                name="review_once_per_question",
                fields=["snapshot", "reviewer", "persona_sha", "judge_key", "sample"],
            ),
            models.CheckConstraint(
                name="review_score_0_to_100", condition=Q(score__isnull=True) | Q(score__lte=100)
            ),
            models.CheckConstraint(
                name="review_ships_from_60",
                condition=Q(score__isnull=True, ship=False)
                # A CHECK that comes out NULL passes, so each branch says that there is a score.
                | Q(score__isnull=False, score__gte=SHIP_FROM, ship=True)
                | Q(score__isnull=False, score__lt=SHIP_FROM, ship=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reviewer_id} on {self.snapshot_id}: {self.score}"

    @property
    def abstained(self) -> bool:
        return self.score is None


class Pick(Spoken):
    """One reviewer between two snapshots."""

    class Choice(models.TextChoices):
        LEFT = "left"
        RIGHT = "right"
        TOSS_UP = "toss_up", "toss-up"

    pairing = models.ForeignKey(Pairing, on_delete=models.CASCADE, related_name="picks")
    left_snapshot = models.ForeignKey(CardSnapshot, on_delete=models.CASCADE, related_name="+")
    right_snapshot = models.ForeignKey(CardSnapshot, on_delete=models.CASCADE, related_name="+")
    choice = models.CharField(max_length=8, choices=Choice)
    why = models.TextField()
    changed_with_order = models.BooleanField(default=False)
    flagged = models.CharField(max_length=200, blank=True, default="", db_default="")

    class Meta:
        ordering = ["-heard_at", "-pk"]
        indexes = [models.Index(name="pick_by_reviewer", fields=["reviewer", "-heard_at", "-id"])]
        constraints = [
            models.UniqueConstraint(
                name="pick_once_per_question",
                fields=["left_snapshot", "right_snapshot", "reviewer", "persona_sha", "judge_key", "sample"],
            ),
            models.CheckConstraint(
                name="pick_is_left_right_or_toss_up", condition=Q(choice__in=["left", "right", "toss_up"])
            ),
            models.CheckConstraint(
                name="pick_changed_with_order_is_toss_up",
                condition=Q(changed_with_order=False) | Q(choice="toss_up"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reviewer_id} on {self.pairing_id}: {self.choice}"


class VerdictQuerySet(models.QuerySet["Verdict"]):
    def current(self) -> Self:
        return self.filter(current_of__isnull=False)

    def with_cards(self) -> Self:
        return self.select_related("pairing__left__lab", "pairing__right__lab")


SNAPSHOTS = ("left_snapshot", "right_snapshot")


def nearness() -> Combinable:
    """How close a call was, the closest highest; every row has one, so that an index scan can begin anywhere.
    Medians are at most 100 apart; a verdict without them comes last."""
    return Value(-1) * Coalesce(Abs("median_difference"), Value(Decimal(1000)))


class Verdict(models.Model):
    """What one bench adds up to for one pairing. Superseded verdicts are kept and stay readable."""

    class Outcome(models.TextChoices):
        CLEAR = "clear"
        LEAN = "lean"
        TOSS_UP = "toss_up", "toss-up"
        SPLIT = "split", "split decision"
        NONE = "none", "no verdict"

    class Side(models.TextChoices):
        LEFT = "left"
        RIGHT = "right"
        NEITHER = ""

    pairing = models.ForeignKey(Pairing, on_delete=models.CASCADE, related_name="verdicts")
    left_snapshot = models.ForeignKey(CardSnapshot, on_delete=models.PROTECT, related_name="+")
    right_snapshot = models.ForeignKey(CardSnapshot, on_delete=models.PROTECT, related_name="+")
    formula_version = models.CharField(max_length=10)
    outcome = models.CharField(max_length=8, choices=Outcome)
    side = models.CharField(max_length=5, choices=Side, blank=True)
    left_ships = models.PositiveSmallIntegerField()
    left_n = models.PositiveSmallIntegerField()
    left_score = models.DecimalField(max_digits=4, decimal_places=1, null=True)  # median of n scores
    right_ships = models.PositiveSmallIntegerField()
    right_n = models.PositiveSmallIntegerField()
    right_score = models.DecimalField(max_digits=4, decimal_places=1, null=True)
    wins_left = models.PositiveSmallIntegerField()
    wins_right = models.PositiveSmallIntegerField()
    median_difference = models.DecimalField(max_digits=4, decimal_places=1, null=True)  # left minus right
    judge_kinds = ArrayField(models.CharField(max_length=20))
    judge_labels = ArrayField(models.CharField(max_length=120))
    fell_back_from = models.CharField(max_length=200, blank=True)  # why an earlier judge did not speak
    provisional = models.BooleanField(default=False)  # judges were mixed
    reviews = models.ManyToManyField(Review, related_name="verdicts")
    picks = models.ManyToManyField(Pick, related_name="verdicts")
    published_at = models.DateTimeField(auto_now_add=True)
    superseded_at = models.DateTimeField(null=True)

    objects = VerdictQuerySet.as_manager()

    class Meta:
        ordering = ["-published_at", "-pk"]
        indexes = [
            # What each includes lets a list be narrowed to some cards on the index alone (see
            # pairings.narrowing): whoever filters by a lab walks an order until a page is full.
            models.Index(
                name="verdict_newest",
                fields=["-published_at", "-id"],
                include=[*SNAPSHOTS, "superseded_at"],
            ),
            models.Index(
                name="verdict_current_by_outcome",
                fields=["outcome", "-published_at", "-id"],
                include=SNAPSHOTS,
                condition=Q(superseded_at__isnull=True),
            ),
            models.Index(
                nearness(),
                F("published_at"),
                F("id"),
                name="verdict_current_by_nearness",
                include=[*SNAPSHOTS, "median_difference", "outcome"],
                condition=Q(superseded_at__isnull=True),
            ),
            # Each of these is rare on some site, and whoever asks for what is rare would walk all of them.
            models.Index(
                name="verdict_current_of_mixed",
                fields=["-published_at", "-id"],
                include=SNAPSHOTS,
                condition=Q(superseded_at__isnull=True, provisional=True),
            ),
            models.Index(
                name="verdict_current_by_model",
                fields=["-published_at", "-id"],
                include=SNAPSHOTS,
                condition=Q(superseded_at__isnull=True) & ~Q(judge_kinds__contains=["rubric"]),
            ),
            models.Index(
                name="verdict_current_by_rubric",
                fields=["-published_at", "-id"],
                include=SNAPSHOTS,
                condition=Q(superseded_at__isnull=True, judge_kinds=["rubric"]),
            ),
            models.Index(
                name="verdict_superseded",
                fields=["-published_at", "-id"],
                include=SNAPSHOTS,
                condition=Q(superseded_at__isnull=False),
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                name="verdict_one_current_per_pairing",
                fields=["pairing"],
                condition=Q(superseded_at__isnull=True),
            ),
            models.CheckConstraint(
                name="verdict_side_goes_with_outcome",
                condition=Q(outcome__in=["clear", "lean"], side__in=["left", "right"])
                | Q(outcome__in=["toss_up", "split", "none"], side=""),
            ),
            models.CheckConstraint(
                name="verdict_ships_within_n",
                condition=Q(left_ships__lte=F("left_n")) & Q(right_ships__lte=F("right_n")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pairing_id}: {self.outcome} {self.side}".rstrip()

    @property
    def call(self) -> str:
        """How it is told, before the name of its side if it has one."""
        return CALLS[self.outcome]
