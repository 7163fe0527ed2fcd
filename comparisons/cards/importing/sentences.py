"""pydantic's findings as sentences for whoever wrote the file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError

from comparisons.cards.importing.documents import Mapping
from comparisons.cards.importing.fields import shown
from comparisons.cards.importing.problems import Problem


def explain(error: ValidationError, file: str, record: str) -> list[Problem]:
    """One problem per field that pydantic refused, in the order of the file's fields."""
    return [
        Problem(file, record, _place(found["loc"]), _sentence(found))
        for found in error.errors(include_url=False)
    ]


def repeated_keys(
    value: object, file: str, record: str, place: tuple[str | int, ...] = ()
) -> Iterator[Problem]:
    """Keys that a mapping of the record holds twice: YAML keeps the last one and says nothing."""
    if isinstance(value, Mapping):
        for key in value.twice:
            yield Problem(file, record, _place((*place, key)), "is there twice.")
        for key, inner in value.items():
            yield from repeated_keys(inner, file, record, (*place, key))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from repeated_keys(inner, file, record, (*place, number))


def _place(location: tuple[str | int, ...]) -> str:
    """('offers', 1, 'usd_per_mtok_in') as "offers 2 usd_per_mtok_in": people count from one."""
    words = [str(part + 1) if isinstance(part, int) else shown(part)[1:-1] for part in location]
    return " ".join(words)


def _sentence(found: Any) -> str:  # noqa: PLR0911 – a table, spelled as a match
    value, context, kind = found["input"], found.get("ctx", {}), found["type"]
    plain = "" if isinstance(value, dict | list) else f"{shown(value)} "
    match kind:
        case "missing":
            return "is missing."
        case "extra_forbidden":
            return "is not a field that is known here."
        case "refused":
            return str(context["sentence"])
        case "greater_than_equal":
            return f"{plain}is less than {context['ge']:,}."
        case "less_than_equal":
            return f"{plain}is more than {context['le']:,}."
        case "literal_error":
            return f"{plain}is not one of {_words(context['expected'])}."
        case "list_type" | "tuple_type":
            return f"{plain}is not a list."
        case "too_long":
            return f"has more than {context['max_length']:,} entries."
        case "model_type" | "dict_type" | "model_attributes_type":
            return f"{plain}is not a mapping."
        case _:
            return f"{plain}is refused: {found['msg']}."


def _words(expected: str) -> str:
    """pydantic's "'a', 'b' or 'c'" as "a, b, c"."""
    return expected.replace("'", "").replace(" or ", ", ")
