"""Runs of the panel by program: convene, see how far one is, stop it and let it go on."""

from __future__ import annotations

from itertools import combinations
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from comparisons.api.bodies import SLUG, Body, Choice, Plain, YesNo
from comparisons.api.noun import ReadNoun
from comparisons.api.parts import Address, Exact, Record, Words
from comparisons.api.problems import Conflict, Refused
from comparisons.cards.models import Card
from comparisons.listing import Key, Order, moment
from comparisons.pairings.addresses import NoSuchPairing, kept, pairing_at
from comparisons.pairings.models import Pairing, in_order
from comparisons.people.models import Token, User
from comparisons.people.roles import Role
from panel.actions import control
from panel.actions.convene import NobodyToAsk, convene, estimate
from panel.api.keys import UuidKey, identifier
from panel.models import Run
from panel.progress import progress
from panel.providers.chain import MISTRAL, OLLAMA, OPENAI_COMPATIBLE, RUBRIC

KINDS = [MISTRAL, OLLAMA, OPENAI_COMPATIBLE, RUBRIC]
MOST_PAIRINGS, MOST_CARDS = 200, 20
EXAMPLE = "00000000-0000-4000-8000-000000000002"
SEE = (Token.Scope.READ.value, Token.Scope.CONVENE.value)
DO = (Token.Scope.CONVENE.value,)


class RunRecord(Record):
    """One order to the panel."""

    named_by = "id"
    id = serializers.UUIDField()
    url = Address("/api/v1/panel/runs/{}/", source="id")
    page = Address("/panel/runs/{}/", source="id", help_text="For staff.")
    scope = serializers.CharField(help_text="What was asked for, in words.")
    state = serializers.ChoiceField(Run.State.values)
    judges = serializers.ListField(
        child=serializers.CharField(),
        source="chain",
        help_text="Kinds of judges in the order they may speak.",
    )
    started_by = Words(source="starter", help_text="User name.")
    started_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)


class ReviewerProgressRecord(Record):
    """How far one reviewer is."""

    name = serializers.CharField()
    done = serializers.IntegerField()
    dead = serializers.IntegerField()
    total = serializers.IntegerField()


class JobsRecord(Record):
    """Batch jobs in one state."""

    state = serializers.CharField()
    count = serializers.IntegerField()


class BatchProgressRecord(Record):
    """The batch jobs of a run, taken together."""

    jobs = JobsRecord(many=True)
    asked = serializers.IntegerField(help_text="Questions put into them.")
    back = serializers.IntegerField(help_text="Answers that came.")
    released = serializers.IntegerField(help_text="Questions that went to single calls instead.")
    trouble = Words(help_text="What went wrong last with an open one.")


class ProgressRecord(Record):
    """How far the run is. Calls of unknown outcome count at what was reserved for them."""

    hearings = serializers.IntegerField()
    heard = serializers.IntegerField()
    pairings = serializers.IntegerField(source="sittings")
    published = serializers.IntegerField()
    fell_back = serializers.IntegerField()
    dead = serializers.IntegerField()
    calls = serializers.IntegerField()
    cost_usd = Exact()
    reviewers = ReviewerProgressRecord(many=True)
    batches = BatchProgressRecord(allow_null=True, help_text="null: every question is a call of its own.")


class RunDetail(RunRecord):
    """One order to the panel, and how far it is."""

    progress = ProgressRecord()


class EstimateRecord(Record):
    """What convening would mean; nobody has been asked."""

    dry_run = serializers.BooleanField()
    pairings = serializers.IntegerField()
    new = serializers.IntegerField(help_text="Hearings that nobody answered yet.")
    cached = serializers.IntegerField(help_text="Hearings answered already; they cost nothing.")
    cost_usd = Exact(help_text="At most, if every new hearing needs one call.")
    judge = serializers.CharField()


class ConveneBody(Body):
    """Whom to hear: either pairings or cards."""

    pairings = serializers.ListField(
        child=Plain(pattern=SLUG, max_length=250),
        required=False,
        min_length=1,
        max_length=MOST_PAIRINGS,
        help_text="Slugs.",
    )
    cards = serializers.ListField(
        child=Plain(pattern=SLUG, max_length=120),
        required=False,
        min_length=2,
        max_length=MOST_CARDS,
        help_text="Slugs; every two of them are a pairing.",
    )
    judges = serializers.ListField(
        child=Choice(KINDS),
        required=False,
        min_length=1,
        max_length=len(KINDS),
        help_text="Only these kinds.",
    )
    dry_run = YesNo(required=False, help_text="Only say what it would mean.")


ORDERED = Order((Key("started_at", moment, descending=True), UuidKey("pk", identifier, descending=True)))


