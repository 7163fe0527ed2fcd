"""Bookmarks in Django's admin: how many of what, never whose and never the notes."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from comparisons.bookmarks.models import Bookmark


@admin.register(Bookmark)
class BookmarkAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # not generic at run time
    list_display = ["card", "pairing", "state", "created_at"]
    list_filter = ["state"]
    list_select_related = ["card", "pairing"]
    fields = ["card", "pairing", "state", "created_at", "changed_at"]
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
