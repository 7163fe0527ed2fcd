"""A pairing: two cards, once, whichever way round they were asked for."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse

from comparisons.cards.models import Card, CardSnapshot


class SameCard(ValueError):
    """A card cannot be compared with itself."""


class PairingQuerySet(models.QuerySet["Pairing"]):
    def with_cards(self) -> Self:
        return self.select_related("left__lab", "left__snapshot", "right__lab", "right__snapshot")

    def awaiting_verdict(self) -> Self:
        """Pairings never heard, or heard on snapshots that are no longer the current ones."""
        # From the few that are: asked of each pairing, half a million are looked at to find all heard.
        every = type(self)(self.model, using=self.db).order_by()
        replaced = CardSnapshot.objects.filter(
            ~Exists(Card.objects.filter(snapshot=OuterRef("pk")))
        ).order_by()
        outdated = [
            every.filter(verdict__isnull=False, **{f"verdict__{side}_snapshot__in": replaced})
            for side in ("left", "right")
        ]
        unheard = every.filter(verdict__isnull=True).values("pk")
        return self.filter(pk__in=unheard.union(*(each.values("pk") for each in outdated), all=True))

    def between(self, one: Card, other: Card) -> Pairing:
        """The pairing of two cards, made on demand. Raises SameCard."""
        left, right = in_order(one, other)
        pairing, _ = self.get_or_create(
            left=left, right=right, defaults={"slug": f"{left.slug}-vs-{right.slug}"}
        )
        return pairing


class Pairing(models.Model):
    """Two cards, unordered: the one that came first to the catalogue is left, always."""

    left = models.ForeignKey(Card, on_delete=models.CASCADE, related_name="+")
    right = models.ForeignKey(Card, on_delete=models.CASCADE, related_name="+")
    slug = models.CharField(max_length=250, unique=True)
    featured = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    # The current verdict; older ones keep pointing at the pairing.
    verdict = models.OneToOneField(
        "comparisons.Verdict", on_delete=models.SET_NULL, null=True, related_name="current_of"
    )

    objects = PairingQuerySet.as_manager()

    class Meta:
        ordering = ["slug"]
        constraints = [
            models.UniqueConstraint(name="pairing_once", fields=["left", "right"]),
            models.CheckConstraint(name="pairing_left_before_right", condition=Q(left__lt=F("right"))),
        ]
        indexes = [
            models.Index(name="pairing_of_right", fields=["right", "left"]),
            # Few, so that whoever asks for them would else walk all.
            models.Index(name="pairing_featured", fields=["slug"], condition=Q(featured=True)),
            # A card's newest verdicts, without walking everybody's.
            models.Index(
                name="pairing_of_left_judged",
                fields=["left", "-verdict"],
                condition=Q(verdict__isnull=False),
            ),
            models.Index(
                name="pairing_of_right_judged",
                fields=["right", "-verdict"],
                condition=Q(verdict__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.slug

    def get_absolute_url(self) -> str:
        return reverse("comparison", args=[self.slug])


def in_order(one: Card, other: Card) -> tuple[Card, Card]:
    """(left, right). Raises SameCard."""
    if one.pk == other.pk:
        raise SameCard(one.slug)
    return (one, other) if one.pk < other.pk else (other, one)


def card_slugs(slug: str) -> tuple[str, str] | None:
    """The two card slugs of `a-vs-b`; one way to read it at most, since no card slug carries `-vs-`."""
    left, found, right = slug.partition("-vs-")
    return (left, right) if found and left and right and "-vs-" not in right else None
