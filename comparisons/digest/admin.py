"""The digest's rows, to look at. Subscriptions are their owners' alone: nobody consents for another."""

from __future__ import annotations

from django.contrib import admin

from comparisons.digest.models import Delivery, Issue, Subscriber
from comparisons.readonly import ReadOnly


@admin.register(Subscriber)
class SubscriberAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]  # not generic at run time
    # `manage.py erase` deletes, and also sees to it that nobody signs the address up again.
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
class IssueAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]  # not generic at run time
    list_display = ["__str__", "state", "subject", "held", "started_at", "finished_at"]
    list_filter = ["state"]


@admin.register(Delivery)
class DeliveryAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]  # not generic at run time
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
