"""Voting on a pairing, and the one fragment of its page that belongs to a visitor."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods
from django.views.decorators.vary import vary_on_headers

from comparisons.pairings.addresses import NoSuchPairing, kept, pairing_at
from comparisons.pairings.models import Pairing
from comparisons.pairings.page import told_apart
from comparisons.people.origin import same_origin_writes
from comparisons.people.visitor import Visitor
from comparisons.switches.middleware import stops_with
from comparisons.switches.models import Switch
from comparisons.votes.actions import NoSuchChoice, cast, read_choice
from comparisons.votes.models import VoteCount, own_choice


@stops_with(Switch.Name.VOTES)
@same_origin_writes
@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(private=True, no_store=True)
@vary_on_headers("HX-Request", "Cookie")
def vote(request: HttpRequest, slug: str) -> HttpResponse:
    """GET: the visitor's own answer. POST `choice`: gives, changes or takes it back."""
    try:
        pairing = pairing_at(slug)
    except NoSuchPairing as reason:
        raise Http404(str(reason)) from None
    visitor = Visitor.of(request)
    if request.method != "POST":
        return _ballot(request, pairing, own_choice(pairing, visitor))
    try:
        choice = read_choice(request.POST.get("choice", ""))
    except NoSuchChoice as reason:
        return _ballot(request, pairing, own_choice(pairing, visitor), vote_error=str(reason))
    if visitor is None and choice == "none":
        return _answer(request, pairing, "")  # nothing to take back, so nothing to remember either
    visitor, pairing = visitor or Visitor.acting(request), kept(pairing)
    cast(pairing=pairing, visitor=visitor, choice=choice)
    return visitor.remember(_answer(request, pairing, "" if choice == "none" else choice))


def _answer(request: HttpRequest, pairing: Pairing, own: str) -> HttpResponse:
    if "HX-Request" in request.headers:
        return _ballot(request, pairing, own, said=_said(pairing, own))
    return HttpResponseRedirect(f"{pairing.get_absolute_url()}#vote", status=303)


def _ballot(
    request: HttpRequest, pairing: Pairing, own: str, *, said: str = "", vote_error: str = ""
) -> HttpResponse:
    template = "votes/_vote.html#ballot" if "HX-Request" in request.headers else "votes/vote.html"
    name_a, name_b = told_apart(pairing.left, pairing.right)
    context = {
        "pairing": pairing,
        "name_a": name_a,
        "name_b": name_b,
        "votes": VoteCount.objects.of(pairing),
        "own": own,
        "said": said,
        "vote_error": vote_error,
    }
    return render(request, template, context, status=400 if vote_error else 200)


def _said(pairing: Pairing, own: str) -> str:
    """What a screen reader is told when the buttons change."""
    name_a, name_b = told_apart(pairing.left, pairing.right)
    words = {"left": f"ship {name_a}", "right": f"ship {name_b}", "both": "ship both", "neither": "skip both"}
    return f"Your vote is counted: {words[own]}." if own else "Your vote is taken back."
