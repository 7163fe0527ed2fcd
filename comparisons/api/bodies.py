"""What may stand in the body of a request: closed objects whose values are of exactly the type they say."""

from __future__ import annotations

import re
from typing import Any

from rest_framework import serializers
from rest_framework.fields import empty
from rest_framework.request import Request

from comparisons.api.problems import Invalid

# Not one sign that PostgreSQL or a log cannot hold.
TEXT = r"^[^\x00]+$"
SLUG = "^[a-z0-9][a-z0-9-]*$"


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
    """Text that fits `pattern` and nothing that could be taken for text; kept as it came."""

    def __init__(self, *, pattern: str = TEXT, **rest: Any) -> None:
        self.pattern = pattern
        super().__init__(trim_whitespace=False, **rest)

    def run_validation(self, data: Any = empty) -> Any:
        # Django REST framework takes text of spaces for none.
        return self.to_checked(data) if isinstance(data, str) and data else super().run_validation(data)

    def to_checked(self, text: str) -> str:
        if not re.fullmatch(self.pattern, text):
            raise serializers.ValidationError("This holds a character that is not allowed here.")
        self.run_validators(text)
        return text

    def to_internal_value(self, data: Any) -> str:
        raise serializers.ValidationError("This is text.")


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
