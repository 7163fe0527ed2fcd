"""The comparison page."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from comparisons.pairings.loading import NoSuchComparison
from comparisons.pairings.page import comparison_page
from comparisons.structured import of_comparison


@require_safe
def comparison(request: HttpRequest, slug: str) -> HttpResponse:
    """Any two cards have a page. Reading one writes nothing: a crawler that walks every pair of 1,000 cards
    must not leave 500,000 rows behind, so a pairing is kept when somebody votes, argues or convenes on it."""
    try:
        page = comparison_page(slug)
    except NoSuchComparison:
        raise Http404("No two cards of the catalog are named by this address.") from None
    if page.pairing.slug != slug:
        return redirect(page.pairing, permanent=True)
    context = {
        "page": page,
        "linked_data": of_comparison(page),
        # What the fragments of votes and counterpoints ask for, here as on their own pages.
        "pairing": page.pairing,
        "name_a": page.a.name,
        "name_b": page.b.name,
        "votes": page.votes,
        "counterpoints": page.counterpoints,
    }
    return render(request, "pairings/comparison.html", context)
