"""What may stand in the body of a request: closed objects whose values are of exactly the type they say."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request

from comparisons.api.problems import Invalid

# Not one sign that PostgreSQL or a log cannot hold.
TEXT = r"^[^\x00]*$"


class Body(serializers.Serializer[Any]):
    """The body of one operation. An unknown field is refused, not ignored."""

    @classmethod
    def read(cls, request: Request) -> dict[str, Any]:
        """Raises ValidationError, Invalid."""
        data = request.data
        if not isinstance(data, dict):
            raise Invalid({"": "The body is an object."})
        made = cls(data=data)
        made.is_valid(raise_exception=True)
        values: dict[str, Any] = made.validated_data
        return values

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, dict):
            raise serializers.ValidationError("This is an object.")
        if unknown := data.keys() - self.fields.keys():
            name = "".join(sign if sign.isprintable() else "�" for sign in min(unknown)[:60])
            raise serializers.ValidationError({name: [f"There is only {', '.join(self.fields)}."]})
        return super().to_internal_value(data)


class Plain(serializers.CharField):
    """Text and nothing that could be taken for it; kept as it came."""

    def __init__(self, **rest: Any) -> None:
        super().__init__(trim_whitespace=False, **rest)

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            raise serializers.ValidationError("This is text.")
        return super().to_internal_value(data)


class Choice(serializers.ChoiceField):
    """A word of a closed list."""

    default_error_messages = {"invalid_choice": "This is one of {choices}."}

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, str) or data not in self.choices:
            self.fail("invalid_choice", choices=", ".join(map(str, self.choices)))
        return data


class YesNo(serializers.BooleanField):
    """true or false, not "yes" or 1."""

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            raise serializers.ValidationError("This is true or false.")
        return data
