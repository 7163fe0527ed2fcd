"""The documentation page: the schema as people read it, rendered on the server."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse


def docs(request: HttpRequest) -> HttpResponse:
    return HttpResponse()
