"""Cards in Django's admin, to look at: a column changed here would part from what reviewers read."""

from __future__ import annotations

import json

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html

from comparisons.cards.models import Card, CardSnapshot, Lab, Offer
from comparisons.readonly import ReadOnly

# Fields are listed everywhere, so that no form is built for what nobody can fill in. Django's admin classes
# are generic for the type checker alone: a subscript would fail when it is read.


class SnapshotInline(ReadOnly, admin.TabularInline):  # type: ignore[type-arg]
    model = CardSnapshot
    fields = ("sha256", "taken_at")
    readonly_fields = ("sha256", "taken_at")
    show_change_link = True
    extra = 0


OFFER_FIELDS = (
    "provider", "provider_name", "model_id", "first_party", "price_in", "price_out", "price_cached",
    "context_tokens", "output_tokens", "source_url", "seen_on",
)  # fmt: skip


class OfferInline(ReadOnly, admin.TabularInline):  # type: ignore[type-arg]
    model = Offer
    fields = OFFER_FIELDS
    readonly_fields = OFFER_FIELDS
    extra = 0


@admin.register(Lab)
class LabAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ["name", "slug", "url", "cards"]
    search_fields = ["name", "slug"]
    fields = ["slug", "name", "url"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Lab]:
        labs: QuerySet[Lab] = super().get_queryset(request)
        return labs.annotate(card_count=Count("cards"))

    @admin.display(ordering="card_count")
    def cards(self, lab: Lab) -> int:
        return int(getattr(lab, "card_count", 0))


@admin.register(Card)
class CardAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ["name", "lab", "category", "license_class", "open_weights", "price_in", "price_out"]
    list_select_related = ["lab"]
    list_filter = ["category", "license_class", "open_weights", "lab"]
    search_fields = ["name", "slug", "lab__name"]
    fields = [
        "slug", "lab", "name", "category", "tagline", "license_class", "open_weights", "runs_locally",
        "context_tokens", "params_total_b", "price_in", "price_out", "modalities_in", "release_date",
        "sources", "conflicts", "snapshot", "created_at", "changed_at",
    ]  # fmt: skip
    inlines = [OfferInline, SnapshotInline]
    show_full_result_count = False


@admin.register(CardSnapshot)
class CardSnapshotAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ["card", "short_hash", "taken_at"]
    list_select_related = ["card"]
    search_fields = ["card__slug", "card__name", "sha256"]
    fields = ["card", "sha256", "taken_at", "facts_as_read"]
    show_full_result_count = False

    @admin.display(description="sha256")
    def short_hash(self, snapshot: CardSnapshot) -> str:
        return snapshot.sha256[:12]

    @admin.display(description="record")
    def facts_as_read(self, snapshot: CardSnapshot) -> str:
        return format_html("<pre>{}</pre>", json.dumps(snapshot.record, indent=2, ensure_ascii=False))


@admin.register(Offer)
class OfferAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ["card", "provider", "model_id", "first_party", "price_in", "price_out", "seen_on"]
    list_select_related = ["card"]
    list_filter = ["first_party", "provider"]
    search_fields = ["card__name", "card__slug", "provider", "model_id"]
    fields = ["card", *OFFER_FIELDS]
    show_full_result_count = False
