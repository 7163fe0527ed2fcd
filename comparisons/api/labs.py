"""Labs: who makes the models."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers

from comparisons.api.noun import ReadNoun
from comparisons.api.parts import Address, Record, Words
from comparisons.cards.models import Card, Lab
from comparisons.listing import Key, Order, whole, words


class LabName(Record):
    """A lab, in few words."""

    slug = serializers.CharField()
    name = serializers.CharField()


class LabRecord(Record):
    """Who makes models, or publishes their weights."""

    named_by = "slug"
    slug = serializers.CharField()
    url = Address("/api/v1/labs/{}/", source="slug")
    page = Address("/models/?lab={}", source="slug", help_text="Its models, for people.")
    name = serializers.CharField()
    website = Words(source="url")


@extend_schema_view(
    list=extend_schema(summary="Labs", description="Every lab with a model in the catalog."),
    retrieve=extend_schema(summary="One lab"),
)
class Labs(ReadNoun):
    serializer_class = LabRecord
    orders = {"name": Order((Key("name", words), Key("pk", whole)))}
    examples_of_path = {"slug": "mistral-ai"}
    missing = "There is no lab with this slug."

    def get_queryset(self) -> QuerySet[Any]:
        shown = Card.objects.filter(lab=OuterRef("pk"), snapshot__isnull=False)
        return Lab.objects.filter(Exists(shown))
