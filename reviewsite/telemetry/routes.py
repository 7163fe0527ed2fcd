"""What a request asked for, in words that hold nothing of whoever asked: the route, never the address."""

from __future__ import annotations

import re

from django.http import HttpRequest

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
DETAIL = re.compile(r"\n\s*(?:DETAIL|CONTEXT|LINE \d+):.*(?:\n\s*\^)?")
QUOTED = re.compile(r"""(invalid input syntax for type [\w ]+:|invalid byte sequence[^:]*:) .*""")
NOWHERE = "(no route)"
# Set by reviewsite/pages.py on a request that no reader sent: its answer is kept for everybody.
FOR_THE_STORE = "reviewsite.for_the_store"


def route_of(request: HttpRequest) -> str:
    """`comparison`, `admin:login`; known only after the address was resolved."""
    match = getattr(request, "resolver_match", None)
    if match is None:
        return NOWHERE
    return match.view_name or match.route or NOWHERE


def without_values(text: str) -> str:
    """PostgreSQL's errors quote the row they are about, and what was typed in."""
    return DETAIL.sub("", QUOTED.sub(r"\1 (…)", text))


def method_of(request: HttpRequest) -> str:
    """One of a few: whoever asks may send any word."""
    return request.method if request.method in METHODS else "OTHER"
