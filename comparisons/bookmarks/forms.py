"""What a visitor says when bookmarking."""

from __future__ import annotations

from django import forms

from comparisons.bookmarks.models import LONGEST, Bookmark
from comparisons.counterpoints.forms import plain

NONE = "none"


class BookmarkForm(forms.Form):
    """Each button is a state and sends the note along; the state "none" takes the bookmark back."""

    state = forms.ChoiceField(
        choices=[*Bookmark.State.choices, (NONE, "Remove")],
        error_messages={
            "required": "Press one of the buttons.",
            "invalid_choice": "Press one of the buttons; that state is none of them.",
        },
    )
    note = forms.CharField(required=False)

    def clean_note(self) -> str | None:
        """None when the form had no such field: the note that is there stays."""
        if "note" not in self.data:
            return None
        # Browsers count a line break as one character and send it as two.
        note = plain(self.cleaned_data["note"].replace("\r\n", "\n"))
        if len(note) > LONGEST:
            raise forms.ValidationError(f"That is {len(note):,} characters; keep the note to {LONGEST}.")
        return note
