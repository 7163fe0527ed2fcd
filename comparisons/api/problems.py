"""Every refusal as a problem document (RFC 9457): what went wrong, in which field, in words for people."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.core.signals import got_request_exception
from django.db import InterfaceError, OperationalError
from django.http import Http404
from rest_framework import exceptions
from rest_framework.response import Response

MEDIA_TYPE = "application/problem+json"
WAIT_SECONDS = 5  # told to whoever came while the database was away
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of problem: the last part of its `type`, its title, and what to do about it."""

    slug: str
    title: str
    advice: str


KINDS = {
    400: Kind("invalid", "The request does not fit the schema", "Correct the fields named in `errors`."),
    401: Kind(
        "unauthenticated", "No good token", "Send `Authorization: Bearer so_…`; ask staff for a new one."
    ),
    403: Kind(
        "forbidden", "Not allowed", "The token lacks a scope, its owner a right, or the page its origin."
    ),
    404: Kind("not-found", "Not found", "Check the address; every address ends with a slash."),
    405: Kind("method-not-allowed", "Method not allowed", "The `Allow` header names the methods there are."),
    406: Kind("not-acceptable", "No such format", "Ask for `application/json`; lists also give `text/csv`."),
    409: Kind("conflict", "The state has changed", "Read again what you wanted to change, then decide anew."),
    412: Kind(
        "precondition-failed",
        "No longer that version",
        "Ask again without `If-Match`; the answer has an `ETag`.",
    ),
    413: Kind("too-large", "Too large", "Send less at once."),
    415: Kind("unsupported-media-type", "Unsupported media type", "Name the body's type in `Content-Type`."),
    422: Kind(
        "refused", "Understood and refused", "It fits the schema; the fields in `errors` say what does not."
    ),
    429: Kind("too-many-requests", "Too many requests", "Wait for the seconds in `Retry-After`."),
    500: Kind("server-error", "Our fault", "Try later; what happened is in our log."),
    503: Kind("unavailable", "Not available now", "Try again after the seconds in `Retry-After`."),
}


class Invalid(exceptions.ValidationError):
    """400: the request is not what the schema says. `errors` maps fields to sentences."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__({field: [sentence] for field, sentence in errors.items()})


class Refused(exceptions.APIException):
    """422: it is what the schema says, and is refused for what it says."""

    status_code = HTTPStatus.UNPROCESSABLE_ENTITY

    def __init__(self, errors: Mapping[str, Any] | Sequence[Mapping[str, str]]) -> None:
        """Sentences by field, or whole entries where there is more to say (record and field of an import)."""
        super().__init__("Some fields are refused.")
        self.errors = list(errors) if not isinstance(errors, Mapping) else list(_flat(errors))


class Conflict(exceptions.APIException):
    """409: somebody was faster, or the state does not allow it."""

    status_code = HTTPStatus.CONFLICT


class TooLarge(exceptions.APIException):
    """413"""

    status_code = HTTPStatus.REQUEST_ENTITY_TOO_LARGE


class Limited(exceptions.APIException):
    """429"""

    status_code = HTTPStatus.TOO_MANY_REQUESTS

    def __init__(self, sentence: str, *, retry_after: int) -> None:
        super().__init__(sentence)
        self.retry_after = retry_after


def document(status: int, detail: str = "", errors: Sequence[Mapping[str, str]] = ()) -> dict[str, Any]:
    """The document itself. `type` leads to the part of the documentation that explains it."""
    kind = KINDS.get(status) or KINDS[400 if status < 500 else 500]
    return {
        "type": f"{settings.SITE_URL}/api/docs/#problem-{kind.slug}",
        "title": kind.title,
        "status": int(status),
        "detail": detail or kind.advice,
        "errors": [dict(error) for error in errors],
    }


def explain(error: Exception, context: Mapping[str, Any]) -> Response:
    """Django REST framework's handler of exceptions: none leaves without a document, none with a trace."""
    headers: dict[str, str] = {}
    errors: list[Mapping[str, str]] = []
    match error:
        case Http404():
            status, detail = HTTPStatus.NOT_FOUND, str(error)
        case PermissionDenied():
            status, detail = HTTPStatus.FORBIDDEN, str(error)
        case RequestDataTooBig():
            status, detail = HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "The body is too large."
        case SuspiciousOperation():
            status, detail = HTTPStatus.BAD_REQUEST, "The request cannot be read."
        case OperationalError() | InterfaceError():
            log.warning("The API cannot reach the database: %s", type(error).__name__)
            status, detail = HTTPStatus.SERVICE_UNAVAILABLE, "The database does not answer."
            headers["Retry-After"] = str(WAIT_SECONDS)
        case exceptions.APIException():
            status, detail, errors = HTTPStatus(error.status_code), *_told(error)
            headers |= _headers(error)
        case _:
            status, detail = HTTPStatus.INTERNAL_SERVER_ERROR, ""
            # What Django sends for an error that nobody caught; whoever collects errors listens to it.
            got_request_exception.send(sender=None, request=getattr(context.get("request"), "_request", None))
            log.exception("An error in the API")
    return Response(document(status, detail, errors), status=status, headers=headers, content_type=MEDIA_TYPE)


def _told(error: exceptions.APIException) -> tuple[str, list[Mapping[str, str]]]:
    if isinstance(error, Refused):
        return str(error.detail), error.errors
    if isinstance(error, exceptions.ValidationError):
        errors = list(_flat(error.detail))
        return f"{len(errors)} field{'' if len(errors) == 1 else 's'} cannot be read.", errors
    return str(error.detail), []


def _headers(error: exceptions.APIException) -> dict[str, str]:
    headers = {}
    if authenticate := getattr(error, "auth_header", ""):
        headers["WWW-Authenticate"] = authenticate
    if isinstance(error, Limited):
        headers["Retry-After"] = str(error.retry_after)
    return headers


def _flat(detail: Any, place: str = "") -> Iterator[Mapping[str, str]]:
    """{"answers": {"side": ["…"]}} as {"field": "answers.side", "message": "…"}; "" is the whole."""
    if isinstance(detail, Mapping):
        for key, inner in detail.items():
            name = "" if key == "non_field_errors" else str(key)
            yield from _flat(inner, ".".join(part for part in (place, name) if part))
    elif isinstance(detail, list | tuple):
        for number, inner in enumerate(detail):
            deeper = isinstance(inner, Mapping | list | tuple)
            yield from _flat(inner, f"{place}.{number}" if deeper and place else place)
    else:
        yield {"field": place, "message": str(detail)}
