"""The panel's books in Django's admin: to be read. What happened is not edited."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest

from panel.models import Attempt, Batch, Hearing, Judge, PersonaVersion, Run, Spend


class ReadOnly(admin.ModelAdmin):  # type: ignore[type-arg]
    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


@admin.register(Run)
class RunAdmin(ReadOnly):
    list_display = ("scope", "state", "started_by", "started_at", "ended_at")
    list_filter = ("state",)


@admin.register(Hearing)
class HearingAdmin(ReadOnly):
    list_display = ("pk", "kind", "persona", "judge", "state", "attempts", "last_error")
    list_filter = ("state", "kind")
    list_select_related = ("persona", "judge")
    show_full_result_count = False


@admin.register(Attempt)
class AttemptAdmin(ReadOnly):
    list_display = ("pk", "provider", "requested_model", "outcome", "error_class", "cost_usd", "opened_at")
    list_filter = ("outcome", "provider")
    exclude = ("raw_request", "raw_response")
    show_full_result_count = False


@admin.register(Batch)
class BatchAdmin(ReadOnly):
    list_display = ("pk", "run", "state", "remote_state", "requests", "returned", "released", "submitted_at")
    list_filter = ("state",)
    list_select_related = ("run",)


admin.site.register([PersonaVersion, Judge, Spend], ReadOnly)
