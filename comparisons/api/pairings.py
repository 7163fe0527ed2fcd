"""Pairings: two cards side by side, as the comparison page shows them."""

from __future__ import annotations

from typing import Any

from django.db.models import F, QuerySet
from django.http import HttpResponsePermanentRedirect
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from comparisons.api.noun import ReadNoun
from comparisons.api.parameters import Filters, Flag, Slug, Text, Word
from comparisons.api.parts import Address, OneOf, Record, Share, Words, community
from comparisons.api.sides import PairingSide, RowRecord, SeatRecord, row_of, seat_of, side_of
from comparisons.api.verdicts import PairingName, VerdictBody, body, named, site
from comparisons.cards.models import Card
from comparisons.listing import Key, Order, hidden, whole, words
from comparisons.pairings.loading import NoSuchComparison
from comparisons.pairings.models import Pairing
from comparisons.pairings.narrowing import meant, on_pairing
from comparisons.pairings.page import Page, comparison_page
from comparisons.reviews.models import Verdict
from comparisons.votes.counts import Counts
from comparisons.votes.models import community_subquery, votes_subquery


class VotesRecord(Record):
    """How readers have voted. Votes set aside are told, never counted in n."""

    left = serializers.IntegerField(help_text="Ship the left one.")
    right = serializers.IntegerField(help_text="Ship the right one.")
    both = serializers.IntegerField(help_text="Ship both.")
    neither = serializers.IntegerField(help_text="Skip both.")
    n = serializers.IntegerField()
    set_aside = serializers.IntegerField()


class PairingRecord(PairingName):
    """Two cards, unordered: the one that came first to the catalog is left, always."""

    named_by = "slug"
    featured = serializers.BooleanField()
    verdict = VerdictBody(allow_null=True, help_text="null before the panel was convened.")
    votes = VotesRecord()
    left_community = Share(help_text="Votes of readers on all pairings of the left card.")
    right_community = Share(help_text="Votes of readers on all pairings of the right card.")


class OneSentence(Record):
    """The answer in one sentence, computed from the verdict and the facts; no model wrote it."""

    sentence = serializers.CharField()
    lead = serializers.CharField()
    side = OneOf(["left", "right"], allow_null=True)


class EarlierRecord(Record):
    """A verdict that no longer stands."""

    outcome = serializers.ChoiceField(Verdict.Outcome.values)
    side = OneOf(["left", "right"], allow_null=True)
    judges = serializers.ListField(child=serializers.CharField())
    published_at = serializers.DateTimeField()


class RelatedRecord(Record):
    """Another pairing of one of the two cards."""

    slug = serializers.CharField()
    url = Address("/api/v1/pairings/{}/", source="slug")
    outcome = serializers.ChoiceField(Verdict.Outcome.values)
    side = OneOf(["left", "right"], allow_null=True)


class PairingDetail(Record):
    """Everything the comparison page says. Any two cards have one, heard or not."""

    named_by = "slug"
    slug = serializers.CharField()
    url = Address("/api/v1/pairings/{}/", source="slug")
    page = Address("/compare/{}/", source="slug", help_text="For people.")
    title = serializers.CharField()
    answer = OneSentence()
    left = PairingSide()
    right = PairingSide()
    rows = RowRecord(many=True, help_text="The decision table: facts of both cards, worded alike.")
    verdict = VerdictBody(allow_null=True, help_text="null before the panel was convened.")
    stale = serializers.BooleanField(help_text="A card changed after the verdict read it.")
    lenses = Words(help_text="Several personas on one model are one model seen through several lenses.")
    reviewers = SeatRecord(many=True)
    votes = VotesRecord()
    counterpoints = Address("/api/v1/counterpoints/?pairing={}", source="slug")
    earlier = EarlierRecord(many=True, help_text="Verdicts that no longer stand, the newest five.")
    related = RelatedRecord(many=True)


