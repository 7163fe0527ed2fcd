"""Receipts: the full record of every call, for everybody."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers

from comparisons.api.noun import ReadNoun
from comparisons.api.parameters import Filters, Slug, Word
from comparisons.api.parts import Address, Freely, Record, Words
from comparisons.listing import Key, Order, moment
from panel.api.keys import UuidKey, identifier
from panel.models import Attempt, Hearing
from panel.receipt import receipt_record, whole_record

EXAMPLE = "00000000-0000-4000-8000-000000000001"
USD = r"^[0-9]+(\.[0-9]+)?$"


class PersonaRecord(Record):
    """Who was asked: an AI persona in one version."""

    name = serializers.CharField()
    slug = serializers.CharField()
    version = serializers.CharField(help_text="Hash of the persona's file.")


class ReceiptJudge(Record):
    """The instrument that spoke."""

    kind = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # a field, not the label of one
    fingerprint = serializers.CharField(source="key", help_text="Hash of its settings.")


class ReceiptJudgeDetail(ReceiptJudge):
    """The instrument with everything that makes it."""

    settings = Freely()


class ShownCard(Record):
    """A card as it was when it was shown."""

    slug = serializers.CharField()
    name = serializers.CharField()
    snapshot = serializers.CharField(help_text="sha256")
    taken_at = serializers.DateTimeField()


class TokensRecord(Record):
    """Tokens of the call."""

    sent = serializers.IntegerField(source="in")
    received = serializers.IntegerField(source="out")
    cached = serializers.IntegerField()


class ErrorRecord(Record):
    """What went wrong with the call."""

    name = serializers.CharField(source="class")
    sentence = Words()


class BatchJobRecord(Record):
    """The batch job that a question was part of."""

    id = serializers.UUIDField()
    job = Words(help_text="Its name at the provider.")
    price = serializers.ChoiceField(["half"])


class ReceiptRecord(Record):
    """One call: written before it, closed after it, never changed again."""

    named_by = "id"
    id = serializers.UUIDField()
    url = Address("/api/v1/receipts/{}/", source="id")
    page = Address("/receipts/{}/", source="id", help_text="For people.")
    question = serializers.ChoiceField(Hearing.Kind.values)
    outcome = serializers.ChoiceField(Attempt.Outcome.values, help_text="open: the outcome is unknown.")
    attempt = serializers.IntegerField()
    batch = BatchJobRecord(allow_null=True, help_text="null: a call of its own.")
    repair = serializers.BooleanField(help_text="Asked again because the answer did not fit its form.")
    opened_at = serializers.DateTimeField()
    closed_at = serializers.DateTimeField(allow_null=True)
    persona = PersonaRecord()
    judge = ReceiptJudge()
    cards = ShownCard(many=True, help_text="In the order shown.")
    provider = serializers.CharField()
    host = Words()
    requested_model = serializers.CharField()
    served_model = Words()
    sdk = Words()
    seed = serializers.IntegerField(allow_null=True)
    prompt_sha256 = serializers.CharField()
    http_status = serializers.IntegerField(allow_null=True)
    finish_reason = Words()
    error = ErrorRecord(allow_null=True)
    tokens = TokensRecord()
    cost_usd = serializers.RegexField(USD, allow_null=True)
    reserved_usd = serializers.RegexField(USD)
    price_table = Words()
    latency_ms = serializers.IntegerField(allow_null=True, help_text="Unknown for an answer out of a batch.")
    flagged = Words(help_text="Why the answer should be read with care.")


class ReceiptDetail(ReceiptRecord):
    """One call with what was sent and what came back."""

    judge = ReceiptJudgeDetail()
    request = Words(help_text="As sent; words that only we know are blacked out.")
    response = Words(help_text="As it came back.")
    fell_back_from = serializers.ListField(
        child=serializers.CharField(),
        help_text="Why earlier judges did not speak, where this one did instead.",
    )


class ReceiptFilters(Filters):
    reviewer = Slug("hearing__persona__slug", help_text="Slug of the reviewer.")
    card = Slug("hearing__first__card__slug", help_text="Slug of the card shown first.")
    question = Word("hearing__kind", among=Hearing.Kind.values, help_text="What was asked.")
    outcome = Word("outcome", among=Attempt.Outcome.values, help_text="What came of it.")


@extend_schema_view(
    list=extend_schema(summary="Receipts", description="Calls to judges, newest first."),
    retrieve=extend_schema(summary="One receipt", description="With the whole request and response."),
)
class Receipts(ReadNoun):
    serializer_class = ReceiptRecord
    detail_serializer = ReceiptDetail
    filterset_class = ReceiptFilters
    orders = {
        "newest": Order(
            (Key("opened_at", moment, descending=True), UuidKey("pk", identifier, descending=True))
        )
    }
    examples_of_query = {"reviewer": "skeptic", "question": "review"}
    examples_of_path = {"uuid": EXAMPLE}
    missing = "There is no receipt with this number."

    def get_queryset(self) -> QuerySet[Any]:
        receipts = Attempt.objects.select_related(
            "batch", "hearing__persona", "hearing__judge", "hearing__first__card", "hearing__second__card"
        )
        return receipts if self.action == "retrieve" else receipts.defer("raw_request", "raw_response")

    def with_more(self, rows: list[Any]) -> list[Any]:
        if self.action == "list":
            for receipt in rows:
                receipt.raw_request = receipt.raw_response = None
            return [receipt_record(receipt) for receipt in rows]
        return [whole_record(receipt) for receipt in rows]

    def retrieve(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        return super().retrieve(request, pk=kwargs["uuid"])
