"""Writes of visitors without an account come from our own pages, or from no browser at all.

Pages are the same bytes for everybody, so their forms carry no token. The rule is that of Go's
http.CrossOriginProtection (https://pkg.go.dev/net/http#CrossOriginProtection): browsers say themselves where
a request comes from, and a script on another site cannot change what they say.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponseForbidden
from django.http.response import HttpResponseBase

P = ParamSpec("P")

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
REFUSAL = "This request came from another site. Open the page here and try again.\n"


def same_origin_writes(
    view: Callable[Concatenate[HttpRequest, P], HttpResponseBase],
) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """Refuses writes from other origins with 403, and takes the place of Django's token for this view."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not comes_from_here(request):
            return HttpResponseForbidden(REFUSAL, content_type="text/plain; charset=utf-8")
        return view(request, *args, **kwargs)

    # Decorators above this one copy the mark, so it may stand anywhere in the stack.
    guarded.csrf_exempt = True  # type: ignore[attr-defined]  # what django.views.decorators.csrf sets
    return guarded  # type: ignore[return-value]  # stricter only about the name `request`


def comes_from_here(request: HttpRequest) -> bool:
    """Whether a request is safe by its method, of this origin, or of no browser."""
    if request.method in SAFE_METHODS:
        return True
    site = request.headers.get("Sec-Fetch-Site", "")
    if site:
        return site in {"same-origin", "none"}
    origin = request.headers.get("Origin", "")
    # Neither header: not a browser of the last years, hence nobody's cookies ride along unasked.
    return not origin or _host(origin) == request.get_host().lower()


def _host(origin: str) -> str:
    """Host and port of an Origin header; "" for `null` and nonsense, which no request's host equals.

    The scheme is left out as in Go's rule: behind a proxy we may not know our own.
    """
    try:
        return urlsplit(origin).netloc.lower()
    except ValueError:
        return ""
