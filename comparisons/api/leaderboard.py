"""What a leaderboard is computed from: who won against whom in readers' votes. Data only, no ranking."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, F, OuterRef, QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers

from comparisons.api.noun import ReadNoun
from comparisons.api.pairings import of_cards, published
from comparisons.api.parameters import Filters, Slug
from comparisons.api.parts import Record, Share, community
from comparisons.cards.models import Card
from comparisons.listing import Key, Order, whole
from comparisons.pairings.models import Pairing
from comparisons.votes.counts import Counts
from comparisons.votes.models import VoteCount, community_subquery, votes_subquery


class ResultRecord(Record):
    """Readers' votes on one pairing, as wins and ties."""

    named_by = "pairing"
    pairing = serializers.CharField(help_text="Its slug.")
    left = serializers.CharField(help_text="Slug of the left card.")
    right = serializers.CharField(help_text="Slug of the right card.")
    left_wins = serializers.IntegerField()
    right_wins = serializers.IntegerField()
    ties = serializers.IntegerField(help_text="Ship both, or skip both.")
    n = serializers.IntegerField()
    set_aside = serializers.IntegerField(help_text="Votes that are kept and not counted.")
    left_community = Share(help_text="Votes on all pairings of the left card.")
    right_community = Share(help_text="Votes on all pairings of the right card.")


class ResultFilters(Filters):
    card = Slug(method="of_card", help_text="Slug of either card.")

    def of_card(self, pairings: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return of_cards(pairings, Card.objects.filter(slug=value))


@extend_schema_view(
    list=extend_schema(
        summary="Pairwise results",
        description="Every pairing with a vote: who won, tied, and how often each card would be shipped.",
    )
)
class Leaderboard(ReadNoun):
    serializer_class = ResultRecord
    filterset_class = ResultFilters
    examples_of_query = {"card": "gpt-5-5"}
    orders = {"oldest": Order((Key("made", whole),))}

    def get_queryset(self) -> QuerySet[Any]:
        """What the list is filtered and ordered by."""
        voted = VoteCount.objects.filter(pairing=OuterRef("pk"))
        return published().filter(Exists(voted)).annotate(named=F("slug"), made=F("pk"))

    def wide(self) -> QuerySet[Any]:
        return Pairing.objects.select_related("left", "right").annotate(
            votes_cast=votes_subquery(),
            on_left=community_subquery("left_id"),
            on_right=community_subquery("right_id"),
            made=F("pk"),
        )

    def with_more(self, rows: list[Any]) -> list[Any]:
        return [_told(pairing, Counts.read(pairing.votes_cast)) for pairing in rows]


def _told(pairing: Any, counts: Counts) -> dict[str, Any]:
    return {
        "pairing": pairing.slug,
        "left": pairing.left.slug,
        "right": pairing.right.slug,
        "left_wins": counts.left,
        "right_wins": counts.right,
        "ties": counts.both + counts.neither,
        "n": counts.n,
        "set_aside": counts.set_aside,
        "left_community": community(pairing.on_left),
        "right_community": community(pairing.on_right),
    }
