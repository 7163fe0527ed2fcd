"""What moderators send: a decision, several, one taken back, a cut."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import QueryDict

from comparisons.counterpoints.models import Counterpoint, Decision
from comparisons.counterpoints.reasons import REASONS
from comparisons.listing import Choice, Choices, FilterForm
from comparisons.moderation.actions import Cut

State = Counterpoint.State
BULK = 100  # texts at once
CHOOSE_REASON = "Choose a reason: the author is told why."
# One button, one value: "rejected:abusive" is a decision with its reason.
TURNED_DOWN: Choices = [
    (State.SPAM, "Spam"),
    *((f"{State.REJECTED}:{each}", str(each.label)) for each in REASONS),
]
DECISIONS: Choices = [(State.APPROVED, "Approve"), *TURNED_DOWN]


class _Decided(forms.Form):
    @property
    def refusal(self) -> str:
        """What is wrong with it, in one line."""
        return " ".join(str(error) for errors in self.errors.values() for error in errors)

    def decided(self) -> tuple[Counterpoint.State, str]:
        """State and reason, once the form is valid."""
        state, _, reason = self.cleaned_data["decision"].partition(":")
        return State(state), reason


class DecisionForm(_Decided):
    """`seen`: the state the moderator saw the text in."""

    decision = forms.ChoiceField(
        choices=DECISIONS, error_messages={"required": CHOOSE_REASON, "invalid_choice": CHOOSE_REASON}
    )
    seen = forms.ChoiceField(choices=State.choices, required=False)

    def clean_seen(self) -> Counterpoint.State:
        return State(self.cleaned_data["seen"] or State.PENDING)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if str(cleaned.get("decision", "")).partition(":")[0] == cleaned.get("seen"):
            raise forms.ValidationError(f"It is {cleaned['seen']} already.")
        return cleaned


class SeveralForm(_Decided):
    decision = forms.ChoiceField(
        choices=TURNED_DOWN, error_messages={"required": CHOOSE_REASON, "invalid_choice": CHOOSE_REASON}
    )
    chosen = forms.TypedMultipleChoiceField(
        coerce=int,
        error_messages={
            "required": "Select at least one text first.",
            "invalid_choice": f"Select texts of the queue, at most {BULK} at once.",
        },
    )

    def __init__(self, data: QueryDict) -> None:
        super().__init__(data)
        # Any number may be sent: what is not there, or decided, is told as missed.
        sent = [each for each in data.getlist("chosen") if each.isdecimal() and len(each) < 18]
        self.fields["chosen"].choices = [(each, each) for each in sent[:BULK]]  # type: ignore[attr-defined]


class UndoForm(forms.Form):
    """Names the decision by its time, to the microsecond."""

    decided_at = forms.DateTimeField(input_formats=["%Y-%m-%dT%H:%M:%S.%f%z", "%Y-%m-%dT%H:%M:%S%z"])


class RedactionForm(forms.Form):
    passage = forms.CharField(
        label="A passage",
        required=False,
        strip=False,
        help_text="As it stands in the Markdown. Wherever it stands, it is replaced by a mark.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    whole = forms.BooleanField(label="Everything: the text, the name and the link", required=False)
    name = forms.BooleanField(label="The name", required=False)
    link = forms.BooleanField(label="The link", required=False)
    reason = forms.ChoiceField(
        label="Because",
        choices=[("", "Choose a reason"), *((each.value, each.label) for each in REASONS)],
        error_messages={"required": "Choose a reason: it stands in the mark."},
    )
    erase = forms.BooleanField(
        label="Keep no original, not even for staff",
        required=False,
        help_text="For what must not be kept by law. This cannot be taken back.",
    )

    def __init__(self, data: QueryDict | None = None) -> None:
        super().__init__(data, label_suffix="", auto_id="redact-%s")

    def cut(self) -> Cut:
        wanted = self.cleaned_data
        return Cut(wanted["reason"], wanted["passage"], wanted["whole"], wanted["name"], wanted["link"])


class EraseForm(forms.Form):
    reason = forms.ChoiceField(
        label="Because",
        choices=[("", "Choose a reason"), *((each.value, each.label) for each in REASONS)],
        error_messages={"required": "Choose a reason: it stands in the log."},
    )

    def __init__(self, data: QueryDict | None = None) -> None:
        super().__init__(data, label_suffix="", auto_id="erase-%s")


class LogFilter(FilterForm):
    """The state of the history in its address."""

    to = Choice(
        label="Decision", any_label="Any", choices=[(str(a), str(b)) for a, b in Decision.Step.choices]
    )
    by = Choice(label="Moderator", any_label="Anybody")
