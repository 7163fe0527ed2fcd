"""Moderation in Django's admin: read, decide, see the log. Texts are never edited."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ActionForm
from django.db.models import QuerySet
from django.http import HttpRequest

from comparisons.counterpoints.actions import AlreadyDecided, ReasonMissing, decide
from comparisons.counterpoints.models import Counterpoint, Decision
from comparisons.readonly import ReadOnly

State = Counterpoint.State


class DecisionForm(ActionForm):
    """The choice beside the list of actions: why, for those that reject."""

    reason = forms.ChoiceField(choices=Decision.Reason.choices, required=False, label="Reason to reject:")


class DecisionInline(ReadOnly, admin.TabularInline):  # type: ignore[type-arg]  # not generic at run time
    model = Decision
    readonly_fields = ["at", "by", "from_state", "to_state", "reason"]
    extra = 0


@admin.register(Counterpoint)
class CounterpointAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # not generic at run time
    list_display = ["created_at", "state", "kind", "subject", "name", "beginning", "link"]
    list_display_links = ["beginning"]
    list_filter = ["state", "kind", "proof_of_work"]
    list_select_related = ["pairing", "article"]
    search_fields = ["pairing__slug", "article__slug", "name", "body"]
    # All fields shown, none of them editable.
    readonly_fields = [
        "state", "created_at", "decided_at", "pairing", "article", "kind", "body", "name", "link",
        "answers_reviewer", "answers_side",
    ]  # fmt: skip
    inlines = [DecisionInline]
    action_form = DecisionForm
    actions = ["approve", "reject", "mark_as_spam", "take_back"]

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.display(description="text")
    def beginning(self, counterpoint: Counterpoint) -> str:
        return counterpoint.body[:120]

    @admin.action(description="Approve: publish", permissions=["change"])
    def approve(self, request: HttpRequest, chosen: QuerySet[Counterpoint]) -> None:
        self._decide(request, chosen, State.APPROVED)

    @admin.action(description="Reject, for the reason chosen", permissions=["change"])
    def reject(self, request: HttpRequest, chosen: QuerySet[Counterpoint]) -> None:
        self._decide(request, chosen, State.REJECTED, reason=request.POST.get("reason", ""))

    @admin.action(description="Mark as spam", permissions=["change"])
    def mark_as_spam(self, request: HttpRequest, chosen: QuerySet[Counterpoint]) -> None:
        self._decide(request, chosen, State.SPAM)

    @admin.action(description="Take the decision back: pending again", permissions=["change"])
    def take_back(self, request: HttpRequest, chosen: QuerySet[Counterpoint]) -> None:
        self._decide(request, chosen.exclude(state=State.PENDING), State.PENDING)

    def _decide(
        self,
        request: HttpRequest,
        chosen: QuerySet[Counterpoint],
        to: Counterpoint.State,
        *,
        reason: str = "",
    ) -> None:
        """Decides each on its own, so that one decided meanwhile does not hold up the others."""
        assert request.user.is_authenticated
        done = 0
        for counterpoint in chosen:
            # What is decided is decided once: only "take back" starts from another state than pending.
            seen = State(counterpoint.state) if to == State.PENDING else State.PENDING
            try:
                decide(counterpoint=counterpoint, to=to, by=request.user, reason=reason, seen=seen)
                done += 1
            except (AlreadyDecided, ReasonMissing) as refusal:
                self.message_user(request, f"“{counterpoint.body[:40]}…”: {refusal}", messages.WARNING)
        level = messages.SUCCESS if done else messages.INFO
        self.message_user(request, f"{done} decided: {to.label.lower()}.", level)


@admin.register(Decision)
class DecisionAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ["at", "by", "counterpoint_id", "from_state", "to_state", "reason"]
    list_filter = ["to_state", "reason"]
    list_select_related = ["by"]
