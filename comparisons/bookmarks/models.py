"""What a visitor has put aside: cards and pairings, with a state and a note."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Length
from django.db.models.lookups import LessThanOrEqual

from comparisons.cards.models import Card
from comparisons.pairings.models import Pairing
from comparisons.people.visitor import Visitor

LONGEST = 500  # characters of a note


def visitor_key(visitor: Visitor) -> str:
    """One key for all bookmarks of a visitor, unlike that of any of their votes."""
    return visitor.key("bookmarks")


class BookmarkQuerySet(models.QuerySet["Bookmark"]):
    def of(self, visitor: Visitor | None) -> Self:
        """All of one visitor, last changed first; none of somebody who has never acted."""
        return self.none() if visitor is None else self.filter(visitor_key=visitor_key(visitor))

    def with_targets(self) -> Self:
        return self.select_related("card__lab", "pairing__left__lab", "pairing__right__lab")


class Bookmark(models.Model):
    """One visitor's bookmark on one card or one pairing. Taking it back deletes the row."""

    class State(models.TextChoices):
        TO_EVALUATE = "to_evaluate", "To evaluate"
        IN_ROTATION = "in_rotation", "In rotation"
        DROPPED = "dropped", "Dropped"

    visitor_key = models.CharField(max_length=64)  # HMAC of the id in the visitor's cookie
    card = models.ForeignKey(Card, on_delete=models.CASCADE, null=True, related_name="+")
    pairing = models.ForeignKey(Pairing, on_delete=models.CASCADE, null=True, related_name="+")
    state = models.CharField(max_length=11, choices=State, default=State.TO_EVALUATE)
    note = models.CharField(max_length=LONGEST, blank=True)  # plain text
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)

    objects = BookmarkQuerySet.as_manager()

    class Meta:
        ordering = ["-changed_at", "-pk"]
        constraints = [
            # Null is unlike null in a unique constraint, so each of these speaks of its own kind alone.
            models.UniqueConstraint(
                name="bookmark_once_per_visitor_and_card", fields=["visitor_key", "card"]
            ),
            models.UniqueConstraint(
                name="bookmark_once_per_visitor_and_pairing", fields=["visitor_key", "pairing"]
            ),
            models.CheckConstraint(
                name="bookmark_is_on_a_card_or_a_pairing",
                condition=Q(card__isnull=False, pairing__isnull=True)
                | Q(card__isnull=True, pairing__isnull=False),
            ),
            models.CheckConstraint(
                name="bookmark_state_is_known",
                condition=Q(state__in=["to_evaluate", "in_rotation", "dropped"]),
            ),
            models.CheckConstraint(
                name="bookmark_note_up_to_500_characters",
                condition=Q(LessThanOrEqual(Length("note"), LONGEST)),
            ),
            models.CheckConstraint(
                name="bookmark_key_is_hex", condition=Q(visitor_key__regex=r"^[0-9a-f]{64}$")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.state} on {self.card or self.pairing}"
