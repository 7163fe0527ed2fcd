"""Social cards: pictures of what a page says, for wherever its address is shared."""

from __future__ import annotations

import PIL
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_safe

from comparisons.cards.models import Card
from comparisons.pairings.loading import NoSuchComparison
from comparisons.pairings.page import comparison_page
from comparisons.reviews.benches import bench_of
from comparisons.social import cards
from comparisons.social.drawing import DESIGN, Comparison, Plate, draw
from comparisons.social.store import kept, key_of


@require_safe
def comparison(request: HttpRequest, slug: str) -> HttpResponse:
    """Any two models have one, as they have a page; before a verdict it shows the two names."""
    try:
        page = comparison_page(slug)
    except NoSuchComparison:
        raise Http404("No two cards of the catalog are named by this address.") from None
    if page.pairing.slug != slug:
        return redirect("comparison-picture", page.pairing.slug, permanent=True)
    return _picture(request, cards.of_comparison(page, settings.SITE_NAME))


@require_safe
def card(request: HttpRequest, slug: str) -> HttpResponse:
    shown = get_object_or_404(Card.objects.published(), slug=slug)
    return _picture(request, cards.of_card(shown, bench_of(shown), settings.SITE_NAME))


@require_safe
def site(request: HttpRequest) -> HttpResponse:
    return _picture(request, cards.of_site(settings.SITE_NAME))


def _picture(request: HttpRequest, picture: Comparison | Plate) -> HttpResponse:
    theme = settings.PALETTE.light
    key = key_of(DESIGN, PIL.__version__, theme, picture)
    etag = f'"{key[:32]}"'
    response = get_conditional_response(request, etag=etag)
    if response is None:
        response = HttpResponse(kept(key, lambda: draw(picture, theme)), content_type="image/png")
    assert isinstance(response, HttpResponse)
    response["ETag"] = etag
    response["Cache-Control"] = "public, max-age=600, stale-while-revalidate=86400"
    # Meant to be shown on other people's pages, unlike everything else here.
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response
