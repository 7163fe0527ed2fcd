"""The form of a counterpoint: what a reader types, and two quiet questions to programs."""

from __future__ import annotations

import json
import secrets
import time
import unicodedata
from collections.abc import Iterable
from typing import Any

from django import forms
from django.core import signing
from django.core.validators import MaxLengthValidator, MinLengthValidator, URLValidator
from django.http import QueryDict

from comparisons.counterpoints.actions import Words
from comparisons.counterpoints.models import LONGEST, SHORTEST, Counterpoint
from comparisons.people.work import challenge, proves
from comparisons.reviews.models import Reviewer

LEAST_SECONDS = 3  # nobody types 20 characters faster
UNSEEN = {"Cc", "Cf", "Cs"}  # Unicode categories: controls, formats, lone surrogates
STALE_SECONDS = 24 * 60 * 60  # a form opened longer ago is shown again before it is sent
INCOMPLETE = "This form was not complete. Look it over and send it again."
STALE = "This form was open for more than a day. Look it over and send it again."
TOO_FAST = "That was faster than anybody types. Wait a moment and send it again."


def answer_choices(reviewers: Iterable[Reviewer], name_a: str, name_b: str) -> list[tuple[str, str]]:
    """What can be answered: "skeptic:left" is that reviewer's paragraph on A, "skeptic:" their pick."""
    choices = [("", "Nothing in particular")]
    for reviewer in reviewers:
        choices += [
            (f"{reviewer.slug}:left", f"{reviewer.name} on {name_a}"),
            (f"{reviewer.slug}:right", f"{reviewer.name} on {name_b}"),
            (f"{reviewer.slug}:", f"{reviewer.name}'s pick"),
        ]
    return choices


class Stamp:
    """When a form was opened, signed for one page, with a nonce: "nonce:seconds:signature"."""

    def __init__(self, slug: str) -> None:
        self._signer = signing.Signer(salt=f"comparisons.counterpoints.forms:{slug}")

    def fresh(self) -> str:
        return self._signer.sign(f"{secrets.token_urlsafe(16)}:{time.time():.0f}")

    def read(self, stamp: str) -> tuple[str, float]:
        """Nonce and age in seconds. Raises BadSignature."""
        nonce, _, opened = self._signer.unsign(stamp).partition(":")
        return nonce, time.time() - int(opened)


def plain(text: str) -> str:
    """Without characters that show nothing but turn the text around them (bidi controls) or end it (NUL)."""
    shown = (sign for sign in text if sign in "\n\t\u200c\u200d" or unicodedata.category(sign) not in UNSEEN)
    return "".join(shown).strip()


class CounterpointForm(forms.Form):
    """Refuses beside the field and keeps what was typed. `slug` is the page it was opened on.

    Where nothing can be answered, `answers` is empty and so is that field: it is left out.
    """

    kind = forms.ChoiceField(
        label="What it does",
        choices=Counterpoint.Kind.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Say what it does.", "invalid_choice": "Choose one of the three."},
    )
    body = forms.CharField(
        label="Your counterpoint",
        help_text=f"Markdown, {SHORTEST} to {LONGEST:,} characters. No headings, images or HTML.",
        widget=forms.Textarea(attrs={"rows": 8, "minlength": SHORTEST, "maxlength": LONGEST}),
        error_messages={"required": "Write what you want to say."},
    )
    answers = forms.ChoiceField(
        label="It answers",
        required=False,
        error_messages={"invalid_choice": "That is not on the list of what can be answered."},
    )
    link = forms.CharField(
        label="Source",
        required=False,
        help_text="Optional: one http or https address that backs it up.",
        widget=forms.URLInput(attrs={"maxlength": 300}),
    )
    name = forms.CharField(
        label="Name",
        required=False,
        help_text="Optional, shown beside your text.",
        widget=forms.TextInput(attrs={"maxlength": 60, "autocomplete": "nickname"}),
    )
    # Out of sight and out of reach of the Tab key; a program fills whatever is there.
    fax = forms.CharField(
        label="Leave this field empty",
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "tabindex": "-1"}),
    )
    stamp = forms.CharField(widget=forms.HiddenInput, required=False)
    work = forms.CharField(
        widget=forms.HiddenInput, required=False
    )  # the answer to `challenge`, from scripts

    def __init__(self, data: QueryDict | None = None, *, slug: str, answers: list[tuple[str, str]]) -> None:
        self.stamps = Stamp(slug)
        self._purpose = f"counterpoint on {slug}"
        super().__init__(
            data, label_suffix="", auto_id="counterpoint-%s", initial={"stamp": self.stamps.fresh()}
        )
        if answers:
            self.fields["answers"].choices = answers  # type: ignore[attr-defined]  # a ChoiceField
        else:
            del self.fields["answers"]
        self.nonce = ""

    def challenge(self) -> str:
        """A proof of work, as JSON, that a browser may bring along; it is good as long as the form is."""
        return json.dumps(challenge(self._purpose, seconds=STALE_SECONDS))

    def worked(self) -> bool:
        """Whether the browser has. An answer is good once: ask when everything else is valid."""
        return proves(self.cleaned_data["work"], self._purpose)

    def clean_body(self) -> str:
        body = plain(self.cleaned_data["body"].replace("\r\n", "\n").replace("\r", "\n"))
        MinLengthValidator(SHORTEST, f"That is {len(body)} characters; write at least {SHORTEST}.")(body)
        MaxLengthValidator(LONGEST, f"That is {len(body):,} characters; keep it to {LONGEST:,}.")(body)
        return body

    def clean_name(self) -> str:
        name = " ".join(plain(self.cleaned_data["name"]).split())
        MaxLengthValidator(60, f"That is {len(name)} characters; keep it to 60.")(name)
        return name

    def clean_link(self) -> str:
        link = plain(self.cleaned_data["link"])
        if link:
            MaxLengthValidator(300, "That address is too long; keep it to 300 characters.")(link)
            URLValidator(schemes=["http", "https"], message="Give a full http or https address.")(link)
        return link

    def clean_fax(self) -> str:
        if self.cleaned_data["fax"]:
            raise forms.ValidationError("Leave this field empty: it is there to catch programs.")
        return ""

    def clean(self) -> dict[str, Any]:
        """The fill time; a text with other faults is not told to wait as well."""
        cleaned = super().clean() or {}
        try:
            self.nonce, age = self.stamps.read(cleaned.get("stamp", ""))
        except signing.BadSignature:
            self._renew_stamp()
            raise forms.ValidationError(INCOMPLETE) from None
        if age > STALE_SECONDS:
            self._renew_stamp()
            raise forms.ValidationError(STALE)
        if age < LEAST_SECONDS and not self.errors:
            raise forms.ValidationError(TOO_FAST)
        return cleaned

    def words(self) -> Words:
        """What was typed, once the form is valid."""
        reviewer, _, side = self.cleaned_data.get("answers", "").partition(":")
        return Words(
            kind=self.cleaned_data["kind"],
            body=self.cleaned_data["body"],
            name=self.cleaned_data["name"],
            link=self.cleaned_data["link"],
            answers_reviewer=reviewer or None,
            answers_side=side,
        )

    def _renew_stamp(self) -> None:
        renewed = QueryDict(mutable=True)
        renewed.update(self.data)
        renewed["stamp"] = self.stamps.fresh()
        self.data = renewed
