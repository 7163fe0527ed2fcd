"""One's own vote on a pairing. A program keeps the `Visitor` header as a browser keeps a cookie."""

from __future__ import annotations

import re

from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.exceptions import NotFound, PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from comparisons.api.bodies import Body, Choice
from comparisons.api.noun import Noun
from comparisons.api.pairings import VotesRecord, votes
from comparisons.api.parts import OneOf, Record
from comparisons.api.problems import Invalid
from comparisons.api.schema import VISITOR
from comparisons.pairings.addresses import NoSuchPairing, kept, pairing_at
from comparisons.pairings.models import Pairing
from comparisons.people.visitor import Visitor
from comparisons.switches.models import Switch
from comparisons.votes.actions import cast, read_choice
from comparisons.votes.models import Vote, VoteCount, own_choice

SIGNED = "^[A-Za-z0-9_-]{32}:[A-Za-z0-9_-]{43}$"


class BallotRecord(Record):
    """One's own vote, and how everybody has voted."""

    pairing = serializers.CharField()
    choice = OneOf(Vote.Choice.values, allow_null=True, help_text="null: none yet.")
    votes = VotesRecord()


class VoteBody(Body):
    """A vote says two things: it ships or skips each card, and it prefers one or none."""

    choice = Choice(Vote.Choice.values, help_text="Ship the left, the right or both, or neither.")


@extend_schema_view(
    retrieve=extend_schema(summary="Your vote", parameters=[VISITOR], responses={200: BallotRecord}),
    update=extend_schema(
        summary="Vote",
        description="One vote a visitor and pairing: a second one replaces the first. Without a `Visitor` "
        "header you are new, and the answer says who you are.",
        parameters=[VISITOR],
        request=VoteBody,
        responses={200: BallotRecord},
    ),
    destroy=extend_schema(
        summary="Take your vote back",
        description="Also fine where there is none.",
        parameters=[VISITOR],
        responses={200: BallotRecord},
    ),
)
class Votes(Noun):
    tag = "votes"
    switch = Switch.Name.VOTES
    serializer_class = BallotRecord
    private = True
    refusals = {"retrieve": (403,)}  # a Visitor header that names nobody
    examples_of_path = {"slug": "gpt-5-5-vs-claude-opus-4-8"}
    examples_of_body = {"update": {"choice": "left"}}

    def retrieve(self, request: Request, slug: str) -> Response:
        pairing = _pairing(slug)
        return _ballot(pairing, own_choice(pairing, visitor_of(request)))

    def update(self, request: Request, slug: str) -> Response:
        choice = VoteBody.read(request)["choice"]
        visitor, pairing = visitor_of(request) or Visitor.acting(request._request), kept(_pairing(slug))
        cast(pairing=pairing, visitor=visitor, choice=read_choice(choice))
        return remembered(visitor, _ballot(pairing, choice))

    def destroy(self, request: Request, slug: str) -> Response:
        visitor, pairing = visitor_of(request), _pairing(slug)
        if visitor is not None and pairing.pk:
            cast(pairing=pairing, visitor=visitor, choice="none")
        return _ballot(pairing, "")


def visitor_of(request: Request) -> Visitor | None:
    """Whom the `Visitor` header names. Raises Invalid, PermissionDenied."""
    signed = request.headers.get("Visitor")
    if signed is None:
        return None
    if not re.fullmatch(SIGNED, signed):
        raise Invalid({"Visitor": "is not what an earlier answer said in its Visitor header."})
    visitor = Visitor.named(signed)
    if visitor is None:
        raise PermissionDenied("The Visitor header names nobody whom this site knows.")
    return visitor


def remembered(visitor: Visitor, answer: Response) -> Response:
    answer["Visitor"] = visitor.signed
    return answer


def _pairing(slug: str) -> Pairing:
    try:
        return pairing_at(slug)
    except NoSuchPairing as reason:
        raise NotFound(str(reason)) from None


def _ballot(pairing: Pairing, own: str) -> Response:
    told = {"pairing": pairing.slug, "choice": own, "votes": votes(VoteCount.objects.of(pairing))}
    return Response(BallotRecord(told).data)
