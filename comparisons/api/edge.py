"""What is true of every answer below /api/v1/, whoever made it: middleware around all that Django does."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response, patch_vary_headers

from comparisons.api.problems import MEDIA_TYPE, document
from comparisons.people.origin import SAFE_METHODS

ROOT = "/api/v1/"
EXPOSED = "ETag, Link, RateLimit, RateLimit-Policy, Retry-After"
# Headers that a 304 keeps besides those Django keeps: who comes again is counted too.
KEPT = ("RateLimit", "RateLimit-Policy", "Link")
READABLE = 200, 304


class ApiAnswers:
    """Problem documents instead of Django's own error pages, ETags, reading from other sites, no cookie."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(ROOT):
            return self.get_response(request)
        if settings.SECURE and not request.is_secure():
            return _only_by_https()
        response = self.get_response(request)
        response.cookies.clear()
        # True of what `problems.explain` made, which is complete.
        if response.status_code >= 400 and not getattr(response, "exception", False):
            response = _as_problem(response)
        if request.method in SAFE_METHODS:
            response = _tagged(request, response)
            _let_others_read(request, response)
        return response


def _only_by_https() -> HttpResponse:
    """Nobody is redirected: a program would go on sending its token in the clear, and work."""
    said = f"The API is spoken over https alone, at {settings.SITE_URL}. Revoke a token you sent here."
    answer = HttpResponse(json.dumps(document(403, said)), status=403, content_type=MEDIA_TYPE)
    answer["Cache-Control"] = "no-store"
    return answer


def _as_problem(response: HttpResponse) -> HttpResponse:
    """What was refused before the API heard of it: an unknown host by Django, a write by a switch."""
    status = response.status_code
    detail = "The request cannot be read, or names a host that is not this site's." if status == 400 else ""
    if response.headers.get("Content-Type") == MEDIA_TYPE:
        detail = str(json.loads(response.content).get("detail", ""))
    answer = HttpResponse(json.dumps(document(status, detail)), status=status, content_type=MEDIA_TYPE)
    for name in ("Cache-Control", "Retry-After"):
        if name in response.headers:
            answer[name] = response[name]
    answer.setdefault("Cache-Control", "no-store")
    return answer


def _tagged(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """The answer with a strong ETag, or 304 without a body for whoever has it already."""
    if request.method == "OPTIONS" or response.status_code != 200 or response.streaming:
        return response
    patch_vary_headers(response, ["Accept"])
    if "no-store" in response.get("Cache-Control", ""):
        return response
    etag = f'"{hashlib.sha256(response.content).hexdigest()[:32]}"'
    response["ETag"] = etag
    found = get_conditional_response(request, etag, None, response)
    # The stubs let it be None, which it is for no response given.
    if found is None or found is response:
        return response
    if found.status_code >= 400:  # 412, where the reader wanted another version
        found = _as_problem(found)
    for name in KEPT:
        if name in response.headers:
            found[name] = response[name]
    return found


def _let_others_read(request: HttpRequest, response: HttpResponse) -> None:
    """Any page may read what is public; none may write, and cookies are not looked at here anyway."""
    response["Access-Control-Allow-Origin"] = "*"
    # Cross-Origin-Resource-Policy stays same-origin: browsers ask it of what is embedded, never of fetch().
    if request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers:
        response["Access-Control-Allow-Methods"] = "GET, HEAD, OPTIONS"
        response["Access-Control-Allow-Headers"] = "Accept, If-None-Match"
        response["Access-Control-Max-Age"] = "86400"
    else:
        response["Access-Control-Expose-Headers"] = EXPOSED
