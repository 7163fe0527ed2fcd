"""What staff type on the panel's pages."""

from __future__ import annotations

from typing import Any

from django import forms

from comparisons.cards.models import Card


class ConveneForm(forms.Form):
    """Two cards to be heard against each other."""

    one = forms.CharField(label="Model A", max_length=160)
    other = forms.CharField(label="Model B", max_length=160)

    def clean_one(self) -> Card:
        return _card(self.cleaned_data["one"])

    def clean_other(self) -> Card:
        return _card(self.cleaned_data["other"])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        one, other = cleaned.get("one"), cleaned.get("other")
        if one and other and one == other:
            self.add_error("other", "Name a second model; a card cannot be compared with itself.")
        return cleaned


def _card(words: str) -> Card:
    """By slug, or by the exact name; nothing is guessed where it costs money."""
    cards = Card.objects.published()
    found = list(cards.filter(slug=words.strip().lower())[:1]) or list(
        cards.filter(name__iexact=words.strip())[:2]
    )
    if len(found) != 1:
        problem = (
            "No model has this slug or name." if not found else "Two models have this name; use the slug."
        )
        raise forms.ValidationError(problem)
    return found[0]
