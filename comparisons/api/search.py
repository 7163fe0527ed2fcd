"""Search: cards by name, and the judged pairings of the cards that were meant."""

from __future__ import annotations

import re

from django.http import QueryDict
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from comparisons.api.cards import CardName
from comparisons.api.labs import LabName
from comparisons.api.noun import Noun
from comparisons.api.parameters import TEXT
from comparisons.api.parts import Record
from comparisons.api.problems import Invalid
from comparisons.api.verdicts import PairingName, VerdictBody, body, named
from comparisons.cards.listing import near
from comparisons.pairings.forms import VerdictsForm
from comparisons.pairings.listing import found

SHOWN = 20
LONGEST = 100


class FoundCard(CardName):
    """A card that the words may mean."""

    lab = LabName()


class FoundPairing(PairingName):
    """A judged pairing of cards that the words may mean."""

    verdict = VerdictBody()


class SearchRecord(Record):
    """What was found; cards nearest first, pairings newest verdict first."""

    q = serializers.CharField()
    cards = FoundCard(many=True)
    pairings = FoundPairing(many=True)


Q = OpenApiParameter(
    "q",
    {"type": "string", "minLength": 1, "maxLength": LONGEST, "pattern": TEXT},
    OpenApiParameter.QUERY,
    required=True,
    description="Words of a model's name or lab; “x vs y” asks for both sides.",
)


@extend_schema_view(
    retrieve=extend_schema(
        operation_id="search",
        summary="Search",
        description=f"At most {SHOWN} of each; slips of the finger are forgiven.",
        parameters=[Q],
        responses={200: SearchRecord},
    )
)
class Search(Noun):
    serializer_class = SearchRecord
    parameters = {"retrieve": ("q",)}
    examples_of_query = {"q": "claude"}

    def retrieve(self, request: Request) -> Response:
        q = request.query_params.get("q", "")
        if not re.fullmatch(TEXT[1:-1], q) or len(q) > LONGEST:
            raise Invalid({"q": f"is a text of 1 to {LONGEST} characters."})
        asked = QueryDict(mutable=True)
        asked["q"] = q
        form = VerdictsForm(asked, labs=[], categories=[])
        words = form.chosen("q")
        cards = near(words, limit=SHOWN)[0] if words else []
        verdicts = found(form, {}).page({}, size=SHOWN).rows if words else []
        pairings = [{**named(verdict.pairing), "verdict": body(verdict)} for verdict in verdicts]
        return Response(SearchRecord({"q": q, "cards": cards, "pairings": pairings}).data)
