"""What staff type on the panel's pages."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.http import QueryDict

from comparisons.cards.models import Card

MOST = 50  # cards one card is heard against in one order


class ConveneForm(forms.Form):
    """One card, and those it is to be heard against."""

    one = forms.CharField(label="Model", max_length=160)
    other = forms.CharField(
        label="Against",
        max_length=MOST * 160,
        widget=forms.Textarea(attrs={"rows": 1}),
        help_text="One model, or several: a line each.",
    )

    def clean_one(self) -> Card:
        return _card(self.cleaned_data["one"])

    def clean_other(self) -> list[Card]:
        lines = [line for line in self.cleaned_data["other"].splitlines() if line.strip()]
        if len(lines) > MOST:
            raise forms.ValidationError(f"That is {len(lines)} models; name at most {MOST}.")
        return list(dict.fromkeys(_card(line, many=len(lines) > 1) for line in lines))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        one, others = cleaned.get("one"), cleaned.get("other")
        if one and others and one in others:
            self.add_error("other", "Name another model; a card cannot be compared with itself.")
        return cleaned


def told(data: QueryDict) -> Decimal:
    """USD that an editor has read as the most it costs; none where they have read nothing of the kind."""
    try:
        return Decimal(forms.DecimalField().clean(data.get("at_most", "0")))
    except forms.ValidationError:
        return Decimal(0)


def _card(words: str, *, many: bool = False) -> Card:
    """By slug, or by the exact name; nothing is guessed where it costs money."""
    cards = Card.objects.published()
    found = list(cards.filter(slug=words.strip().lower())[:1]) or list(
        cards.filter(name__iexact=words.strip())[:2]
    )
    if len(found) != 1:
        problem = (
            "No model has this slug or name." if not found else "Two models have this name; use the slug."
        )
        raise forms.ValidationError(
            f"{words.strip()}: {problem[0].lower()}{problem[1:]}" if many else problem
        )
    return found[0]
