"""Who the panel is, and how a verdict is made."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from comparisons.listing import list_page, turn
from comparisons.reviews import tally
from comparisons.reviews.models import SHIP_FROM, Reviewer
from comparisons.reviews.profile import BY_DATE, REVIEWS, lone_calls, lone_picks, reviews_by, scores_given
from comparisons.structured import of_reviewer


@require_safe
def reviewers(request: HttpRequest) -> HttpResponse:
    panel = list(Reviewer.objects.filter(active=True))
    given = scores_given(panel)
    rows = [(reviewer, given[reviewer.slug].newest) for reviewer in panel]
    return render(request, "reviews/reviewers.html", {"rows": rows, "ship_from": SHIP_FROM})


@require_safe
@vary_on_headers("HX-Request", "HX-Target")
def reviewer(request: HttpRequest, slug: str) -> HttpResponse:
    shown = get_object_or_404(Reviewer, slug=slug)
    page = turn(reviews_by(shown), BY_DATE, request.GET, size=REVIEWS)
    context = {
        "reviewer": shown,
        "given": scores_given([shown])[shown.slug],
        "page": page,
        "newer": page.newer(),
        "older": page.older(),
        "lone_calls": lone_calls(shown),
        "lone_picks": lone_picks(shown),
        "ship_from": SHIP_FROM,
        "linked_data": of_reviewer(shown),
    }
    return list_page(request, "reviews/reviewer.html", context)


@require_safe
def methodology(request: HttpRequest) -> HttpResponse:
    # The rule's own constants: a page that retypes them is wrong the day one changes.
    formula = {
        "version": tally.FORMULA_VERSION,
        "quorum": tally.QUORUM,
        "win_by": tally.WIN_BY,
        "gap": tally.GAP,
        "clear_median": tally.CLEAR_MEDIAN,
        "lean_median": tally.LEAN_MEDIAN,
        "clear_ship_points": tally.CLEAR_SHIP_POINTS,
        "ship_from": SHIP_FROM,
    }
    return render(request, "reviews/methodology.html", {"formula": formula})