@extend_schema_view(
    list=extend_schema(summary="Runs", description="Newest first. Scope `read` or `convene`."),
    retrieve=extend_schema(summary="One run", description="How far it is. Scope `read` or `convene`."),
    create=extend_schema(
        operation_id="panel_runs_convene",
        summary="Convene the panel",
        description="Over pairings, or over every two of some cards. Questions that were answered before are "
        "not asked again, so the same order twice costs nothing more.",
        request=ConveneBody,
        responses={200: EstimateRecord, 202: RunDetail},
    ),
)
class Runs(ReadNoun):
    tag = "runs"
    serializer_class = RunRecord
    detail_serializer = RunDetail
    private = True
    scopes = {"list": SEE, "retrieve": SEE, "create": DO, "stop": DO, "resume": DO}
    roles = {
        "list": Role.MODERATOR, "retrieve": Role.MODERATOR,
        "create": Role.EDITOR, "stop": Role.EDITOR, "resume": Role.EDITOR,
    }  # fmt: skip
    refusals = {"create": (409,), "stop": (409,), "resume": (409,)}
    orders = {"newest": ORDERED}
    examples_of_path = {"uuid": EXAMPLE}
    examples_of_body = {"create": {"cards": ["gpt-5-5", "claude-opus-4-8"], "dry_run": True}}
    missing = "There is no run with this number."

    def get_queryset(self) -> QuerySet[Any]:
        return Run.objects.select_related("started_by")

    def with_more(self, rows: list[Any]) -> list[Any]:
        for run in rows:
            run.starter = run.started_by.username if run.started_by else ""
            if self.action != "list":
                run.progress = progress(run)
        return rows

    def retrieve(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        return super().retrieve(request, pk=kwargs["uuid"])

    def create(self, request: Request) -> Response:
        asked = ConveneBody.read(request)
        pairings = _pairings(asked)
        assert isinstance(request.user, User)  # Scoped let it pass
        try:
            if asked.get("dry_run"):
                found = estimate(pairings, kinds=asked.get("judges"))
                return Response(EstimateRecord({**_plain(found), "dry_run": True}).data)
            run = convene(pairings, scope=_scope(pairings), by=request.user, kinds=asked.get("judges"))
        except NobodyToAsk as reason:
            raise Conflict(str(reason)) from None
        return Response(
            self._told(run),
            status=202,
            headers={"Location": Address("{}").to_representation(f"/api/v1/panel/runs/{run.pk}/")},
        )

    @extend_schema(
        operation_id="panel_runs_stop",
        summary="Stop a run",
        description="No further hearing begins; those being asked are kept.",
        request=None,
        responses={200: RunDetail},
    )
    def stop(self, request: Request, uuid: Any) -> Response:
        return self._changed(request, uuid, control.stop)

    @extend_schema(
        operation_id="panel_runs_resume",
        summary="Let a stopped run go on",
        description="What is answered stays answered.",
        request=None,
        responses={200: RunDetail},
    )
    def resume(self, request: Request, uuid: Any) -> Response:
        return self._changed(request, uuid, control.resume)

    def _changed(self, request: Request, uuid: Any, change: control.Change) -> Response:
        run = self._found(uuid)
        assert isinstance(request.user, User)  # Scoped let it pass
        if not change(run.pk, by=request.user):
            raise Conflict(control.TOO_LATE[change])
        return Response(self._told(self._found(uuid)))

    def _found(self, uuid: Any) -> Run:
        """Raises NotFound."""
        run: Run | None = self.get_queryset().filter(pk=uuid).first()
        if run is None:
            raise NotFound(self.missing)
        return run

    def _told(self, run: Run) -> Any:
        return RunDetail(self.with_more([run])[0]).data


def _pairings(asked: dict[str, Any]) -> list[Pairing]:
    """Kept pairings with their cards and snapshots. Raises Refused."""
    if ("pairings" in asked) == ("cards" in asked):
        raise Refused({"": "Name either pairings or cards."})
    found = _named(asked["pairings"]) if "pairings" in asked else _among(asked["cards"])
    rows = Pairing.objects.with_cards().in_bulk([kept(pairing).pk for pairing in found])
    return [rows[key] for key in sorted(rows)]


def _named(slugs: list[str]) -> list[Pairing]:
    found, refused = [], {}
    for number, slug in enumerate(slugs):
        try:
            found.append(pairing_at(slug))
        except NoSuchPairing as reason:
            refused[f"pairings.{number}"] = str(reason)
    if refused:
        raise Refused(refused)
    return found


def _among(slugs: list[str]) -> list[Pairing]:
    cards = {card.slug: card for card in Card.objects.published().filter(slug__in=slugs)}
    refused = {
        f"cards.{number}": "There is no model with this slug."
        for number, slug in enumerate(slugs)
        if slug not in cards
    }
    if refused:
        raise Refused(refused)
    if len(cards) < 2:
        raise Refused({"cards": "A card is not compared with itself."})
    pairs = (in_order(one, other) for one, other in combinations(cards.values(), 2))
    return [Pairing.objects.between(left, right) for left, right in pairs]


def _scope(pairings: list[Pairing]) -> str:
    if len(pairings) == 1:
        return f"{pairings[0].left.name} vs {pairings[0].right.name}"
    return f"{len(pairings)} pairings"


def _plain(found: Any) -> dict[str, Any]:
    return {name: getattr(found, name) for name in ("pairings", "new", "cached", "cost_usd", "judge")}
