"""What people type about the digest. Every refusal says what to do, beside the field."""

from __future__ import annotations

import re
from typing import Any

from django import forms

from comparisons.cards.models import Card, Lab
from comparisons.digest.addresses import LONGEST, NoAddress, normalized
from comparisons.digest.models import Subscriber
from comparisons.digest.wording import CURRENT, WORDINGS

PAGE = re.compile(r"/[\w\-./%]{0,199}")
MOST_CARDS = 50


def _address(typed: str) -> str:
    try:
        return normalized(typed)
    except NoAddress as refusal:
        raise forms.ValidationError(str(refusal)) from None


class SignUpForm(forms.Form):
    """An address, and which words on which page its owner read before they sent it."""

    email = forms.CharField(
        label="E-mail address",
        max_length=LONGEST,
        widget=forms.EmailInput(attrs={"autocomplete": "email", "placeholder": "name@example.org"}),
        error_messages={"required": "Write the address that the digest should go to."},
    )
    wording = forms.CharField(widget=forms.HiddenInput, required=False)
    page = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, data: Any = None, *, page: str = "/digest/subscribe/") -> None:
        super().__init__(
            data, auto_id="sign-up-%s", label_suffix="", initial={"wording": CURRENT, "page": page}
        )

    def clean_email(self) -> str:
        return _address(self.cleaned_data["email"])

    def clean_wording(self) -> str:
        wording: str = self.cleaned_data["wording"]
        if wording not in WORDINGS:
            # Also a form that was left out: nobody may be said to have agreed to words they never saw.
            raise forms.ValidationError("This form is out of date. Read it again and send it once more.")
        return wording

    def clean_page(self) -> str:
        page: str = self.cleaned_data["page"]
        return page if PAGE.fullmatch(page) else "/digest/subscribe/"


class PreferencesForm(forms.Form):
    scope = forms.ChoiceField(
        label="What you get",
        choices=Subscriber.Scope.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose one of the two.", "invalid_choice": "Choose one of the two."},
    )
    labs = forms.ModelMultipleChoiceField(
        label="Labs",
        queryset=Lab.objects.filter(cards__snapshot__isnull=False).distinct(),
        to_field_name="slug",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "invalid_choice": "There is no lab “%(value)s”.",
            "invalid_list": "Choose labs of the list.",
        },
    )
    cards = forms.CharField(
        label="Models",
        required=False,
        help_text="One name a line. With no lab and no model you read about all of them.",
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false"}),
    )

    def __init__(self, data: Any = None, *, initial: dict[str, Any] | None = None) -> None:
        super().__init__(data, initial=initial, auto_id="preferences-%s", label_suffix="")

    @classmethod
    def of(cls, subscriber: Subscriber) -> PreferencesForm:
        interests = subscriber.interests.select_related("lab", "card").order_by("pk")
        return cls(
            initial={
                "scope": subscriber.scope,
                "labs": [each.lab.slug for each in interests if each.lab],
                "cards": "\n".join(dict.fromkeys(each.card.name for each in interests if each.card)),
            }
        )

    def clean_cards(self) -> list[Card]:
        """By slug or exact name. Two cards of one name are both meant."""
        typed = [line.strip() for line in self.cleaned_data["cards"].splitlines() if line.strip()]
        if len(typed) > MOST_CARDS:
            raise forms.ValidationError(f"That is {len(typed)} models; name at most {MOST_CARDS}.")
        found: list[Card] = []
        for words in typed:
            matching = list(Card.objects.published().filter(name__iexact=words)) or list(
                Card.objects.published().filter(slug=words.lower())
            )
            if not matching:
                raise forms.ValidationError(f"There is no model “{words}” in the catalog.")
            found += matching
        return list(dict.fromkeys(found))


class TrialForm(forms.Form):
    """An editor's test mail."""

    email = forms.CharField(label="Send a test to", max_length=LONGEST, widget=forms.EmailInput)

    def clean_email(self) -> str:
        return _address(self.cleaned_data["email"])
