"""Bookmarks in Django's admin: how many of what, never whose and never the notes."""

from __future__ import annotations

from django.contrib import admin

from comparisons.bookmarks.models import Bookmark
from comparisons.readonly import ReadOnly


@admin.register(Bookmark)
class BookmarkAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]  # not generic at run time
    list_display = ["card", "pairing", "state", "created_at"]
    list_filter = ["state"]
    list_select_related = ["card", "pairing"]
    fields = ["card", "pairing", "state", "created_at", "changed_at"]
    show_full_result_count = False
