"""Votes in Django's admin: to look at. A row changed by hand would leave its counters behind."""

from __future__ import annotations

from django.contrib import admin

from comparisons.readonly import ReadOnly
from comparisons.votes.models import ShipCount, Vote, VoteCount


@admin.register(Vote)
class VoteAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]  # not generic at run time
    list_display = ["pairing", "choice", "set_aside", "created_at", "changed_at"]
    list_filter = ["choice", "set_aside"]
    list_select_related = ["pairing"]
    search_fields = ["pairing__slug"]
    exclude = ["voter_key"]
    show_full_result_count = False  # counting a million rows would be the slowest part of the page


@admin.register(VoteCount)
class VoteCountAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]  # not generic at run time
    list_display = ["pairing", "shard", "left", "right", "both", "neither", "set_aside"]
    list_select_related = ["pairing"]
    search_fields = ["pairing__slug"]
    show_full_result_count = False


@admin.register(ShipCount)
class ShipCountAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]  # not generic at run time
    list_display = ["card", "shard", "ships", "n"]
    list_select_related = ["card"]
    search_fields = ["card__slug"]
    show_full_result_count = False
