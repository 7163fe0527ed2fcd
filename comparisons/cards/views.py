"""The catalogue, a card's page, and what a picker suggests while somebody types."""

from __future__ import annotations

from collections import Counter

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.http import urlencode
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from comparisons.cards.forms import CatalogForm
from comparisons.cards.listing import SIZE, facets, found_cards, order_of, suggestions
from comparisons.cards.models import Card
from comparisons.cards.page import card_page
from comparisons.listing import list_page, turn
from comparisons.reviews.benches import benches_of


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
    }
    return list_page(request, "cards/models.html", context, form=form)


@require_safe
def card(request: HttpRequest, slug: str) -> HttpResponse:
    shown = get_object_or_404(Card.objects.published(), slug=slug)
    return render(request, "cards/card.html", {"card": shown, "page": card_page(shown)})


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
