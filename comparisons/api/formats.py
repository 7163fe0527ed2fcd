"""What goes in and out: JSON, CSV on lists, and which of them somebody wants."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from django.http.request import HttpRequest
from rest_framework.exceptions import NotAcceptable, ParseError
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request

from comparisons.api.problems import Invalid, TooLarge
from comparisons.api.tables import columns, written

BODY_BYTES = 64 * 1024  # a counterpoint of 4,000 characters fits several times


class Json(JSONRenderer):
    """Compact JSON in UTF-8."""


class Csv(BaseRenderer):
    """One page of a list as a table; the next one is in the `Link` header."""

    media_type = "text/csv"
    format = "csv"
    charset = "utf-8"

    def render(self, data: Any, media_type: str | None = None, context: Any = None) -> bytes:
        response = context["response"]
        if response.exception:
            return json.dumps(data, ensure_ascii=False).encode()
        view = context["view"]
        return written(data["results"], columns(view.get_serializer())).encode()


class StrictJson(BaseParser):
    """JSON as RFC 8259 has it: no NaN, no key twice, no half of a character, no more than BODY_BYTES."""

    media_type = "application/json"
    most = BODY_BYTES

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        return parsed(body_of(stream, self.most))


class ByPreference(BaseContentNegotiation):
    """`format=` first, then the Accept header with its weights."""

    def select_parser(self, request: Request, parsers: Iterable[BaseParser]) -> BaseParser | None:
        sent = request.content_type.partition(";")[0].strip().lower()
        return next((parser for parser in parsers if sent == parser.media_type), None)

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        """Raises NotAcceptable, Invalid."""
        known = list(renderers)
        by_type = {str(renderer.media_type): renderer for renderer in known}
        asked = request.query_params.get("format")
        if asked is not None and len(known) > 1:
            by_format = {renderer.format: renderer for renderer in known}
            if asked not in by_format:
                raise Invalid({"format": f"is one of {', '.join(map(str, by_format))}."})
            return by_format[asked], str(by_format[asked].media_type)
        wanted = preferred(request._request, list(by_type))
        return by_type[wanted], wanted


def preferred(request: HttpRequest, offered: list[str]) -> str:
    """Raises NotAcceptable."""
    try:
        wanted = request.get_preferred_type(offered)
    except ValueError:  # a header longer than Django is willing to take apart
        wanted = None
    if wanted is None:
        raise NotAcceptable(f"This address answers with {' or '.join(offered)}.")
    return wanted


def body_of(stream: Any, most: int) -> str:
    """The body as text. Raises TooLarge, ParseError."""
    raw = stream.read(most + 1)
    if len(raw) > most:
        raise TooLarge(f"The body is larger than {most // 1024:,} KB.")
    try:
        return str(raw, "utf-8-sig")
    except UnicodeDecodeError as error:
        raise ParseError(f"Byte {error.start + 1} of the body is not UTF-8.") from None


def parsed(text: str) -> Any:
    """Raises ParseError."""
    try:
        value = json.loads(text, parse_constant=_no_constant, object_pairs_hook=_once)
        # Half of a surrogate pair is JSON and no text: it can be neither stored nor sent back.
        json.dumps(value, ensure_ascii=False).encode()
    except RecursionError:
        raise ParseError("The body is nested too deeply.") from None
    except UnicodeEncodeError:
        raise ParseError("The body holds half of a character (a lone surrogate).") from None
    except json.JSONDecodeError as error:
        raise ParseError(f"The body is not JSON (line {error.lineno}: {error.msg.lower()}).") from None
    except ValueError as error:
        raise ParseError(f"The body is not JSON ({str(error)[:80].lower()}).") from None
    return value


def _no_constant(word: str) -> None:
    raise ValueError(f"{word} is no JSON")


def _once(pairs: list[tuple[str, Any]]) -> Mapping[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise ValueError("a key is there twice")
    return result
