"""One's own vote on a pairing. A program keeps the `Visitor` header as a browser keeps a cookie."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.exceptions import NotFound, PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from comparisons.api.bodies import SLUG, Body, Choice, Plain
from comparisons.api.noun import Noun
from comparisons.api.pairings import VotesRecord, votes
from comparisons.api.parts import Freely, OneOf, Record, Words
from comparisons.api.problems import Invalid, Refused
from comparisons.api.schema import VISITOR
from comparisons.pairings.addresses import NoSuchPairing
from comparisons.pairings.models import Pairing
from comparisons.people.network import network_of
from comparisons.people.visitor import Visitor
from comparisons.reviews.models import Reviewer
from comparisons.switches.models import Switch
from comparisons.votes.actions import (
    NONE_OF_THEM,
    NoSuchDecider,
    decide,
    give,
    read_choice,
    reviewer_named,
)  # fmt: skip
from comparisons.votes.models import Vote
from comparisons.votes.page import ballot

SIGNED = "^[A-Za-z0-9_-]{32}:[A-Za-z0-9_-]{43}$"


class BallotRecord(Record):
    """One's own vote, and how everybody has voted."""

    pairing = serializers.CharField()
    choice = OneOf(Vote.Choice.values, allow_null=True, help_text="null: none yet.")
    set_aside = OneOf(Vote.Reason.values, allow_null=True, help_text="Why your vote is kept and not counted.")
    decided_by = Words(help_text="The reviewer whose paragraph decided it, `none`, or null for not told.")
    work = Freely(allow_null=True, help_text="An altcha challenge: send it back solved, and the vote counts.")
    votes = VotesRecord()


class VoteBody(Body):
    """A vote says two things: it ships or skips each card, and it prefers one or none."""

    choice = Choice(Vote.Choice.values, help_text="Ship the left, the right or both, or neither.")
    decided_by = Plain(
        pattern=SLUG, max_length=40, required=False, help_text="A reviewer's slug, or `none` of them."
    )
    work = Plain(max_length=2_000, required=False, help_text="The solved `work` of an earlier answer.")


@extend_schema_view(
    retrieve=extend_schema(summary="Your vote", parameters=[VISITOR], responses={200: BallotRecord}),
    update=extend_schema(
        summary="Vote",
        description="One vote a visitor and pairing: a second one replaces the first. Without a `Visitor` "
        "header you are new, and the answer says who you are. Beyond the limit of its network a vote is kept "
        "and set aside; with `work` solved it counts.",
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
        return _ballot(slug, visitor_of(request))

    def update(self, request: Request, slug: str) -> Response:
        asked = VoteBody.read(request)
        decider = _decider(asked)
        visitor, pairing = visitor_of(request) or Visitor.acting(request._request), Pairing(slug=slug)
        network, work = network_of(request._request), asked.get("work", "")
        with _not_found():
            choice = read_choice(asked["choice"])
            given = give(pairing=pairing, visitor=visitor, choice=choice, network=network, work=work)
        if "decided_by" in asked:
            decide(pairing=pairing, visitor=visitor, reviewer=decider)
        return remembered(visitor, _ballot(slug, visitor, given.work))

    def destroy(self, request: Request, slug: str) -> Response:
        if visitor := visitor_of(request):
            with _not_found():
                give(pairing=Pairing(slug=slug), visitor=visitor, choice="none", network="")
        return _ballot(slug, visitor)


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


def _decider(asked: dict[str, Any]) -> Reviewer | None:
    """Raises Refused."""
    try:
        return reviewer_named(asked.get("decided_by", NONE_OF_THEM))
    except NoSuchDecider as reason:
        raise Refused({"decided_by": str(reason)}) from None


@contextmanager
def _not_found() -> Iterator[None]:
    try:
        yield
    except NoSuchPairing as reason:
        raise NotFound(str(reason)) from None


def _ballot(slug: str, visitor: Visitor | None, work: dict[str, Any] | None = None) -> Response:
    with _not_found():
        found = ballot(slug, visitor)
    told = {
        "pairing": slug,
        "choice": found.own,
        "set_aside": found.set_aside,
        "decided_by": found.decider,
        "work": work,
        "votes": votes(found.votes),
    }
    return Response(BallotRecord(told).data)
