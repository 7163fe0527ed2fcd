"""Each request gets an id, a line in the log and a place in the histogram.

Pages that the page store or nginx answer never come here: nginx's log has those.
"""

from __future__ import annotations

import logging
import re
import secrets
import time
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from structlog.contextvars import bound_contextvars

from reviewsite.telemetry.metrics import REQUESTS
from reviewsite.telemetry.routes import FOR_THE_STORE, method_of, route_of

log = logging.getLogger("reviewsite.requests")

HEADER = "X-Request-ID"
GOOD = re.compile(r"[A-Za-z0-9_-]{16,64}")


class Requests:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        began = time.perf_counter()
        request_id = id_of(request)
        with bound_contextvars(request_id=request_id):
            answer = self.get_response(request)
            seconds = time.perf_counter() - began
            method, route, status = method_of(request), route_of(request), answer.status_code
            REQUESTS.labels(method, route, f"{status // 100}xx").observe(seconds)
            log.info(
                "request",
                extra={"method": method, "route": route, "status": status, "ms": round(seconds * 1000, 1)},
            )
        if FOR_THE_STORE not in request.META:
            answer[HEADER] = request_id
        return answer


def id_of(request: HttpRequest) -> str:
    """The front's where a front of ours stands; whoever asks may not write into our logs."""
    told = request.headers.get(HEADER, "") if settings.TRUSTED_PROXIES else ""
    return told if GOOD.fullmatch(told) else secrets.token_hex(16)
