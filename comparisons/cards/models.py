"""Labs, cards, their immutable snapshots and the offers of providers."""

from __future__ import annotations

from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import TrigramWordSimilarity
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from comparisons.cards.facts import Facts
from comparisons.cards.providers import named

# "-vs-" parts the two slugs of a comparison's address, so no card may carry it.
SLUG = r"^(?!.*-vs-)[a-z0-9]+(?:-[a-z0-9]+)*$"


class Lab(models.Model):
    slug = models.SlugField(unique=True, max_length=80)
    name = models.CharField(max_length=120)
    url = models.URLField(blank=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class CardQuerySet(models.QuerySet["Card"]):
    def published(self) -> Self:
        """Cards that readers see: every card with at least one snapshot."""
        return self.filter(snapshot__isnull=False).select_related("lab", "snapshot")

    def matching(self, words: str) -> Self:
        """Cards whose name, slug or lab is near to `words`, typing mistakes included; nearest first."""
        nearness = TrigramWordSimilarity(words.lower(), "search_text")
        return (
            self.filter(search_text__trigram_word_similar=words.lower())
            .annotate(nearness=nearness)
            .order_by("-nearness", "name", "pk")
        )


class Card(models.Model):
    """One model. What is known of it stands in its current snapshot; the columns here are for finding it."""

    class LicenseClass(models.TextChoices):
        PERMISSIVE = "permissive", "Permissive"
        WEAK_CONDITIONS = "weak_conditions", "Open with conditions"
        COMMUNITY = "community", "Community license"
        NON_COMMERCIAL = "non_commercial", "Non-commercial"
        PROPRIETARY = "proprietary", "Proprietary"
        UNKNOWN = "unknown", "Unknown"

    slug = models.CharField(max_length=120, unique=True, validators=[RegexValidator(SLUG)])
    lab = models.ForeignKey(Lab, on_delete=models.PROTECT, related_name="cards")
    snapshot = models.OneToOneField(
        "comparisons.CardSnapshot", on_delete=models.RESTRICT, null=True, related_name="current_of"
    )
    # {field: {"name": …, "url": …, "seen_on": "YYYY-MM-DD"}}: where each fact was read, outside the hash,
    # because seeing the same fact again is not a new fact.
    sources = models.JSONField(default=dict)
    # [{"field": …, "value": …, "name": …, "url": …, "seen_on": …}]: sources that say something else.
    conflicts = models.JSONField(default=list)
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(null=True)

    # Projection of the current snapshot, written by `project()` alone.
    name = models.CharField(max_length=160)
    search_text = models.CharField(max_length=400, editable=False)
    category = models.CharField(max_length=60, db_index=True)
    tagline = models.CharField(max_length=200, blank=True)
    license_class = models.CharField(
        max_length=20, choices=LicenseClass, default=LicenseClass.UNKNOWN, db_index=True
    )
    open_weights = models.BooleanField(null=True)
    runs_locally = models.BooleanField(default=False)
    context_tokens = models.BigIntegerField(null=True)
    params_total_b = models.DecimalField(max_digits=9, decimal_places=3, null=True)
    price_in = models.DecimalField(max_digits=14, decimal_places=6, null=True)
    price_out = models.DecimalField(max_digits=14, decimal_places=6, null=True)
    modalities_in = ArrayField(models.CharField(max_length=20), default=list)
    release_date = models.CharField(max_length=10, blank=True)

    objects = CardQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]
        indexes = [
            GinIndex(name="card_search", fields=["search_text"], opclasses=["gin_trgm_ops"]),
            models.Index(name="card_by_release", fields=["-release_date", "-id"]),
            models.Index(name="card_by_name", fields=["name", "id"]),
            models.Index(name="card_by_price", fields=["price_in", "id"]),
            models.Index(name="card_by_context", fields=["-context_tokens", "-id"]),
        ]
        constraints = [
            models.CheckConstraint(name="card_slug_is_plain_and_without_vs", condition=Q(slug__regex=SLUG)),
            models.CheckConstraint(
                name="card_prices_are_not_negative",
                condition=(Q(price_in__isnull=True) | Q(price_in__gte=0))
                & (Q(price_out__isnull=True) | Q(price_out__gte=0)),
            ),
            # A page, a list and an address each need a word for it.
            models.CheckConstraint(
                name="card_with_a_snapshot_has_name_and_category",
                condition=Q(snapshot__isnull=True) | (~Q(name="") & ~Q(category="")),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("card", args=[self.slug])

    @property
    def facts(self) -> Facts:
        assert self.snapshot is not None
        return self.snapshot.facts

    def project(self, facts: Facts) -> None:
        """Copies what lists filter and sort by out of `facts`; the caller saves."""
        self.name = facts.name
        self.search_text = f"{facts.name} {self.slug} {facts.lab}".lower()[:400]
        self.category = facts.category
        self.tagline = facts.tagline
        self.license_class = facts.license_class
        self.open_weights = facts.open_weights
        self.runs_locally = facts.runs_locally
        self.context_tokens = facts.context_tokens
        self.params_total_b = facts.params_total_b
        self.price_in = facts.price_in
        self.price_out = facts.price_out
        self.modalities_in = list(facts.modalities_in)
        self.release_date = facts.release_date


class CardSnapshot(models.Model):
    """A state of a card as it once was. Never changed: reviews point here, and the hash is their question."""

    card = models.ForeignKey(Card, on_delete=models.CASCADE, related_name="snapshots")
    sha256 = models.CharField(max_length=64)
    record = models.JSONField()
    taken_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-taken_at", "-pk"]
        constraints = [
            models.UniqueConstraint(name="snapshot_once_per_card_and_state", fields=["card", "sha256"]),
            models.CheckConstraint(
                name="snapshot_sha256_is_hex", condition=Q(sha256__regex=r"^[0-9a-f]{64}$")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.card_id} at {self.sha256[:12]}"

    @property
    def facts(self) -> Facts:
        return Facts.from_canonical(self.record)


class Offer(models.Model):
    """One provider's price for one card, in USD per 1,000,000 tokens, as last seen."""

    card = models.ForeignKey(Card, on_delete=models.CASCADE, related_name="offers")
    provider = models.CharField(max_length=80)
    provider_name = models.CharField(max_length=120, blank=True)
    model_id = models.CharField(max_length=200)
    first_party = models.BooleanField(default=False)
    price_in = models.DecimalField(max_digits=14, decimal_places=6, null=True)
    price_out = models.DecimalField(max_digits=14, decimal_places=6, null=True)
    price_cached = models.DecimalField(max_digits=14, decimal_places=6, null=True)
    context_tokens = models.BigIntegerField(null=True)
    output_tokens = models.BigIntegerField(null=True)
    source_url = models.URLField(max_length=300, blank=True)
    seen_on = models.DateField()

    class Meta:
        ordering = ["-first_party", F("price_in").asc(nulls_last=True), "provider"]
        constraints = [
            models.UniqueConstraint(
                name="offer_once_per_card_provider_and_model_id", fields=["card", "provider", "model_id"]
            ),
            models.CheckConstraint(
                name="offer_prices_are_not_negative",
                condition=(Q(price_in__isnull=True) | Q(price_in__gte=0))
                & (Q(price_out__isnull=True) | Q(price_out__gte=0))
                & (Q(price_cached__isnull=True) | Q(price_cached__gte=0)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.provider}: {self.model_id}"

    @property
    def seller(self) -> str:
        return named(self.provider, self.provider_name)
