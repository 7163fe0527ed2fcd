"""Reviews: one reviewer on one state of one card."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import F, QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers

from comparisons.api.cards import CardName, SnapshotRecord
from comparisons.api.noun import ReadNoun
from comparisons.api.parameters import Filters, Flag, Slug, Text
from comparisons.api.parts import Address, Record, Words
from comparisons.api.verdicts import receipts
from comparisons.reviews.models import Review
from comparisons.reviews.profile import BY_DATE


class ReviewerName(Record):
    """A seat on the panel: an AI persona, not a person."""

    slug = serializers.CharField()
    name = serializers.CharField()
    url = Address("/api/v1/reviewers/{}/", source="slug")


class StandingAnswer(Record):
    """The answer to one of the reviewer's standing questions."""

    key = serializers.CharField()
    question = Words(help_text="null where it is no longer asked.")
    answer = serializers.CharField()


class PointsRecord(Record):
    """A rule of the rubric, and what it gave or took."""

    fact = serializers.CharField()
    points = serializers.FloatField()
    because = serializers.CharField(allow_blank=True)


class JudgeRecord(Record):
    """The instrument that spoke."""

    kind = serializers.CharField(help_text="rubric: rule-based, no model.")
    label = serializers.CharField()  # type: ignore[assignment]  # a field, not the label of one
    fingerprint = serializers.CharField(help_text="Hash of everything that makes the instrument.")


class ReviewRecord(Record):
    """One reviewer on one state of one card, written by a model or by rules."""

    named_by = "id"
    id = serializers.IntegerField()
    url = Address("/api/v1/reviews/{}/", source="id")
    card = CardName()
    reviewer = ReviewerName()
    score = serializers.IntegerField(min_value=0, max_value=100, allow_null=True)
    call = serializers.ChoiceField(["ship", "skip", "abstained"], help_text="60 and more is a ship.")
    paragraph = serializers.CharField()
    answers = StandingAnswer(many=True)
    points = PointsRecord(many=True, help_text="Rubric only.")
    flagged = Words(help_text="Why it should be read with care.")
    judge = JudgeRecord()
    persona_sha256 = serializers.CharField(help_text="Version of the persona.")
    receipts = serializers.ListField(child=serializers.URLField())
    snapshot = SnapshotRecord()
    current = serializers.BooleanField(help_text="The card has not changed since.")
    heard_at = serializers.DateTimeField()


class ReviewFilters(Filters):
    card = Slug("snapshot__card__slug", help_text="Slug of the card.")
    reviewer = Slug("reviewer__slug", help_text="Slug of the reviewer.")
    judge = Text("judge_label", most=120, help_text="Label of the judge, to the letter.")
    ship = Flag("ship", help_text="false: skips and abstentions.")
    current = Flag(
        "snapshot__current_of",
        lookup_expr="isnull",
        exclude=True,
        help_text="true: of cards as they are now.",
    )


@extend_schema_view(
    list=extend_schema(summary="Reviews", description="Newest first."),
    retrieve=extend_schema(summary="One review"),
)
class Reviews(ReadNoun):
    serializer_class = ReviewRecord
    filterset_class = ReviewFilters
    orders = {"newest": BY_DATE}
    examples_of_path = {"id": 1}
    examples_of_query = {"card": "gpt-5-5", "current": "true"}
    missing = "There is no review with this number."

    def get_queryset(self) -> QuerySet[Any]:
        reviews = Review.objects.filter(snapshot__card__snapshot__isnull=False)
        reviews = reviews.select_related("reviewer", "snapshot__card").defer("snapshot__record")
        return reviews.annotate(now=F("snapshot__card__snapshot_id"))

    def with_more(self, rows: list[Any]) -> list[Any]:
        return [_told(review) for review in rows]


def _told(review: Any) -> dict[str, Any]:
    return {
        "id": review.pk,
        "card": review.snapshot.card,
        "reviewer": review.reviewer,
        "score": review.score,
        "call": "abstained" if review.abstained else "ship" if review.ship else "skip",
        "paragraph": review.paragraph,
        "answers": _answers(review),
        "points": points(review.points),
        "flagged": review.flagged,
        "judge": {"kind": review.judge_kind, "label": review.judge_label, "fingerprint": review.judge_key},
        "persona_sha256": review.persona_sha,
        "receipts": receipts(review.receipts),
        "snapshot": review.snapshot,
        "current": review.snapshot_id == review.now,
        "heard_at": review.heard_at,
    }


def _answers(review: Any) -> list[dict[str, str]]:
    questions = {each["key"]: each["question"] for each in review.reviewer.questions}
    # In the order asked; an older review may answer what is no longer asked.
    keys = [*questions, *(key for key in review.answers if key not in questions)]
    return [
        {"key": key, "question": questions.get(key, ""), "answer": str(review.answers[key])}
        for key in keys
        if review.answers.get(key)
    ]


def points(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """What the rubric gave and took, as PointsRecord shows it."""
    plain = {"fact": "", "points": 0, "because": ""}
    return [{name: row.get(name, default) for name, default in plain.items()} for row in rows]
