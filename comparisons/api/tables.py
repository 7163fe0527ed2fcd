"""Records as CSV (RFC 4180). Pure: a serializer's fields give the columns, so an empty list has them too."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from rest_framework import serializers

_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?\Z")
# What a spreadsheet takes for the beginning of a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def columns(serializer: serializers.Serializer[Any], place: str = "") -> Iterator[str]:
    """`slug`, `lab.name`, …: one object in another is a column a field, a list is one column."""
    for name, field in serializer.fields.items():
        if isinstance(field, serializers.Serializer):
            yield from columns(field, f"{place}{name}.")
        else:
            yield f"{place}{name}"


def written(rows: Iterable[Mapping[str, Any]], header: Iterable[str]) -> str:
    """The whole table, header first, lines ended by CR LF."""
    names = list(header)
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\r\n")
    table.writerow(names)
    for row in rows:
        table.writerow([cell(_at(row, name)) for name in names])
    return text.getvalue()


def cell(value: Any) -> str:
    """One value. Unknown is empty; a text that a spreadsheet would run gets an apostrophe before it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        if any(isinstance(inner, Mapping | list | tuple) for inner in value):
            return json.dumps(value, ensure_ascii=False)
        return cell("; ".join(map(str, value)))
    if isinstance(value, Mapping):
        return json.dumps(value, ensure_ascii=False)
    text = str(value)
    return f"'{text}" if text.startswith(_FORMULA) and not _NUMBER.match(text) else text


def _at(row: Mapping[str, Any], name: str) -> Any:
    value: Any = row
    for step in name.split("."):
        value = value.get(step) if isinstance(value, Mapping) else None
    return value
