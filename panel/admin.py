"""The panel's books in Django's admin: to be read. What happened is not edited."""

from __future__ import annotations

from django.contrib import admin

from comparisons.readonly import ReadOnly
from panel.models import Attempt, Batch, Hearing, Judge, PersonaVersion, Run, Spend


class Book(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]  # not generic at run time
    """Nothing of it is edited."""


@admin.register(Run)
class RunAdmin(Book):
    list_display = ("scope", "state", "started_by", "started_at", "ended_at")
    list_filter = ("state",)


@admin.register(Hearing)
class HearingAdmin(Book):
    list_display = ("pk", "kind", "persona", "judge", "state", "attempts", "last_error")
    list_filter = ("state", "kind")
    list_select_related = ("persona", "judge")
    show_full_result_count = False


@admin.register(Attempt)
class AttemptAdmin(Book):
    list_display = ("pk", "provider", "requested_model", "outcome", "error_class", "cost_usd", "opened_at")
    list_filter = ("outcome", "provider")
    exclude = ("raw_request", "raw_response")
    show_full_result_count = False


@admin.register(Batch)
class BatchAdmin(Book):
    list_display = ("pk", "run", "state", "remote_state", "requests", "returned", "released", "submitted_at")
    list_filter = ("state",)
    list_select_related = ("run",)


admin.site.register([PersonaVersion, Judge, Spend], Book)
