"""Importing cards by program: the same documents as card files, one at a time."""

from __future__ import annotations

from typing import Any, cast

from django.db import transaction
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response

from comparisons.api.formats import StrictJson, body_of
from comparisons.api.noun import Noun
from comparisons.api.parameters import flag
from comparisons.api.parts import Record, Words
from comparisons.api.problems import Invalid, Refused
from comparisons.audit.actions import note
from comparisons.cards.actions import Saved
from comparisons.cards.importing import card_files
from comparisons.cards.importing.documents import parse
from comparisons.cards.importing.problems import Problem, UnusableFile
from comparisons.cards.importing.read import Document, Reading, read_documents
from comparisons.cards.intake import summary, take_in
from comparisons.cards.known import known_cards
from comparisons.people.models import Token, User
from comparisons.people.roles import Role

MOST = 1024 * 1024
SHOWN = 200  # problems told of one document


class YamlDocument(BaseParser):
    """Text that is left for the reader of card files, which keeps lines and exact numbers."""

    media_type = "application/yaml"
    name = "document.yaml"  # what tells the reader of files which it is

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        return self.name, body_of(stream, MOST)


class JsonDocument(YamlDocument):
    media_type = StrictJson.media_type
    name = "document.json"


class ProblemRecord(Record):
    """One field of one record that cannot be meant."""

    record = Words()
    field = Words()
    message = serializers.CharField()


class ImportRecord(Record):
    """What became of a document. Identical records change nothing."""

    dry_run = serializers.BooleanField()
    read = serializers.IntegerField(help_text="Cards that were right in themselves.")
    created = serializers.IntegerField()
    changed = serializers.IntegerField()
    unchanged = serializers.IntegerField()
    refused = serializers.IntegerField(help_text="Records that were left out.")
    problems = ProblemRecord(many=True)


LISTED = {"type": "array", "items": {"type": "object"}}
DOCUMENT = {
    "type": "object",
    "description": "A card file: labs and cards, as in comparisons/cards/starter.",
    "properties": {"labs": LISTED, "cards": LISTED},
    "additionalProperties": False,
    "minProperties": 1,
}
BOOLEAN = {"type": "boolean", "default": False}


@extend_schema_view(
    create=extend_schema(
        summary="Import cards",
        description="A card file as YAML or JSON, up to 1 MB. Bad records are named with record and field, "
        "and the good ones go in; with `strict` it is all or nothing. Sent again it changes nothing.",
        request={YamlDocument.media_type: DOCUMENT, JsonDocument.media_type: DOCUMENT},
        responses={200: ImportRecord},
        parameters=[
            OpenApiParameter("strict", BOOLEAN, description="All or nothing: one bad record stops it."),
            OpenApiParameter("dry_run", BOOLEAN, description="Say what would change, and write nothing."),
        ],
    )
)
class Imports(Noun):
    serializer_class = ImportRecord
    parser_classes = [YamlDocument, JsonDocument]
    private = True
    parameters = {"create": ("strict", "dry_run")}
    scopes = {"create": (Token.Scope.IMPORT.value,)}
    roles = {"create": Role.EDITOR}
    examples_of_query = {"dry_run": "true"}
    examples_of_body = {
        "create": {
            "labs": [{"slug": "example-lab", "name": "Example Lab"}],
            "cards": [
                {"slug": "example-1", "lab": "example-lab", "name": "Example 1", "category": "General"}
            ],
        }
    }

    def create(self, request: Request) -> Response:
        strict, dry_run = flag(request, "strict"), flag(request, "dry_run")
        reading = _read(request)
        if reading.problems and (strict or not reading.records):
            raise Refused([_as_error(problem) for problem in reading.problems[:SHOWN]])
        with transaction.atomic():
            saved = take_in(reading.records, dry_run=dry_run)
            if saved.wrote and not dry_run and isinstance(request.user, User):
                said = summary(saved, reading)
                note(by=request.user, did="imported cards by the API", detail={"said": said})
        return Response(ImportRecord(_told(reading, saved, dry_run=dry_run)).data)


def _read(request: Request) -> Reading:
    """Raises Invalid."""
    if not request.data:
        raise Invalid({"": "The body is empty; send a card file."})
    name, text = cast(tuple[str, str], request.data)
    try:
        document = Document(name, parse(text, name), timezone.now().date())
        if not card_files.recognizes(document.value):
            raise UnusableFile(f"{name}: is no card file; it holds neither labs nor cards.")
        return read_documents([document], known=known_cards())
    except UnusableFile as reason:
        raise Invalid({"": str(reason).removeprefix(f"{name}: ")}) from None


def _as_error(problem: Problem) -> dict[str, str]:
    told = {"record": problem.record} if problem.record else {}
    return {**told, "field": problem.field, "message": problem.sentence}


def _told(reading: Reading, saved: Saved, *, dry_run: bool) -> dict[str, Any]:
    counts = saved.counts
    return {
        "dry_run": dry_run,
        "read": len(reading.records),
        **{outcome: counts[outcome] for outcome in ("created", "changed", "unchanged")},
        "refused": reading.refused,
        "problems": [
            {"record": each.record, "field": each.field, "message": each.sentence}
            for each in reading.problems[:SHOWN]
        ],
    }
