"""The front page, and the search that leads to the catalogue."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from comparisons.home.front import front
from comparisons.pairings.picking import pick
from comparisons.structured import of_home


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    context = {"front": front(), "picking": pick(None, None), "linked_data": of_home()}
    return render(request, "home/home.html", context)


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    # Not a permanent redirect: search gets a page of its own once there is more than cards to find.
    typed = request.GET.get("q", "")
    address = reverse("models")
    return redirect(f"{address}?{urlencode({'q': typed})}" if typed else address)


@require_safe
@cache_control(public=True, max_age=86400)
def icon(request: HttpRequest) -> HttpResponse:
    return redirect("drawn-icon") if settings.DRAWN_ICON else redirect(static("favicon.svg"))


@require_safe
@cache_control(public=True, max_age=86400)
def drawn_icon(request: HttpRequest) -> HttpResponse:
    """The two sides in the brand's colors."""
    palette = {"light": settings.PALETTE.light, "dark": settings.PALETTE.dark}
    return render(request, "home/icon.svg", palette, content_type="image/svg+xml")
