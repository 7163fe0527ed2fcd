"""What stands behind the question mark, read strictly: unknown, repeated, empty or half-encoded is refused.

A misspelled filter that is silently ignored gives a whole list that looks like an answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any
from urllib.parse import unquote_to_bytes

import django_filters
from django import forms
from django.db.models import QuerySet
from rest_framework.filters import BaseFilterBackend
from rest_framework.request import Request

from comparisons.api.problems import Invalid
from comparisons.listing import BIGGEST

LONGEST = 2_000  # characters of one value
SLUG = "^[a-z0-9][a-z0-9-]*$"
TEXT = r"^[^\x00]+$"


def check(request: Request, known: Iterable[str]) -> None:
    """Raises Invalid, naming every parameter that is not as it should be."""
    raw = request.META.get("QUERY_STRING", "")
    try:
        unquote_to_bytes(raw.encode("latin-1")).decode()
    except (UnicodeDecodeError, UnicodeEncodeError):
        raise Invalid({"": "The query is not UTF-8."}) from None
    allowed = set(known)
    wrong: dict[str, str] = {}
    for name, values in request.query_params.lists():
        if name not in allowed:
            wrong[_legible(name)] = f"is not known here; there is {', '.join(sorted(allowed)) or 'none'}."
        elif len(values) > 1:
            wrong[name] = "is there twice."
        elif not values[0]:
            wrong[name] = "is empty; leave it out."
        elif len(values[0]) > LONGEST or "\x00" in values[0]:
            wrong[name] = f"is no text of up to {LONGEST:,} characters without NUL."
    if wrong:
        raise Invalid(wrong)


def whole(request: Request, name: str, *, least: int, most: int, default: int) -> int:
    """Raises Invalid."""
    text = request.query_params.get(name)
    if text is None:
        return default
    if not re.fullmatch("0|-?[1-9][0-9]{0,18}", text) or not least <= int(text) <= most:
        raise Invalid({name: f"is a whole number from {least} to {most}."})
    return int(text)


def flag(request: Request, name: str) -> bool:
    """False where it is not given. Raises Invalid."""
    text = request.query_params.get(name, "false")
    if text not in ("true", "false"):
        raise Invalid({name: "is true or false."})
    return text == "true"


def word(request: Request, name: str, among: Iterable[str], *, default: str) -> str:
    """Raises Invalid."""
    text, known = request.query_params.get(name, default), list(among)
    if text not in known:
        raise Invalid({name: f"is one of {', '.join(known)}."})
    return text


def described(name: str, schema: Mapping[str, Any], description: str) -> dict[str, Any]:
    """A parameter as the schema has it."""
    return {"name": name, "in": "query", "required": False, "description": description, "schema": {**schema}}


def _legible(name: str) -> str:
    return "".join(sign if sign.isprintable() else "�" for sign in name[:60])


class _Pattern(forms.CharField):
    """Text that fits `pattern`, as it came: nothing is stripped."""

    def __init__(self, *, pattern: str, sentence: str, **rest: Any) -> None:
        super().__init__(strip=False, **rest)
        self._pattern, self._sentence = re.compile(pattern), sentence

    def clean(self, value: Any) -> Any:
        if value not in (None, "") and not self._pattern.fullmatch(value):
            raise forms.ValidationError(self._sentence)
        return super().clean(value)


class Strict(django_filters.Filter):  # type: ignore[misc]  # comes without types
    """A filter that says in `schema` exactly what it takes."""

    schema: Mapping[str, Any]

    def __init__(self, *names: Any, help_text: str, **rest: Any) -> None:
        self.help_text = help_text
        super().__init__(*names, **rest)


class Slug(Strict):
    field_class = _Pattern
    schema = {"type": "string", "pattern": SLUG, "maxLength": 120}

    def __init__(self, *names: Any, **rest: Any) -> None:
        sentence = "is a slug: small letters, digits and hyphens."
        super().__init__(*names, pattern=SLUG, sentence=sentence, max_length=250, **rest)
        self.schema = {**self.schema, "maxLength": 250}


class Text(Strict):
    field_class = _Pattern

    def __init__(self, *names: Any, most: int = 100, **rest: Any) -> None:
        self.schema = {"type": "string", "pattern": TEXT, "minLength": 1, "maxLength": most}
        super().__init__(*names, pattern=r"[^\x00]+", sentence="holds NUL.", max_length=most, **rest)


class Word(Strict):
    """One of a closed list."""

    field_class = forms.ChoiceField

    def __init__(self, *names: Any, among: Iterable[str], **rest: Any) -> None:
        words = list(among)
        self.schema = {"type": "string", "enum": words}
        refusal = {"invalid_choice": f"is one of {', '.join(words)}."}
        super().__init__(*names, choices=[(each, each) for each in words], error_messages=refusal, **rest)


class Flag(Strict):
    """`true` or `false`, nothing else."""

    field_class = forms.TypedChoiceField
    schema = {"type": "boolean"}

    def __init__(self, *names: Any, **rest: Any) -> None:
        choices = [("true", "true"), ("false", "false")]
        refusal = {"invalid_choice": "is true or false."}
        super().__init__(
            *names,
            choices=choices,
            coerce=lambda text: text == "true",
            empty_value=None,
            error_messages=refusal,
            **rest,
        )


class Whole(Strict):
    """A whole number from 0, in plain digits."""

    field_class = _Pattern
    schema = {"type": "integer", "minimum": 0, "maximum": BIGGEST}

    def __init__(self, *names: Any, **rest: Any) -> None:
        sentence = "is a whole number from 0, in plain digits."
        super().__init__(*names, pattern="0|[1-9][0-9]{0,18}", sentence=sentence, **rest)

    def filter(self, qs: QuerySet[Any], value: Any) -> QuerySet[Any]:
        # Larger than the column can hold is larger than everything in it.
        found: QuerySet[Any] = super().filter(qs, min(int(value), BIGGEST) if value else value)
        return found


class Amount(Strict):
    """A number from 0 to 1,000,000, as JSON writes one."""

    field_class = _Pattern
    schema = {"type": "number", "minimum": 0, "maximum": 1_000_000}

    def __init__(self, *names: Any, **rest: Any) -> None:
        number = r"-?(0|[1-9][0-9]{0,6})(\.[0-9]{1,40})?([eE][-+]?[0-9]{1,3})?"
        super().__init__(*names, pattern=number, sentence="is a number from 0 to 1000000.", **rest)

    def filter(self, qs: QuerySet[Any], value: Any) -> QuerySet[Any]:
        if value and not 0 <= Decimal(value) <= 1_000_000:
            raise Invalid({self.field_name: "is a number from 0 to 1000000."})
        found: QuerySet[Any] = super().filter(
            qs, Decimal(value).quantize(Decimal("1e-6")) if value else value
        )
        return found


class Filters(django_filters.FilterSet):  # type: ignore[misc]  # comes without types
    """The filters of one noun; all its filters are Strict."""


class ByFilters(BaseFilterBackend):
    """Applies a view's `filterset_class` and tells the schema what it takes."""

    def filter_queryset(self, request: Request, queryset: QuerySet[Any], view: Any) -> QuerySet[Any]:
        """Raises Invalid."""
        filters = getattr(view, "filterset_class", None)
        if filters is None:
            return queryset
        own = {
            name: request.query_params[name] for name in filters.base_filters if name in request.query_params
        }
        asked = filters(data=own, queryset=queryset)
        if not asked.is_valid():
            raise Invalid({name: str(said[0]) for name, said in asked.errors.items()})
        found: QuerySet[Any] = asked.qs
        return found

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        filters = getattr(view, "filterset_class", None)
        known = filters.base_filters if filters is not None and view.action == "list" else {}
        return [described(name, each.schema, each.help_text) for name, each in known.items()]
