"""Where the API begins: its lists, and its schema."""

from __future__ import annotations

import json
from typing import Any

import yaml
from django.conf import settings
from django.urls import reverse
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from comparisons.api import schema
from comparisons.api.noun import Noun
from comparisons.api.parts import Address, Record

LISTS = ("labs", "cards", "pairings", "verdicts", "reviews", "reviewers", "articles", "counterpoints")


class IndexRecord(Record):
    """The addresses to begin with."""

    name = serializers.CharField()
    docs = Address("{}")
    schema = Address("{}")
    lists = serializers.DictField(child=serializers.URLField())


@extend_schema_view(
    retrieve=extend_schema(
        operation_id="index",
        summary="Where to begin",
        description="The lists of the API, its schema and its documentation.",
        responses={200: IndexRecord},
    )
)
class Index(Noun):
    tag = "index"
    serializer_class = IndexRecord

    def retrieve(self, request: Request) -> Response:
        lists = {name: f"{settings.SITE_URL}/api/v1/{name}/" for name in (*LISTS, "leaderboard", "receipts")}
        told = {
            "name": settings.SITE_NAME,
            "docs": reverse("api-docs"),
            "schema": reverse("api-schema"),
            "lists": lists,
        }
        return Response(IndexRecord(told).data)


class _SchemaRenderer(BaseRenderer):
    charset = None

    def render(self, data: Any, media_type: str | None = None, context: Any = None) -> bytes:
        if context["response"].exception:
            return json.dumps(data).encode()
        return self.written(data)

    def written(self, data: Any) -> bytes:
        raise NotImplementedError


class JsonSchema(_SchemaRenderer):
    media_type = "application/json"
    format = "json"

    def written(self, data: Any) -> bytes:
        return json.dumps(data, ensure_ascii=False).encode()


class YamlSchema(_SchemaRenderer):
    media_type = "application/yaml"
    format = "yaml"

    def written(self, data: Any) -> bytes:
        return yaml.dump(data, Dumper=_Flat, sort_keys=False, allow_unicode=True).encode()


class _Flat(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:
        return True


class SchemaView(Noun):
    """The OpenAPI document, as JSON and as YAML."""

    schema = None
    parameters = {"retrieve": ("format",)}

    def get_renderers(self) -> list[Any]:
        return [JsonSchema(), YamlSchema()]

    def retrieve(self, request: Request) -> Response:
        return Response(schema.document())
