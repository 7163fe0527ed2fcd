"""Verdicts: what a bench adds up to for a pairing, current ones and those that no longer stand."""

from __future__ import annotations

from typing import Any

from django.db.models import F, QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers

from comparisons.api.cards import CardName
from comparisons.api.noun import ReadNoun
from comparisons.api.parameters import Filters, Flag, Slug, Text, Word
from comparisons.api.parts import Address, OneOf, Record, Share, Words, share
from comparisons.cards.models import Card
from comparisons.listing import Key, Order, hidden, moment, whole
from comparisons.pairings.bench import receipt_path
from comparisons.pairings.narrowing import meant, on_verdict
from comparisons.pairings.page import told_apart
from comparisons.reviews.models import Pick, Verdict

SIDES = ["left", "right"]
JUDGES = ["model", "rubric", "mixed"]


class PanelOnSide(Share):
    """The panel on one of the two cards."""

    median_score = serializers.FloatField(min_value=0, max_value=100, allow_null=True)


class VerdictBody(Record):
    """What the panel says of a pairing, with its counts and its judge."""

    id = serializers.IntegerField()
    url = Address("/api/v1/verdicts/{}/", source="id")
    outcome = serializers.ChoiceField(
        Verdict.Outcome.values, help_text="none: too few reviewers had facts enough."
    )
    side = OneOf(SIDES, allow_null=True, help_text="Whom it is for; null for neither.")
    left = PanelOnSide()
    right = PanelOnSide()
    wins_left = serializers.IntegerField(help_text="Reviewers who prefer the left card.")
    wins_right = serializers.IntegerField(help_text="Reviewers who prefer the right card.")
    median_difference = serializers.FloatField(
        allow_null=True, help_text="Points of 100, left minus right, over reviewers who scored both."
    )
    judges = serializers.ListField(child=serializers.CharField(), help_text="The instruments that spoke.")
    judge_kinds = serializers.ListField(child=serializers.CharField())
    rule_based = serializers.BooleanField(help_text="No language model was asked.")
    provisional = serializers.BooleanField(help_text="Judges were mixed, so scores are not comparable.")
    fell_back_from = Words(help_text="Why an earlier judge did not speak.")
    formula_version = serializers.CharField()
    published_at = serializers.DateTimeField()


class PairingName(Record):
    """A pairing, in few words."""

    slug = serializers.CharField()
    url = Address("/api/v1/pairings/{}/", source="slug")
    page = Address("/compare/{}/", source="slug", help_text="For people.")
    left = CardName()
    right = CardName()


class VerdictRecord(VerdictBody):
    """A verdict and the pairing it is about."""

    named_by = "id"
    pairing = PairingName()
    superseded_at = serializers.DateTimeField(allow_null=True, help_text="null while it stands.")


class PickRecord(Record):
    """One reviewer between the two, asked in both orders."""

    reviewer = serializers.CharField()
    choice = OneOf(["left", "right", "toss_up"])
    why = serializers.CharField()
    changed_with_order = serializers.BooleanField(help_text="The two orders disagreed, so it is a toss-up.")
    flagged = Words(help_text="Why it should be read with care.")
    receipts = serializers.ListField(child=serializers.URLField())


class VerdictDetail(VerdictRecord):
    """A verdict with the reviews it counted and the picks."""

    reviews = serializers.ListField(child=serializers.URLField(), source="told_reviews")
    picks = PickRecord(many=True, source="told_picks")


