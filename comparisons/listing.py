"""Lists that readers filter, sort and page through: state in the address, pages by key.

Keyset pages cost the same at row 10 and at row 500,000 (OFFSET does not), and a row that arrives meanwhile
moves nothing the reader has seen.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal, InvalidOperation
from html import escape
from typing import Any, Generic, TypeVar

from django import forms
from django.db.models import BooleanField, F, Func, Model, Q, QuerySet, Value
from django.db.models.functions import Coalesce
from django.forms.utils import flatatt
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.http import urlencode
from django.utils.safestring import SafeString, mark_safe

from comparisons.escaping import escaped

Listed = TypeVar("Listed", bound=Model)
Choices = list[tuple[str, str]]  # (value, words) of a select
BIGGEST = 2**63 - 1  # what a bigint column can be asked for


class BadCursor(ValueError):
    """A page position that this list never handed out."""


def whole(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > BIGGEST:
        raise BadCursor
    return value


def truth(value: object) -> bool:
    if not isinstance(value, bool):
        raise BadCursor
    return value


def words(value: object) -> str:
    # A lone surrogate passes JSON and fails in the driver; NUL fails in PostgreSQL.
    if not isinstance(value, str) or "\x00" in value or any("\ud800" <= sign <= "\udfff" for sign in value):
        raise BadCursor
    return value


def exact(value: object) -> Decimal:
    try:
        number = Decimal(words(value))
    except InvalidOperation:
        raise BadCursor from None
    if not number.is_finite() or abs(number.adjusted()) > 15:
        raise BadCursor
    return number


def moment(value: object) -> datetime:
    try:
        at = datetime.fromisoformat(words(value))
    except ValueError:
        raise BadCursor from None
    if at.tzinfo is None or not 1970 <= at.year <= 9000:
        raise BadCursor
    return at


def hidden(column: str) -> Coalesce:
    """The same values where no index sees them."""
    return Coalesce(column, column)


@dataclass(frozen=True, slots=True)
class Key:
    """One column of an order; rows where it is unknown come last, whichever way it runs."""

    field: str
    read: Callable[[object], Any]
    descending: bool = False
    nullable: bool = False
    hidden: bool = False  # from indexes: for few rows PostgreSQL is to sort them, not to walk all in order

    def order(self, *, backwards: bool) -> Any:
        column: Any = hidden(self.field) if self.hidden else F(self.field)
        # NULLS LAST is said only where nulls are: said elsewhere it would keep a plain index from being used.
        last = {"nulls_first" if backwards else "nulls_last": True} if self.nullable else {}
        return column.desc(**last) if self.descending != backwards else column.asc(**last)

    def same(self, value: object) -> Q:
        return Q(**{f"{self.field}__isnull": True}) if value is None else Q(**{self.field: value})

    def beyond(self, value: object, *, backwards: bool) -> Q | None:
        """Rows that this column alone puts further on; None when there can be none."""
        if value is None:
            return Q(**{f"{self.field}__isnull": False}) if backwards else None
        further = Q(**{f"{self.field}__{'lt' if self.descending != backwards else 'gt'}": value})
        return further | Q(**{f"{self.field}__isnull": True}) if self.nullable and not backwards else further

    def of(self, row: Model) -> Any:
        value: Any = row
        for step in self.field.split("__"):
            value = getattr(value, step)
        if isinstance(value, datetime):
            return value.isoformat()
        return str(value) if isinstance(value, Decimal) else value


class Row(Func):
    function = ""
    output_field = BooleanField()  # asked for and never used


class Beyond(Func):
    """`(one, other) < (1, 2)`: where all keys run the same way, an index on them starts right there, however
    many rows share the first."""

    output_field = BooleanField()
    template = "%(expressions)s"

    def __init__(self, fields: list[str], values: list[Any], *, below: bool) -> None:
        super().__init__(Row(*fields), Row(*map(Value, values)))
        self.arg_joiner = " < " if below else " > "


@dataclass(frozen=True, slots=True)
class Order:
    """A total order: its last key is unique."""

    keys: tuple[Key, ...]

    @property
    def hidden(self) -> Order:
        """The same order, sorted and not walked."""
        return Order(tuple(replace(key, hidden=True) for key in self.keys))

    def by(self, *, backwards: bool = False) -> list[Any]:
        return [key.order(backwards=backwards) for key in self.keys]

    def cursor(self, row: Model) -> str:
        packed = json.dumps([key.of(row) for key in self.keys], separators=(",", ":")).encode()
        return base64.urlsafe_b64encode(packed).decode().rstrip("=")

    def read(self, cursor: str) -> list[Any]:
        """The values a cursor stands for. Raises BadCursor."""
        try:
            packed = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        except (binascii.Error, ValueError, RecursionError):
            raise BadCursor from None
        if not isinstance(packed, list) or len(packed) != len(self.keys):
            raise BadCursor
        return [
            None if value is None and key.nullable else key.read(value)
            for key, value in zip(self.keys, packed, strict=True)
        ]

    def further(self, values: list[Any], *, backwards: bool) -> Q:
        """Rows after (before) the one with these values."""
        first, start = self.keys[0], values[0]
        if len({key.descending for key in self.keys}) == 1 and not any(key.nullable for key in self.keys):
            return Q(Beyond([key.field for key in self.keys], values, below=first.descending != backwards))
        found = Q(pk__in=[])
        equal = Q()
        for key, value in zip(self.keys, values, strict=True):
            beyond = key.beyond(value, backwards=backwards)
            if beyond is not None:
                found |= equal & beyond
            equal &= key.same(value)
        if not first.nullable:
            # Says again what the alternatives say together, in the one form an index scan can start from.
            found &= Q(**{f"{first.field}__{'lte' if first.descending != backwards else 'gte'}": start})
        return found


@dataclass(frozen=True, slots=True)
class Page(Generic[Listed]):
    rows: list[Listed]
    after: str = ""  # cursor of the next page, "" on the last
    before: str = ""
    misread: bool = False  # the address named a position that this list never handed out

    def newer(self, state: Mapping[str, str] | None = None) -> str:
        return _query(state, "before", self.before)

    def older(self, state: Mapping[str, str] | None = None) -> str:
        return _query(state, "after", self.after)


def _query(state: Mapping[str, str] | None, name: str, cursor: str) -> str:
    return urlencode({**(state or {}), name: cursor}) if cursor else ""


def position(order: Order, at: Mapping[str, str]) -> tuple[list[Any] | None, bool]:
    """Where the page that `after` or `before` in `at` asks for begins, and whether it runs backwards.
    Raises BadCursor."""
    cursor = at.get("after") or at.get("before") or ""
    return (order.read(cursor) if cursor else None), bool(at.get("before")) and not at.get("after")


def turn(
    rows: QuerySet[Listed],
    order: Order,
    at: Mapping[str, str],
    *,
    size: int,
    wide: QuerySet[Listed] | None = None,
) -> Page[Listed]:
    """The page that `after` or `before` in `at` asks for, in one query; the first if it is unreadable.

    `wide`: the same rows with all that is shown of one. Then `rows` need no more than the list goes by, and
    the rest is joined to the rows of one page, not to all that are walked on the way to it.
    """
    try:
        start, backwards = position(order, at)
    except BadCursor:
        return replace(turn(rows, order, {}, size=size, wide=wide), misread=True)
    if start is not None:
        rows = rows.filter(order.further(start, backwards=backwards))
    rows = rows.order_by(*order.by(backwards=backwards))[: size + 1]
    if wide is not None:
        rows = wide.filter(pk__in=rows.values("pk")).order_by(*order.by(backwards=backwards))
    found = list(rows)
    more = len(found) > size
    kept = found[:size][::-1] if backwards else found[:size]
    if not kept:
        return Page([])
    onward, back = (True, more) if backwards else (more, start is not None)
    return Page(kept, order.cursor(kept[-1]) if onward else "", order.cursor(kept[0]) if back else "")


class FilterForm(forms.Form):
    """The state of a list. A nonsense value is refused beside its field, and the rest still applies."""

    def __init__(self, data: QueryDict, *, offers: Mapping[str, Choices] | None = None) -> None:
        """`offers`: what the selects named there hold besides "any", where only the tables know."""
        super().__init__(data, label_suffix="")
        for name, choices in (offers or {}).items():
            field = self.fields[name]
            assert isinstance(field, Choice)
            field.choices = [("", field.any_label), *choices]
        self.full_clean()

    def chosen(self, name: str) -> Any:
        """The valid value of a field; None when it is empty or was refused."""
        value = self.cleaned_data.get(name)
        return None if value is None or value is False or value == "" else value

    @property
    def state(self) -> dict[str, str]:
        """What the address should say: valid values only, no empty ones."""
        return {name: str(self.data[name]) for name in self.fields if self.chosen(name) is not None}

    @property
    def refined(self) -> bool:
        """By more than words: a field that phones fold away has something to show."""
        return bool(self.errors) or any(name not in ("sort", "q") for name in self.state)

    @property
    def narrowed(self) -> bool:
        """Whether anything but the order was chosen."""
        return any(name != "sort" for name in self.state)


class Options(forms.Select):
    """A select in one piece: two templates an option, as Django has it, were half of what a list took."""

    def render(
        self, name: str, value: object, attrs: dict[str, Any] | None = None, renderer: object = None
    ) -> SafeString:
        chosen = "" if value is None else str(value)
        values, labels = zip(*self.choices, strict=True)
        options = "\n".join(
            f'<option value="{value}"{" selected" if value == escape(chosen) else ""}>{label}</option>'
            for value, label in zip(escaped(values), escaped(labels), strict=True)
        )
        about = flatatt({"name": name, **self.build_attrs(self.attrs, attrs)})
        return mark_safe(f"<select{about}>{options}</select>")  # noqa: S308  # escaped above


class Choice(forms.ChoiceField):
    """A select whose first entry is "any"; refuses what it does not offer in a plain sentence."""

    widget = Options

    default_error_messages = {"invalid_choice": "“%(value)s” is not on this list, so it was left out."}

    def __init__(self, *, any_label: str = "Any", choices: Choices | None = None, **rest: Any) -> None:
        self.any_label = any_label
        super().__init__(choices=[("", any_label), *(choices or [])], required=False, **rest)


def wants_part(request: HttpRequest) -> bool:
    """htmx asks for `#part` alone; going back in the browser's history asks for the whole page."""
    htmx = request.htmx  # type: ignore[attr-defined]  # django_htmx.middleware sets it
    return bool(htmx) and htmx.target == "part" and not htmx.history_restore_request


def list_page(
    request: HttpRequest, template: str, context: Mapping[str, object], *, form: FilterForm | None = None
) -> HttpResponse:
    """The page or, for htmx, its `part`; the address bar then gets the state without empty fields."""
    if not wants_part(request):
        return render(request, template, context)
    response = render(request, f"{template}#part", context)
    if form is not None:
        turned = {name: request.GET[name] for name in ("after", "before") if request.GET.get(name)}
        query = urlencode(form.state | turned)
        response["HX-Push-Url"] = f"{request.path}?{query}" if query else request.path
    return response
