"""What programs read before anything else: where they may go, and what they will find."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import conditional_page, require_safe

from comparisons.reviews import tally
from comparisons.reviews.models import SHIP_FROM

PLAIN = "text/plain; charset=utf-8"


@require_safe
@cache_control(public=True, max_age=3600)
@conditional_page
def robots(request: HttpRequest) -> HttpResponse:
    return render(request, "home/robots.txt", content_type=PLAIN)


@require_safe
@cache_control(public=True, max_age=3600)
@conditional_page
def llms(request: HttpRequest) -> HttpResponse:
    """The site told to a language model: what it is, its addresses, how verdicts are made, the terms."""
    return render(request, "home/llms.txt", {"formula": tally, "ship_from": SHIP_FROM}, content_type=PLAIN)
