"""The digest's rows, to look at. Subscriptions are their owners' alone: nobody consents for another."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from comparisons.digest.models import Delivery, Issue, Subscriber


class ReadOnly(admin.ModelAdmin):  # type: ignore[type-arg]  # not generic at run time
    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # `manage.py erase` also sees to it that nobody signs the address up again


@admin.register(Subscriber)
class SubscriberAdmin(ReadOnly):
    list_display = ["email", "state", "scope", "asked_at", "confirmed_at", "ended_at"]
    list_filter = ["state", "scope"]
    search_fields = ["=email"]
    fields = [
        "email",
        "state",
        "scope",
        "asked_at",
        "wording",
        "page",
        "confirmed_at",
        "ended_at",
    ]  # no tokens


@admin.register(Issue)
class IssueAdmin(ReadOnly):
    list_display = ["__str__", "state", "subject", "held", "started_at", "finished_at"]
    list_filter = ["state"]


@admin.register(Delivery)
class DeliveryAdmin(ReadOnly):
    list_display = ["pk", "kind", "issue", "state", "attempts", "answer", "answered_at"]
    list_filter = ["state", "kind"]
    list_select_related = ["issue"]
    search_fields = ["=subscriber__email"]
    fields = [
        "kind",
        "issue",
        "state",
        "message_id",
        "attempts",
        "not_before",
        "begun_at",
        "answer",
        "answered_at",
    ]
    show_full_result_count = False
