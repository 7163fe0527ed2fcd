"""What readers may ask of the list of comparisons, and how they name two models."""

from __future__ import annotations

from django import forms
from django.http import QueryDict

from comparisons.listing import Choice, Choices, FilterForm
from comparisons.reviews.models import Verdict

SORTS = [("newest", "Newest verdict"), ("closest", "Closest call"), ("name", "Name")]
JUDGES = [
    ("model", "A language model"),
    ("rubric", "The rule-based rubric"),
    ("mixed", "Mixed judges, provisional"),
]


class VerdictsForm(FilterForm):
    """Filters of the list of judged pairings."""

    q = forms.CharField(label="Search", max_length=100, required=False)
    outcome = Choice(label="Verdict")
    category = Choice(label="Category")
    lab = Choice(label="Lab")
    judge = Choice(label="Judged by", choices=JUDGES)
    sort = Choice(label="Sort by", any_label="Newest verdict", choices=SORTS[1:])

    def __init__(self, data: QueryDict, *, labs: Choices, categories: Choices) -> None:
        outcomes = [(value, str(label).capitalize()) for value, label in Verdict.Outcome.choices]
        super().__init__(data, offers={"outcome": outcomes, "lab": labs, "category": categories})
