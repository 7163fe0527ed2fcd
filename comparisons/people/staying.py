"""How long staff stay signed in: 30 minutes after their last step, 12 hours in all."""

from __future__ import annotations

import time

from django.contrib.auth import logout
from django.http import HttpRequest

LONGEST = 12 * 60 * 60  # seconds, whatever they do
NOTED_EVERY = 60  # seconds: a row is not written for each page


def begin(request: HttpRequest) -> None:
    """Called when somebody has signed in."""
    request.session["since"] = request.session["noted"] = time.time()


def still_here(request: HttpRequest) -> bool:
    """Notes a step of somebody signed in; False, and signed out, when their time is over.

    The idle time is the session's own (SESSION_COOKIE_AGE), counted from the last note. Fragments that a page
    asks for by itself are no steps: an open page would stay signed in for ever.
    """
    session, now = request.session, time.time()
    since = session.get("since")
    if since is None:
        begin(request)
        return True
    if now - since > LONGEST:
        logout(request)
        return False
    by_itself = request.method == "GET" and "HX-Request" in request.headers
    if not by_itself and now - session.get("noted", since) > NOTED_EVERY:
        session["noted"] = now
    return True
