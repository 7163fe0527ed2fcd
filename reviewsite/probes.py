"""What machines ask: /healthz/, /readyz/, /metrics/.

Answered before the host is looked at and before anything is sent on to https: an orchestrator asks a
container by its own address and in plain http, and a redirect would look like health.
"""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from reviewsite import health
from reviewsite.telemetry import metrics

ADDRESSES: dict[str, Callable[[HttpRequest], HttpResponseBase]] = {
    "/healthz/": health.process,
    "/readyz/": health.ready,
    "/metrics/": metrics.scrape,
}


class Probes:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        view = ADDRESSES.get(request.path_info)
        if view is None:
            return self.get_response(request)
        answer = view(request)
        if isinstance(answer, HttpResponse):
            answer["Cache-Control"] = "no-store"
        return answer
