"""What readers may ask of the catalogue."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation

from django import forms
from django.http import QueryDict

from comparisons.cards.models import Card
from comparisons.listing import BIGGEST, Choice, Choices, FilterForm

UNITS = {"": 1, "k": 1_000, "m": 1_000_000}
MODALITIES = [
    ("text", "Text"),
    ("image", "Images"),
    ("audio", "Audio"),
    ("video", "Video"),
    ("pdf", "PDF files"),
]
SORTS = [
    ("name", "Name"),
    ("newest", "Newest release"),
    ("price", "Lowest input price"),
    ("context", "Largest context"),
]


class Tokens(forms.Field):
    """A number of tokens the way people write them: 128000, 128,000, 128K, 1M."""

    def to_python(self, value: object) -> int | None:
        text = str(value or "").strip().lower().replace(",", "").replace(" ", "")
        if not text:
            return None
        parts = re.fullmatch(r"(\d{1,15}(?:\.\d{1,6})?)([km]?)", text, flags=re.ASCII)
        if parts is None:
            raise forms.ValidationError("Write a number of tokens, like 128000 or 128K.")
        return min(int(Decimal(parts[1]) * UNITS[parts[2]]), BIGGEST)


class Dollars(forms.Field):
    """An amount in US dollars: 0.50, $0.50, 3."""

    def to_python(self, value: object) -> Decimal | None:
        text = str(value or "").strip().removeprefix("$").strip()
        if not text:
            return None
        try:
            amount = Decimal(text)
        except InvalidOperation:
            amount = Decimal("NaN")
        if not amount.is_finite() or amount < 0 or amount > 1_000_000:
            raise forms.ValidationError("Write an amount in US dollars, like 0.50.")
        return amount


class CatalogForm(FilterForm):
    """Filters of the model list. Those about a fact leave out the models of which that fact is unknown."""

    q = forms.CharField(label="Search", max_length=100, required=False)
    lab = Choice(label="Lab")
    category = Choice(label="Category")
    license = Choice(label="License", choices=list(Card.LicenseClass.choices))
    weights = Choice(label="Weights", choices=[("open", "Open"), ("closed", "Closed")])
    context = Tokens(
        label="Context at least", required=False, widget=forms.TextInput({"placeholder": "like 128K"})
    )
    price = Dollars(
        label="Price at most", required=False, widget=forms.TextInput({"placeholder": "$ per 1M in"})
    )
    modality = Choice(label="Reads", choices=MODALITIES)
    local = forms.BooleanField(label="Runs locally", required=False)
    sort = Choice(label="Sort by", any_label="Best match, or name", choices=SORTS)

    def __init__(self, data: QueryDict, *, labs: Choices, categories: Choices) -> None:
        super().__init__(data, offers={"lab": labs, "category": categories})
