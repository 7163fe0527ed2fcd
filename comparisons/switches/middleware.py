"""Refuses what is stopped, with the sentence that staff gave, before a view hears of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render

from comparisons.people.origin import SAFE_METHODS
from comparisons.refusals import unavailable
from comparisons.switches.models import Switch
from comparisons.switches.state import sentence

View = TypeVar("View", bound=Callable[..., HttpResponseBase])

RETRY_AFTER = 300  # seconds: nobody knows, and this is not too often
# How staff gets in and lets everything run again; and who wants no more mail is never told to wait.
ALWAYS = {"sign-in", "sign-in-code", "sign-out", "switches", "digest-unsubscribe"}


def stops_with(name: Switch.Name) -> Callable[[View], View]:
    """Marks a view whose writes end when `name` is stopped; all writing ends with `writing` anyway."""

    def mark(view: View) -> View:
        view.switch = name  # type: ignore[attr-defined]  # read below; decorators above copy it
        return view

    return mark


class Switches:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: object, args: object, kwargs: object
    ) -> HttpResponse | None:
        match = request.resolver_match
        if request.method in SAFE_METHODS or match is None or match.view_name in ALWAYS:
            return None
        said = sentence(getattr(view, "switch", Switch.Name.WRITING))
        return refusal(request, said) if said else None


def refusal(request: HttpRequest, said: str) -> HttpResponse:
    """What is stopped, and when to look again."""
    return unavailable(
        request,
        said,
        retry_after=RETRY_AFTER,
        page=lambda: render(request, "switches/stopped.html", {"said": said}, status=503),
    )
