"""The schema as people read it. Pure: an OpenAPI document in, groups of operations and objects out."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlencode

# In this order; what is not named here comes after, by name.
ORDER = ("index", "cards", "labs", "pairings", "verdicts", "reviews", "reviewers", "receipts", "articles")
BODY_TYPES = ("application/json", "application/yaml")
NUMBERS = {"integer": "whole number", "number": "number"}
FORMATS = {"date-time": "time (ISO 8601)", "date": "date", "uri": "address", "uuid": "UUID"}


@dataclass(frozen=True, slots=True)
class Field:
    """A parameter, or a field of an object. `object` names what it is made of; "" for a plain value."""

    name: str
    kind: str
    says: str
    required: bool = False
    object: str = ""
    place: str = ""  # "path", "query" or "header" of a parameter


@dataclass(frozen=True, slots=True)
class Answer:
    status: str
    says: str
    object: str = ""


@dataclass(frozen=True, slots=True)
class Operation:
    name: str
    method: str
    path: str
    summary: str
    says: str
    token: bool
    curl: str
    parameters: tuple[Field, ...]
    body: str  # name of the object, "" for none
    answers: tuple[Answer, ...]


@dataclass(frozen=True, slots=True)
class Group:
    name: str
    operations: tuple[Operation, ...]

    @property
    def title(self) -> str:
        return self.name.replace("_", " ").capitalize()


@dataclass(frozen=True, slots=True)
class Thing:
    """An object of the schema."""

    name: str
    says: str
    fields: tuple[Field, ...]


def groups(schema: Mapping[str, Any], site: str) -> tuple[Group, ...]:
    """Operations by tag; `site` is what the examples begin with."""
    found: dict[str, list[Operation]] = {}
    for path, operations in schema["paths"].items():
        for method, said in operations.items():
            found.setdefault(said["tags"][0], []).append(_operation(schema, site, path, method, said))
    names = sorted(found, key=lambda name: (ORDER.index(name) if name in ORDER else len(ORDER), name))
    return tuple(Group(name, tuple(found[name])) for name in names)


def things(schema: Mapping[str, Any]) -> tuple[Thing, ...]:
    """Every object, by name."""
    return tuple(
        Thing(name, said.get("description", ""), tuple(_fields(schema, said)))
        for name, said in sorted(schema["components"]["schemas"].items())
    )


def curl(site: str, path: str, method: str, said: Mapping[str, Any]) -> str:
    """The operation's example as a command, one option a line."""
    address, query = path, {}
    for parameter in said.get("parameters", ()):
        if parameter["in"] == "path":
            address = address.replace(f"{{{parameter['name']}}}", quote(str(parameter["example"])))
        elif parameter["in"] == "query" and "example" in parameter:
            query[parameter["name"]] = parameter["example"]
    words = f"{site}{address}{'?' + urlencode(query, safe=',') if query else ''}"
    lines = [f"curl {_quoted(words)}" if method == "get" else f"curl -X {method.upper()} {_quoted(words)}"]
    if {} not in said["security"]:
        lines.append("-H 'Authorization: Bearer so_…'")
    body = said.get("requestBody", {}).get("content", {}).get("application/json", {}).get("example")
    if body is not None:
        lines += [
            "-H 'Content-Type: application/json'",
            f"-d {_quoted(json.dumps(body, ensure_ascii=False))}",
        ]
    return " \\\n  ".join(lines)


def kind_of(schema: Mapping[str, Any], said: Mapping[str, Any]) -> tuple[str, str]:
    """A type in words, and the object it is made of or ""."""
    if reference := said.get("$ref"):
        name = reference.rpartition("/")[2]
        return name, name
    for several in ("allOf", "oneOf", "anyOf"):
        if several in said:
            kinds = [kind_of(schema, each) for each in said[several] if each.get("type") != "null"]
            nullable = len(kinds) < len(said[several])
            kind, made_of = kinds[0]
            return f"{kind} or null" if nullable else kind, made_of
    types = said.get("type", "any value")
    plain = [each for each in types if each != "null"] if isinstance(types, list) else [types]
    kind, made_of = _plain(schema, said, plain[0])
    return (f"{kind} or null" if isinstance(types, list) and "null" in types else kind), made_of


def _plain(schema: Mapping[str, Any], said: Mapping[str, Any], kind: str) -> tuple[str, str]:
    if "enum" in said:
        return " | ".join(str(each) for each in said["enum"] if each is not None), ""
    if kind == "array":
        inner, made_of = kind_of(schema, said["items"])
        return f"list of {inner}", made_of
    if kind in NUMBERS:
        least, most = said.get("minimum"), said.get("maximum")
        if most is None or most > 2**53:  # the most that a column holds is no news to a reader
            return f"{NUMBERS[kind]}{'' if least is None else f' from {least:,}'}", ""
        return f"{NUMBERS[kind]} {least:,} to {most:,}", ""
    if kind == "string":
        exact = said.get("pattern", "").startswith("^-?[0-9]+")
        return "number as text" if exact else FORMATS.get(said.get("format", ""), "text"), ""
    return {"boolean": "true | false"}.get(kind, kind), ""


def _operation(
    schema: Mapping[str, Any], site: str, path: str, method: str, said: Mapping[str, Any]
) -> Operation:
    parameters = (_parameter(schema, each) for each in said.get("parameters", ()))
    contents = said.get("requestBody", {}).get("content", {})
    body: Mapping[str, Any] = next((contents[kind]["schema"] for kind in BODY_TYPES if kind in contents), {})
    return Operation(
        name=said["operationId"],
        method=method.upper(),
        path=path,
        summary=said["summary"],
        says=said.get("description", ""),
        token={} not in said["security"],
        curl=curl(site, path, method, said),
        parameters=tuple(parameters),
        body=kind_of(schema, body)[1] if body else "",
        answers=tuple(_answers(schema, said["responses"])),
    )


def _answers(schema: Mapping[str, Any], responses: Mapping[str, Any]) -> Iterator[Answer]:
    for status, response in responses.items():
        if reference := response.get("$ref"):
            shared = schema["components"]["responses"][reference.rpartition("/")[2]]
            yield Answer(status, shared["description"].partition(".")[0])
            continue
        content = response.get("content", {}).get("application/json", {}).get("schema", {})
        made_of = kind_of(schema, content)[1] if content else ""
        yield Answer(status, response["description"] or HTTPStatus(int(status)).phrase, made_of)


def _fields(schema: Mapping[str, Any], said: Mapping[str, Any]) -> Iterator[Field]:
    for name, field in said.get("properties", {}).items():
        kind, made_of = kind_of(schema, field)
        yield Field(name, kind, field.get("description", ""), name in said.get("required", ()), made_of)


def _parameter(schema: Mapping[str, Any], said: Mapping[str, Any]) -> Field:
    kind, made_of = kind_of(schema, said["schema"])
    required, says = said.get("required", False), said.get("description", "")
    return Field(said["name"], kind, says, required, made_of, said["in"])


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"