class VerdictFilters(Filters):
    pairing = Slug("pairing__slug", help_text="Slug of the pairing.")
    card = Slug(method="of_card", help_text="Slug of either card.")
    lab = Slug(method="of_lab", help_text="Slug of either card's lab.")
    category = Text(method="of_category", most=60, help_text="Category of either card, to the letter.")
    outcome = Word("outcome", among=Verdict.Outcome.values, help_text="What it says.")
    judge = Word(
        method="by", among=JUDGES, help_text="Who judged: a model, the rubric, or both (provisional)."
    )
    superseded = Flag(
        "superseded_at",
        lookup_expr="isnull",
        exclude=True,
        help_text="false: those that stand; true: the others.",
    )

    def of_card(self, verdicts: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return _of(verdicts, Card.objects.filter(slug=value))

    def of_lab(self, verdicts: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return _of(verdicts, Card.objects.filter(lab__slug=value))

    def of_category(self, verdicts: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return _of(verdicts, Card.objects.filter(category=value))

    def by(self, verdicts: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        match value:
            case "rubric":
                return verdicts.filter(judge_kinds=["rubric"])
            case "model":
                return verdicts.exclude(judge_kinds__contains=["rubric"])
        return verdicts.filter(provisional=True)


@extend_schema_view(
    list=extend_schema(
        summary="Verdicts",
        description="Newest first, those that stand and those that do not: see `superseded`.",
    ),
    retrieve=extend_schema(summary="One verdict", description="With its picks, and where its reviews are."),
)
class Verdicts(ReadNoun):
    serializer_class = VerdictRecord
    detail_serializer = VerdictDetail
    filterset_class = VerdictFilters
    orders = {"newest": Order((Key("at", moment, descending=True), Key("pk", whole, descending=True)))}
    examples_of_path = {"id": 1}
    examples_of_query = {"card": "gpt-5-5", "superseded": "false"}
    missing = "There is no verdict with this number."

    def get_queryset(self) -> QuerySet[Any]:
        if self.action == "list":  # what the filters go by; `wide` brings the rest
            return Verdict.objects.annotate(at=F("published_at"))
        return self.wide()

    def wide(self) -> QuerySet[Any]:
        return Verdict.objects.with_cards().annotate(at=F("published_at"))

    def with_more(self, rows: list[Any]) -> list[Any]:
        told = []
        for verdict in rows:
            row = body(verdict) | {"pairing": named(verdict.pairing), "superseded_at": verdict.superseded_at}
            if self.action == "retrieve":
                reviews = verdict.reviews.order_by("pk").values_list("pk", flat=True)
                row["told_reviews"] = [site(f"/api/v1/reviews/{pk}/") for pk in reviews]
                row["told_picks"] = [pick(each) for each in verdict.picks.order_by("reviewer_id")]
            told.append(row)
        return told


def body(verdict: Verdict) -> dict[str, Any]:
    """A verdict as VerdictBody shows it."""
    return {
        "id": verdict.pk,
        "outcome": verdict.outcome,
        "side": verdict.side,
        "left": _side(verdict.left_ships, verdict.left_n, verdict.left_score),
        "right": _side(verdict.right_ships, verdict.right_n, verdict.right_score),
        "wins_left": verdict.wins_left,
        "wins_right": verdict.wins_right,
        "median_difference": verdict.median_difference,
        "judges": verdict.judge_labels,
        "judge_kinds": verdict.judge_kinds,
        "rule_based": set(verdict.judge_kinds) == {"rubric"},
        "provisional": verdict.provisional,
        "fell_back_from": verdict.fell_back_from,
        "formula_version": verdict.formula_version,
        "published_at": verdict.published_at,
    }


def named(pairing: Any) -> dict[str, Any]:
    """A pairing as PairingName shows it, its cards told apart."""
    left, right = told_apart(pairing.left, pairing.right)
    return {
        "slug": pairing.slug,
        "left": {"slug": pairing.left.slug, "name": left},
        "right": {"slug": pairing.right.slug, "name": right},
    }


def pick(row: Pick) -> dict[str, Any]:
    return {
        "reviewer": row.reviewer_id,
        "choice": row.choice,
        "why": row.why,
        "changed_with_order": row.changed_with_order,
        "flagged": row.flagged,
        "receipts": receipts(row.receipts),
    }


def receipts(ids: Any) -> list[str]:
    # The panel's part of the API answers there; this package may not know it, the address is the contract.
    return [site(f"/api/v1{receipt_path(each)}") for each in ids]


def site(path: str) -> str:
    return Address("{}").to_representation(path)


def _of(verdicts: QuerySet[Any], cards: QuerySet[Card]) -> QuerySet[Any]:
    """Those of a few cards are gathered and sorted, those of many met on the way: `pairings.narrowing`."""
    wanted = meant(cards)
    gathered = wanted.gathered()
    found = verdicts.filter(on_verdict(wanted, gathered=gathered))
    return found.annotate(at=hidden("published_at")) if gathered else found


def _side(ships: int, n: int, score: Any) -> dict[str, Any]:
    return {**share(ships, n), "median_score": score}
