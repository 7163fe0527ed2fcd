"""Moderation by program: what waits, and deciding about it. Needs a token with the scope `moderate`."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from comparisons.api.bodies import Body, Choice
from comparisons.api.counterpoints import CounterpointRecord, told
from comparisons.api.noun import Noun, ReadNoun
from comparisons.api.parts import OneOf, Record
from comparisons.api.problems import Conflict, Refused
from comparisons.counterpoints.actions import AlreadyDecided, ReasonMissing, decide
from comparisons.counterpoints.models import Counterpoint, Decision
from comparisons.listing import Key, Order, moment, whole
from comparisons.people.models import Token, User
from comparisons.people.roles import Role

State = Counterpoint.State
REASONS = [value for value in Decision.Reason.values if value]
SCOPE = (Token.Scope.MODERATE.value,)


class WaitingRecord(CounterpointRecord):
    """A counterpoint that nobody has decided about, with its text as typed."""

    text = serializers.CharField(help_text="Markdown as typed.")
    state = serializers.ChoiceField(State.values)


@extend_schema_view(
    list=extend_schema(
        summary="Counterpoints that wait", description="Oldest first. Nobody else may see them."
    )
)
class Waiting(ReadNoun):
    tag = "moderation"
    serializer_class = WaitingRecord
    private = True
    scopes = {"list": SCOPE}
    roles = {"list": Role.MODERATOR}
    orders = {"oldest": Order((Key("created_at", moment), Key("pk", whole)))}

    def get_queryset(self) -> QuerySet[Any]:
        return Counterpoint.objects.waiting().select_related("pairing", "article", "answers_reviewer")

    def with_more(self, rows: list[Any]) -> list[Any]:
        return [{**told(each), "text": each.body, "state": each.state} for each in rows]


class DecisionBody(Body):
    """From which state to which."""

    seen = Choice(State.values, help_text="The state you have seen; somebody may have been faster.")
    to = Choice(State.values, help_text="pending takes an earlier decision back.")
    reason = Choice(
        REASONS, required=False, allow_null=True, help_text="Needed to reject: the author is told."
    )


class DecisionRecord(Record):
    """A line of the moderation log."""

    counterpoint = serializers.IntegerField()
    from_state = serializers.ChoiceField(State.values)
    to_state = serializers.ChoiceField(State.values)
    reason = OneOf(REASONS, allow_null=True)
    by = serializers.CharField(help_text="User name of the token's owner.")
    at = serializers.DateTimeField()


@extend_schema_view(
    create=extend_schema(
        summary="Decide about a counterpoint",
        description="Only from the state you have seen: of two moderators one decides, the other gets 409.",
        request=DecisionBody,
        responses={201: DecisionRecord},
    )
)
class Decisions(Noun):
    tag = "moderation"
    private = True
    scopes = {"create": SCOPE}
    roles = {"create": Role.MODERATOR}
    refusals = {"create": (409,)}
    examples_of_path = {"id": 2}
    examples_of_body = {"create": {"seen": "pending", "to": "approved"}}

    def create(self, request: Request, id: int) -> Response:
        asked = DecisionBody.read(request)
        counterpoint = Counterpoint.objects.filter(pk=id).first()
        if counterpoint is None:
            raise NotFound("There is no counterpoint with this number.")
        seen, to = State(asked["seen"]), State(asked["to"])
        if seen == to:
            raise Refused({"to": "is the state you have seen already."})
        made = _decided(counterpoint, request, seen, to, asked.get("reason") or "")
        return Response(DecisionRecord(made).data, status=201)


def _decided(counterpoint: Counterpoint, request: Request, seen: State, to: State, reason: str) -> Any:
    assert isinstance(request.user, User)  # Scoped let it pass
    try:
        made = decide(counterpoint=counterpoint, to=to, by=request.user, reason=reason, seen=seen)
    except AlreadyDecided as faster:
        raise Conflict(str(faster)) from None
    except ReasonMissing as missing:
        raise Refused({"reason": str(missing)}) from None
    return {
        "counterpoint": counterpoint.pk,
        "from_state": made.from_state,
        "to_state": made.to_state,
        "reason": made.reason,
        "by": request.user.username,
        "at": made.at,
    }
