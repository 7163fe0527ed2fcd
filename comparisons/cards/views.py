"""The catalogue, a card's page, and what a picker suggests while somebody types."""

from __future__ import annotations

from collections import Counter

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.http import urlencode
from django.views.decorators.cache import cache_control
from django.views.decorators.http import conditional_page, require_safe
from django.views.decorators.vary import vary_on_headers

from comparisons.cards.forms import CatalogForm
from comparisons.cards.listing import SIZE, facets, found_cards, order_of, suggestions
from comparisons.cards.models import Card
from comparisons.cards.page import card_page
from comparisons.cards.price_map import HEIGHT, TOP, catalog_map, others
from comparisons.listing import list_page, turn
from comparisons.reviews.benches import benches_of
from comparisons.structured import of_card


@require_safe
@vary_on_headers("HX-Request", "HX-Target")
def models(request: HttpRequest) -> HttpResponse:
    offered = facets()
    form = CatalogForm(request.GET, labs=offered.labs, categories=offered.categories)
    page = turn(found_cards(form), order_of(form), request.GET, size=SIZE)
    benches = benches_of(page.rows)
    context = {
        "form": form,
        "page": page,
        "cards": [(card, benches.get(card.pk)) for card in page.rows],
        "newer": page.newer(form.state),
        "older": page.older(form.state),
        # A filtered list has its five queries already, and a part of the page has no place for it.
        "map": None if request.GET or not page.rows else catalog_map(others()),
    }
    return list_page(request, "cards/models.html", context, form=form)


@require_safe
def card(request: HttpRequest, slug: str) -> HttpResponse:
    shown = get_object_or_404(Card.objects.published(), slug=slug)
    context = {"card": shown, "page": card_page(shown), "linked_data": of_card(shown)}
    return render(request, "cards/card.html", context)


@require_safe
@cache_control(public=True, max_age=60, stale_while_revalidate=86400)
@conditional_page
def price_map(request: HttpRequest, judge: str) -> HttpResponse:
    """All models that one judge has scored, as the picture that pages lay their own marks over."""
    found = others(judge)
    if found is None:
        raise Http404("This judge has scored no card of the catalog.")
    dots = [(f"{dot.x:g}", f"{dot.y - TOP:g}") for dot in found.dots]
    context = {"others": found, "dots": dots, "height": HEIGHT}
    return render(request, "cards/price_map.svg", context, content_type="image/svg+xml")


@require_safe
def suggest(request: HttpRequest) -> HttpResponse:
    """Options for one field of the picker: `for=a` or `b` names it, its text comes as `q` or by that name."""
    side = "b" if request.GET.get("for") == "b" else "a"
    other = "a" if side == "b" else "b"
    typed = " ".join((request.GET.get("q") or request.GET.get(side, "")).replace("\x00", "").split())[:100]
    kept = {other: request.GET[other]} if request.GET.get(other) else {}
    found = suggestions(typed)
    names = Counter(found_card.name for found_card in found)
    context = {
        "side": side,
        "typed": typed,
        # A name that two of them share would not lead back to the one that was meant.
        "options": [
            (one, one.name if names[one.name] == 1 else one.slug, urlencode({side: one.slug, **kept}))
            for one in found
        ],
    }
    return render(request, "pairings/_suggestions.html", context)
