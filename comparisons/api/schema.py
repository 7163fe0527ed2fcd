"""The OpenAPI schema: closed objects, every parameter as strict as it is read, every answer there can be."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from http import HTTPStatus
from typing import Any

from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter

from comparisons.api.bodies import Plain
from comparisons.api.formats import Csv
from comparisons.api.parameters import described
from comparisons.api.problems import KINDS, MEDIA_TYPE
from comparisons.api.tokens import BearerTokenScheme

__all__ = ["BearerTokenScheme", "Schema", "complete", "document"]

ALWAYS = (400, 401, 406, 429, 500, 503)
PATHS: Mapping[str, Mapping[str, Any]] = {
    "slug": {"type": "string", "pattern": "^[a-z0-9][a-z0-9-]*$", "maxLength": 250},
    "id": {"type": "integer", "minimum": 1},
    "uuid": {"type": "string", "format": "uuid"},
}
VISITOR = OpenApiParameter(
    "Visitor",
    {"type": "string", "pattern": "^[A-Za-z0-9_-]{32}:[A-Za-z0-9_-]{43}$"},
    OpenApiParameter.HEADER,
    description="Who you are: what an earlier answer said in its `Visitor` header. Keep it like a cookie.",
)


class Schema(AutoSchema):
    """One operation. A view's `tag` groups it, `examples_of_path` fills in its address."""

    view: Any

    def get_tags(self) -> list[str]:
        return [getattr(self.view, "tag", "") or super().get_tags()[0]]

    def _get_serializer_name(self, serializer: Any, direction: Any, bypass_extensions: bool = False) -> str:
        # "Record" tells a class here from the table of the same name; readers of the schema know no tables.
        name: str = super()._get_serializer_name(serializer, direction, bypass_extensions)
        return name.removesuffix("Record")

    def get_operation(self, *place: Any, **named: Any) -> Any:
        operation = super().get_operation(*place, **named)
        if operation is not None:
            self._complete(operation)
        return operation

    def _get_parameters(self) -> list[Any]:
        parameters = super()._get_parameters()
        examples = getattr(self.view, "examples_of_path", {})
        for parameter in parameters:
            if parameter["name"] == "format":
                parameter["description"] = "csv: one page as a table, as with `Accept: text/csv`."
            if parameter["in"] == "path":
                name = parameter["name"]
                parameter["schema"] = {**PATHS[name]}
                parameter["example"] = examples.get(name, 1)
                parameter.pop("description", None)
        if self.view.sparse:
            names = list(self.view.get_serializer_class()().fields)
            wanted = {
                "type": "array",
                "minItems": 1,
                "uniqueItems": True,
                "items": {"type": "string", "enum": names},
            }
            says = "Only these fields, separated by commas; what names the record always comes along."
            parameters.append({**described("fields", wanted, says), "style": "form", "explode": False})
        return sorted(parameters, key=lambda each: (each["in"] != "path", each["name"]))

    def get_auth(self) -> list[Any]:
        """A token is needed for what has a scope, and good for a higher limit everywhere else."""
        needed: list[Any] = super().get_auth()
        return needed if self.view.scopes.get(self.view.action) else [*needed, {}]

    def _map_basic_serializer(self, serializer: Any, direction: Any) -> Any:
        """A closed object: in an answer every field is there, but for those a reader may leave out."""
        mapped = super()._map_basic_serializer(serializer, direction)  # type: ignore[no-untyped-call]
        mapped["additionalProperties"] = False
        if direction == "response":
            key = getattr(serializer, "named_by", "")
            mapped["required"] = [key] if key else list(mapped.get("properties", {}))
            for field in mapped.get("properties", {}).values():
                field.pop("readOnly", None)
        return mapped

    def _map_serializer_field(self, field: Any, direction: Any, bypass_extensions: bool = False) -> Any:
        mapped = super()._map_serializer_field(field, direction, bypass_extensions)  # type: ignore[no-untyped-call]
        return {**mapped, "pattern": field.pattern, "minLength": 1} if isinstance(field, Plain) else mapped

    def _complete(self, operation: dict[str, Any]) -> None:
        responses = operation["responses"]
        self._exemplify(operation)
        for status in self._refusals(operation):
            responses[str(status)] = {"$ref": f"#/components/responses/{_name(status)}"}
        if self.method == "GET" and not self.view.private:
            responses["304"] = {"description": "You have it already: `If-None-Match` names its ETag."}
        for status, response in responses.items():
            if "$ref" not in response:
                response["description"] = response["description"] or HTTPStatus(int(status)).phrase
                response["headers"] = {**self._headers(status), **response.get("headers", {})}
            if table := response.get("content", {}).get(Csv.media_type):
                table.clear()
                table["schema"] = {"type": "string", "description": "RFC 4180, one line a record."}
        operation["responses"] = dict(sorted(responses.items()))

    def _exemplify(self, operation: dict[str, Any]) -> None:
        """Examples that work on a new site; the documentation's commands are made of them."""
        for parameter in operation.get("parameters", ()):
            if parameter["in"] == "query" and parameter["name"] in getattr(
                self.view, "examples_of_query", {}
            ):
                parameter["example"] = self.view.examples_of_query[parameter["name"]]
        body = getattr(self.view, "examples_of_body", {}).get(self.view.action)
        for content in operation.get("requestBody", {}).get("content", {}).values():
            operation["requestBody"]["required"] = True
            if body is not None:
                content["example"] = body

    def _refusals(self, operation: Mapping[str, Any]) -> set[int]:
        view, refused = self.view, set(ALWAYS)
        if any(parameter["in"] == "path" for parameter in operation.get("parameters", ())):
            refused.add(404)
        if self.method != "GET" or view.scopes.get(view.action):
            refused.add(403)
        if self.method == "GET" and not view.private:
            refused.add(412)
        if "requestBody" in operation:
            refused |= {413, 415, 422}
        if view.action == "list" and view.pagination_class:
            refused.add(422)
        return refused | set(getattr(view, "refusals", {}).get(view.action, ()))

    def _headers(self, status: str) -> dict[str, Any]:
        names = ["RateLimit", "RateLimit-Policy"]
        if self.method == "GET" and not self.view.private and status in ("200", "304"):
            names.append("ETag")
        if "text/csv" in self.map_renderers("media_type") and status == "200":
            names.append("Link")
        if self.method in ("POST", "PUT") and VISITOR in self.get_override_parameters():
            names.append("Visitor")
        return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def _name(status: int) -> str:
    return "".join(part.capitalize() for part in KINDS[status].slug.split("-"))


