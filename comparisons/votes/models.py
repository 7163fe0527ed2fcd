"""Votes, and the counters that pages read instead of them.

A vote says two things: it ships or skips each card, and it prefers a side or none. Rows change in
`votes.actions.cast` alone, which moves the counters in the same statement.
"""

from __future__ import annotations

from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import F, OuterRef, Q, Subquery, Sum
from django.db.models.functions import JSONObject

from comparisons.cards.models import Card
from comparisons.pairings.models import Pairing
from comparisons.people.visitor import Visitor
from comparisons.reviews.models import Reviewer

SHARDS = 16  # counter rows a pairing or card may have, so that voters on one hot pairing need not queue


class Vote(models.Model):
    """One visitor's standing answer on one pairing. Taking it back deletes the row."""

    class Choice(models.TextChoices):
        LEFT = "left", "Ship the left one"
        RIGHT = "right", "Ship the right one"
        BOTH = "both", "Ship both"
        NEITHER = "neither", "Skip both"

    class Reason(models.TextChoices):
        """Why a vote is kept but not counted."""

        TOO_MANY = "too_many", "Too many votes from one network"

    # The unique constraint's index begins with the pairing; another on it alone would only cost writes.
    pairing = models.ForeignKey(Pairing, on_delete=models.CASCADE, related_name="+", db_index=False)
    voter_key = models.CharField(max_length=64)  # HMAC per pairing: two votes of one person look unrelated
    choice = models.CharField(max_length=7, choices=Choice)
    # What the last change replaced ("" at first): it tells the statement that moves the counters where from.
    previous = models.CharField(max_length=7, choices=Choice, blank=True, default="")
    set_aside = models.CharField(max_length=20, choices=Reason, blank=True, default="")
    # Whose paragraph decided it, where the voter has told; "none of them" is an answer without a reviewer.
    decided_by = models.ForeignKey(
        Reviewer, to_field="slug", on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    decider_told = models.BooleanField(db_default=False, default=False)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        # For the digest's week. Votes are written in the order of this column, so that a summary of each
        # stretch of the table finds a week as quickly as a tree would, and costs a vote nothing.
        indexes = [BrinIndex(name="vote_by_date", fields=["created_at"], autosummarize=True)]
        constraints = [
            models.UniqueConstraint(
                name="vote_once_per_visitor_and_pairing", fields=["pairing", "voter_key"]
            ),
            models.CheckConstraint(
                name="vote_is_left_right_both_or_neither",
                condition=Q(choice__in=["left", "right", "both", "neither"])
                & Q(previous__in=["", "left", "right", "both", "neither"]),
            ),
            models.CheckConstraint(name="vote_key_is_hex", condition=Q(voter_key__regex=r"^[0-9a-f]{64}$")),
            models.CheckConstraint(
                name="vote_set_aside_has_a_known_reason", condition=Q(set_aside__in=["", "too_many"])
            ),
            models.CheckConstraint(
                name="vote_decided_by_a_reviewer_when_told",
                condition=Q(decided_by__isnull=True) | Q(decider_told=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.choice} on {self.pairing_id}"


class VoteCount(models.Model):
    """A sixteenth of the votes on one pairing; the first digit of a voter's key says which."""

    pairing = models.ForeignKey(Pairing, on_delete=models.CASCADE, related_name="+", db_index=False)
    shard = models.PositiveSmallIntegerField()
    left = models.IntegerField(default=0)
    right = models.IntegerField(default=0)
    both = models.IntegerField(default=0)
    neither = models.IntegerField(default=0)
    set_aside = models.IntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="vote_count_once_per_shard", fields=["pairing", "shard"]),
            models.CheckConstraint(name="vote_count_shard_below_16", condition=Q(shard__lt=SHARDS)),
            models.CheckConstraint(
                name="vote_counts_are_not_negative",
                condition=Q(left__gte=0, right__gte=0, both__gte=0, neither__gte=0, set_aside__gte=0),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pairing_id}/{self.shard}"


class ShipCount(models.Model):
    """A sixteenth of what votes say about one card on all its pairings.

    Kept beside VoteCount because a card has up to as many pairings as the catalogue has cards: adding them up
    for every page would take milliseconds at 1,000 cards.
    """

    card = models.ForeignKey(Card, on_delete=models.CASCADE, related_name="+", db_index=False)
    shard = models.PositiveSmallIntegerField()
    ships = models.IntegerField(default=0)
    n = models.IntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="ship_count_once_per_shard", fields=["card", "shard"]),
            models.CheckConstraint(name="ship_count_shard_below_16", condition=Q(shard__lt=SHARDS)),
            models.CheckConstraint(name="ship_count_within_n", condition=Q(ships__gte=0, n__gte=F("ships"))),
        ]

    def __str__(self) -> str:
        return f"{self.card_id}/{self.shard}"


class ReviewerCount(models.Model):
    """A sixteenth of the counted votes on one pairing that one reviewer's paragraph decided."""

    pairing = models.ForeignKey(Pairing, on_delete=models.CASCADE, related_name="+", db_index=False)
    reviewer = models.ForeignKey(
        Reviewer, to_field="slug", on_delete=models.CASCADE, related_name="+", db_index=False
    )
    shard = models.PositiveSmallIntegerField()
    n = models.IntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="reviewer_count_once_per_shard", fields=["pairing", "reviewer", "shard"]
            ),
            models.CheckConstraint(name="reviewer_count_shard_below_16", condition=Q(shard__lt=SHARDS)),
            models.CheckConstraint(name="reviewer_count_is_not_negative", condition=Q(n__gte=0)),
        ]

    def __str__(self) -> str:
        return f"{self.pairing_id}/{self.reviewer_id}/{self.shard}"


COUNTED = ("left", "right", "both", "neither", "set_aside")


def votes_subquery(pairing: str = "pk") -> Subquery:
    """The votes on the pairing that this column names, for `Counts.read`; null where nobody has voted.

    One subquery for all five numbers:

        Pairing.objects.annotate(
            votes=votes_subquery(),
            left_community=community_subquery("left"),
            right_community=community_subquery("right"),
        )
    """
    rows = VoteCount.objects.filter(pairing=OuterRef(pairing)).order_by().values("pairing")
    return Subquery(rows.annotate(row=JSONObject(**{name: Sum(name) for name in COUNTED})).values("row"))


def community_subquery(card: str = "pk") -> Subquery:
    """What all votes say about the card that this column names, for `Community.read`; null without votes."""
    rows = ShipCount.objects.filter(card=OuterRef(card)).order_by().values("card")
    return Subquery(rows.annotate(row=JSONObject(ships=Sum("ships"), n=Sum("n"))).values("row"))


def deciders_subquery(pairing: str = "pk") -> ArraySubquery:
    """How many votes each reviewer's paragraph decided on that pairing: [{"reviewer": slug, "n": 12}, …]."""
    rows = ReviewerCount.objects.filter(pairing=OuterRef(pairing), n__gt=0).order_by().values("reviewer")
    return ArraySubquery(rows.annotate(row=JSONObject(reviewer="reviewer_id", n=Sum("n"))).values("row"))


def voter_key(pairing: Pairing, visitor: Visitor) -> str:
    return visitor.key(f"vote on {pairing.slug}")


def own_vote(pairing: Pairing, visitor: Visitor | None) -> Vote | None:
    """What this visitor says about this pairing; None for nothing yet."""
    if visitor is None or pairing.pk is None:
        return None
    return Vote.objects.filter(pairing=pairing, voter_key=voter_key(pairing, visitor)).first()
