"""Reviewers: who the panel is, and how they have scored."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers

from comparisons.api.noun import ReadNoun
from comparisons.api.parts import Address, Record, Share, share
from comparisons.listing import Key, Order, whole, words
from comparisons.reviews.distribution import Distribution
from comparisons.reviews.models import Reviewer
from comparisons.reviews.profile import scores_given


class QuestionRecord(Record):
    """What this reviewer asks of every card."""

    key = serializers.CharField()
    question = serializers.CharField()


class BarRecord(Record):
    """How many scores fell between two bounds, both included."""

    low = serializers.IntegerField()
    high = serializers.IntegerField()
    count = serializers.IntegerField()


class ScoresRecord(Record):
    """Scores given before one judge; those of two judges are never added up."""

    judge = serializers.CharField()
    n = serializers.IntegerField()
    mean = serializers.FloatField()
    abstained = serializers.IntegerField()
    ships = Share()
    histogram = BarRecord(many=True)


class ReviewerRecord(Record):
    """A seat on the panel: an AI persona, not a person."""

    named_by = "slug"
    slug = serializers.CharField()
    url = Address("/api/v1/reviewers/{}/", source="slug")
    page = Address("/reviewers/{}/", source="slug", help_text="For people.")
    name = serializers.CharField()
    motto = serializers.CharField()
    excites = serializers.CharField()
    tires = serializers.CharField()
    position = serializers.IntegerField()
    active = serializers.BooleanField()
    persona_sha256 = serializers.CharField(source="persona_sha", help_text="Version of the persona.")
    questions = QuestionRecord(many=True)
    scores = ScoresRecord(many=True, help_text="On cards as they are now; the judge heard last comes first.")


@extend_schema_view(
    list=extend_schema(summary="Reviewers", description="Those who sit on the panel now."),
    retrieve=extend_schema(summary="One reviewer", description="Also one who has left the panel."),
)
class Reviewers(ReadNoun):
    serializer_class = ReviewerRecord
    orders = {"position": Order((Key("position", whole), Key("slug", words)))}
    examples_of_path = {"slug": "skeptic"}
    missing = "There is no reviewer with this slug."

    def get_queryset(self) -> QuerySet[Any]:
        reviewers = Reviewer.objects.all()
        return reviewers.filter(active=True) if self.action == "list" else reviewers

    def with_more(self, rows: list[Any]) -> list[Any]:
        given = scores_given(rows)
        for reviewer in rows:
            reviewer.scores = [_scores(each) for each in given[reviewer.slug].by_judge]
        return rows


def _scores(drawn: Distribution) -> dict[str, Any]:
    return {
        "judge": drawn.judge_label,
        "n": drawn.n,
        "mean": round(drawn.mean, 2),
        "abstained": drawn.abstained,
        "ships": share(drawn.ships, drawn.n),
        "histogram": drawn.bars,
    }
