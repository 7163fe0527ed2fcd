"""What editors and admins type at the desk."""

from __future__ import annotations

import hashlib

from django import forms

from comparisons.switches.models import Switch

LARGEST = 1_000_000  # characters of a pasted card file


class SwitchForm(forms.Form):
    name = forms.ChoiceField(
        choices=Switch.Name.choices, error_messages={"invalid_choice": "No such switch."}
    )
    stopped = forms.TypedChoiceField(
        choices=[("yes", "stop"), ("no", "let run")], coerce=lambda word: word == "yes"
    )
    reason = forms.CharField(
        required=False,
        max_length=120,
        error_messages={"max_length": "Keep the reason to 120 characters: readers see it in one line."},
    )


class CardsForm(forms.Form):
    """Cards as text, in the format of card files."""

    cards = forms.CharField(
        label="Cards",
        max_length=LARGEST,
        widget=forms.Textarea(attrs={"rows": 20, "spellcheck": "false", "class": "source"}),
        error_messages={
            "required": "Paste the labs and cards first.",
            "max_length": "That is more than 1 MB; use manage.py import_cards for a whole catalogue.",
        },
        strip=False,
    )
    strict = forms.BooleanField(label="All or nothing: one bad record stops all", required=False)
    confirm = forms.BooleanField(required=False)
    seen = forms.CharField(required=False)  # `sha256` of the text whose preview the editor has before them

    def sha256(self) -> str:
        # A browser sends other line ends than it was given, and no line end before the first line.
        text = self.cleaned_data["cards"].replace("\r\n", "\n").strip("\n")
        return hashlib.sha256(text.encode()).hexdigest()

    def unseen(self) -> bool:
        """Whether it is to be written and is not what was previewed: one can type on beside the button."""
        return bool(self.cleaned_data["confirm"] and self.cleaned_data["seen"] != self.sha256())
