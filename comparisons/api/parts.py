"""What records are made of: the base of all serializers, and fields that say unknown as null."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.conf import settings
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from comparisons.templatetags.figures import whole_percent
from comparisons.votes.counts import Community


class Record(serializers.Serializer[Any]):
    """One record. The field `named_by` stays when a reader asks for some fields only; "" is a part of one."""

    named_by = ""

    def get_fields(self) -> dict[str, Any]:
        fields: dict[str, Any] = super().get_fields()
        only = self.context.get("only")
        if only is None or not self.named_by or not self._outermost:
            return fields
        return {name: field for name, field in fields.items() if name in only or name == self.named_by}

    @property
    def _outermost(self) -> bool:
        return self.parent is None or (
            isinstance(self.parent, serializers.ListSerializer) and self.parent.parent is None
        )


class Words(serializers.CharField):
    """Text; null where nobody told us."""

    def __init__(self, **rest: Any) -> None:
        super().__init__(allow_null=True, **rest)

    def to_representation(self, value: Any) -> Any:
        return super().to_representation(value) if value else None


class Wordlist(serializers.ListField):
    """A list of texts; null where nobody told us."""

    def __init__(self, **rest: Any) -> None:
        super().__init__(child=serializers.CharField(), allow_null=True, **rest)

    def to_representation(self, data: Any) -> Any:
        return super().to_representation(list(data)) if data else None


class OneOf(serializers.ChoiceField):
    """A word of a closed list; null for the empty one and for "unknown"."""

    def to_representation(self, value: Any) -> Any:
        return None if value in ("", "unknown", None) else str(value)


@extend_schema_field({"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]+)?$"})
class Exact(serializers.Field[Any, Any, Any, Any]):
    """A decimal number as text, because JSON readers make 0.3 of it that is none."""

    def to_representation(self, value: Decimal) -> str:
        return format(Decimal(value).normalize(), "f")


@extend_schema_field({"type": "string", "format": "uri"})
class Address(serializers.Field[Any, Any, Any, Any]):
    """A path of this site as a full address; `to` has a place for the value."""

    def __init__(self, to: str, **rest: Any) -> None:
        self._to = to
        super().__init__(**rest)

    def to_representation(self, value: Any) -> str:
        return f"{settings.SITE_URL}{self._to.format(value)}"


@extend_schema_field({"description": "Text, number, truth value or list, as the field has it."})
class Anything(serializers.Field[Any, Any, Any, Any]):
    """A value whose type hangs on the field it belongs to."""

    def to_representation(self, value: Any) -> Any:
        return value


@extend_schema_field({"type": "object", "additionalProperties": True})
class Freely(serializers.Field[Any, Any, Any, Any]):
    """An object whose fields are somebody else's."""

    def to_representation(self, value: Any) -> Any:
        return value


class Share(Record):
    """How many would ship it, of how many; no percentage without its n."""

    ships = serializers.IntegerField(min_value=0)
    n = serializers.IntegerField(min_value=0)
    percent = serializers.IntegerField(
        min_value=0, max_value=100, allow_null=True, help_text="Rounded; null where n is 0."
    )


def share(ships: int, n: int) -> dict[str, int | None]:
    return {"ships": ships, "n": n, "percent": whole_percent(ships, n) if n else None}


def community(row: Any) -> dict[str, int | None]:
    """From a Community, or from what `community_subquery` annotates."""
    found = row if isinstance(row, Community) else Community.read(row)
    return {"ships": found.ships, "n": found.n, "percent": found.percent}
