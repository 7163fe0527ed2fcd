"""The web process with one address that fails, so that an error of ours can be looked at from outside."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

ADDRESS = "/fails/"


class Failing:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path == ADDRESS:
            raise RuntimeError("asked for")
        return self.get_response(request)


settings.MIDDLEWARE.append("tests.bench.failing.Failing")

from reviewsite.wsgi import application  # noqa: E402

__all__ = ["application"]
