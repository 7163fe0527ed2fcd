"""What a visitor reads while PostgreSQL is gone: 503 and when to try again, not a page about our mistakes."""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import get_template

from comparisons.refusals import unavailable
from reviewsite.telemetry.routes import method_of, route_of

log = logging.getLogger(__name__)

RETRY_AFTER = 5  # seconds; a restart takes about that
SAID = "The database does not answer right now. Nothing of this request was kept. Try again in a few seconds."


class Unavailable:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Whatever else went wrong stays an error of ours, with its 500."""
        if not isinstance(error, OperationalError | InterfaceError):
            return None
        log.warning(
            "%s %s: the database is gone (%s)", method_of(request), route_of(request), type(error).__name__
        )
        return unavailable(request, SAID, retry_after=RETRY_AFTER, page=_page)


def _page() -> HttpResponse:
    # Without context processors, which might ask the database who is reading.
    return HttpResponse(get_template("503.html").render({"said": SAID}), status=503)