def complete(result: dict[str, Any], **rest: Any) -> dict[str, Any]:
    """What operations refer to: problems, headers. A postprocessing hook of drf-spectacular."""
    _forget_marks(result)
    components = result["components"]
    components["schemas"]["Problem"] = PROBLEM
    components["schemas"] = dict(sorted(components["schemas"].items()))
    limits = {name: {"$ref": f"#/components/headers/{name}"} for name in ("RateLimit", "RateLimit-Policy")}
    components["headers"] = HEADERS
    components["responses"] = {
        _name(status): {
            "description": f"{kind.title}. {kind.advice}",
            "headers": limits | ({"Retry-After": RETRY} if status in (429, 503) else {}),
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        for status, kind in KINDS.items()
        if status != 405  # no operation is one that there is not
    }
    return result


def _forget_marks(part: Any) -> None:
    """Without what drf-spectacular notes for a hook of its own that is not used here."""
    if isinstance(part, dict):
        part.pop("x-spec-enum-id", None)
    for inner in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
        _forget_marks(inner)


@lru_cache(maxsize=1)
def document() -> dict[str, Any]:
    """The whole schema, made once a process; it hangs on the code alone."""
    made: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    return made


RETRY = {"description": "Seconds to wait.", "required": True, "schema": {"type": "integer", "minimum": 1}}
HEADERS = {
    "ETag": {
        "description": "Names these bytes; send it back in `If-None-Match`.",
        "schema": {"type": "string", "pattern": '^"[0-9a-f]{32}"$'},
    },
    "Link": {
        "description": 'The next and the previous page, rel="next" and rel="prev" (RFC 8288).',
        "schema": {"type": "string"},
    },
    "RateLimit": {
        "description": "What is left: `r` requests in the next `t` seconds "
        "(draft-ietf-httpapi-ratelimit-headers-10).",
        "schema": {"type": "string", "pattern": '^"(network|token)";r=[0-9]+;t=[0-9]+$'},
    },
    "RateLimit-Policy": {
        "description": "`q` requests in `w` seconds, for a network or a token.",
        "schema": {"type": "string", "pattern": '^"(network|token)";q=[0-9]+;w=[0-9]+$'},
    },
    "Visitor": {
        "description": "Who you are from now on; send it back in your next request.",
        "schema": {"type": "string"},
    },
}
PROBLEM = {
    "type": "object",
    "description": "What went wrong (RFC 9457).",
    "required": ["type", "title", "status", "detail", "errors"],
    "additionalProperties": False,
    "properties": {
        "type": {"type": "string", "format": "uri", "description": "Where this kind is explained."},
        "title": {"type": "string"},
        "status": {"type": "integer", "enum": list(KINDS)},
        "detail": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "message"],
                "additionalProperties": False,
                "properties": {
                    "record": {"type": "string", "description": "Which record of a document."},
                    "field": {"type": "string", "description": 'Its name; "" is the whole.'},
                    "message": {"type": "string"},
                },
            },
        },
    },
}
