"""The list of comparisons, and the picker that leads to one of them."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from comparisons.cards.listing import facets
from comparisons.listing import list_page
from comparisons.pairings.forms import VerdictsForm
from comparisons.pairings.listing import SIZE, found
from comparisons.pairings.picking import pick


@require_safe
@vary_on_headers("HX-Request", "HX-Target")
def compare(request: HttpRequest) -> HttpResponse:
    picking = pick(request.GET.get("a"), request.GET.get("b"))
    if picking.slug:
        return redirect("comparison", picking.slug)
    # A pick that was refused shows the whole list below it: the picker's form carries no filters.
    state = QueryDict() if picking.asked else request.GET
    offered = facets()
    form = VerdictsForm(state, labs=offered.labs, categories=offered.categories)
    page = found(form, state).page(state, size=SIZE)
    context = {
        "picking": picking,
        "form": form,
        "page": page,
        "newer": page.newer(form.state),
        "older": page.older(form.state),
    }
    return list_page(request, "pairings/compare.html", context, form=form)