class PairingFilters(Filters):
    card = Slug(method="of_card", help_text="Slug of either card.")
    lab = Slug(method="of_lab", help_text="Slug of either card's lab.")
    category = Text(method="of_category", most=60, help_text="Category of either card, to the letter.")
    judged = Flag("verdict", lookup_expr="isnull", exclude=True, help_text="Whether the panel has judged it.")
    outcome = Word("verdict__outcome", among=Verdict.Outcome.values, help_text="What the verdict says.")
    featured = Flag("featured", help_text="Whether the site shows it first.")

    def of_card(self, pairings: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return of_cards(pairings, Card.objects.filter(slug=value))

    def of_lab(self, pairings: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return of_cards(pairings, Card.objects.filter(lab__slug=value))

    def of_category(self, pairings: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return of_cards(pairings, Card.objects.filter(category=value))


@extend_schema_view(
    list=extend_schema(
        summary="Pairings",
        description="Those that somebody has judged, voted on or argued about. Any other two cards have a "
        "pairing as well, at its own address.",
    ),
    retrieve=extend_schema(
        summary="One pairing",
        description="`<left>-vs-<right>`; the other order redirects to this one.",
        responses={
            200: PairingDetail,
            301: OpenApiResponse(description="This pairing the other way round; `Location` has its address."),
        },
    ),
)
class Pairings(ReadNoun):
    serializer_class = PairingRecord
    detail_serializer = PairingDetail
    filterset_class = PairingFilters
    orders = {
        "slug": Order((Key("named", words),)),
        "newest": Order((Key("made", whole, descending=True),)),
    }
    examples_of_query = {"card": "gpt-5-5", "judged": "true"}
    examples_of_path = {"slug": "gpt-5-5-vs-claude-opus-4-8"}
    missing = "No two models of the catalog are named by this address."

    def get_queryset(self) -> QuerySet[Any]:
        """What the list is filtered and ordered by."""
        return published().annotate(named=F("slug"), made=F("pk"))

    def wide(self) -> QuerySet[Any]:
        return Pairing.objects.select_related("left__lab", "right__lab", "verdict").annotate(
            votes_cast=votes_subquery(),
            on_left=community_subquery("left_id"),
            on_right=community_subquery("right_id"),
            named=F("slug"),
            made=F("pk"),
        )

    def with_more(self, rows: list[Any]) -> list[Any]:
        return [
            {
                **named(pairing),
                "featured": pairing.featured,
                "verdict": body(pairing.verdict) if pairing.verdict else None,
                "votes": votes(Counts.read(pairing.votes_cast)),
                "left_community": community(pairing.on_left),
                "right_community": community(pairing.on_right),
            }
            for pairing in rows
        ]

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Any:
        slug = kwargs["slug"]
        try:
            page = comparison_page(slug)
        except NoSuchComparison:
            raise NotFound(self.missing) from None
        if page.pairing.slug != slug:
            return HttpResponsePermanentRedirect(site(f"/api/v1/pairings/{page.pairing.slug}/"))
        return Response(self.get_serializer(_told(page)).data)


def published() -> QuerySet[Pairing]:
    # A card without a snapshot is rare: asked for first, where two joins would be made for every row walked.
    unpublished = Card.objects.filter(snapshot__isnull=True).order_by()
    return Pairing.objects.exclude(left__in=unpublished).exclude(right__in=unpublished)


def of_cards(pairings: QuerySet[Any], cards: QuerySet[Card]) -> QuerySet[Any]:
    """Those of a few cards are gathered and sorted, those of many met on the way: `pairings.narrowing`."""
    wanted = meant(cards)
    gathered = wanted.gathered()
    found = pairings.filter(on_pairing(wanted, gathered=gathered, prefix=""))
    return found.annotate(named=hidden("slug"), made=hidden("pk")) if gathered else found


def votes(counts: Counts) -> dict[str, int]:
    """Counts as VotesRecord shows them."""
    plain = {name: getattr(counts, name) for name in ("left", "right", "both", "neither", "n")}
    return {**plain, "set_aside": counts.set_aside}


def _told(page: Page) -> dict[str, Any]:
    sides = {"a": "left", "b": "right", "": ""}
    return {
        "slug": page.pairing.slug,
        "title": page.title,
        "answer": {
            "sentence": page.answer.sentence,
            "lead": page.answer.lead,
            "side": sides[page.answer.side],
        },
        "left": side_of(page.a),
        "right": side_of(page.b),
        "rows": [row_of(row) for row in page.table.rows],
        "verdict": body(page.verdict) if page.verdict else None,
        "stale": page.stale,
        "lenses": page.spoke.lenses if page.spoke else "",
        "reviewers": [seat_of(seat) for seat in page.seats],
        "votes": votes(page.votes),
        "earlier": page.earlier,
        "related": page.related,
    }
