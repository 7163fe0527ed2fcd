"""Voting on a pairing, and the one fragment of its page that belongs to a visitor."""

from __future__ import annotations

import json

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_POST
from django.views.decorators.vary import vary_on_headers

from comparisons.pairings.addresses import NoSuchPairing, kept, pairing_at
from comparisons.pairings.models import Pairing
from comparisons.pairings.page import told_apart
from comparisons.people.network import network_of
from comparisons.people.origin import same_origin_writes
from comparisons.people.visitor import Visitor
from comparisons.switches.middleware import stops_with
from comparisons.switches.models import Switch
from comparisons.votes.actions import (
    NONE_OF_THEM,
    Given,
    NoSuchChoice,
    NoSuchDecider,
    NoVoteYet,
    decide,
    give,
    read_choice,
    reviewer_named,
)  # fmt: skip
from comparisons.votes.page import ballot


@stops_with(Switch.Name.VOTES)
@same_origin_writes
@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(private=True, no_store=True)
@vary_on_headers("HX-Request", "Cookie")
def vote(request: HttpRequest, slug: str) -> HttpResponse:
    """GET: the visitor's own answer. POST `choice`: gives, changes or takes it back."""
    pairing, visitor = _pairing(slug), Visitor.of(request)
    if request.method != "POST":
        return _ballot(request, pairing, visitor)
    try:
        choice = read_choice(request.POST.get("choice", ""))
    except NoSuchChoice as reason:
        return _ballot(request, pairing, visitor, vote_error=str(reason))
    if visitor is None and choice == "none":
        return _answer(request, pairing, None, Given(""))  # nothing to take back, so nothing to remember
    visitor, pairing = visitor or Visitor.acting(request), kept(pairing)
    network, work = network_of(request), request.POST.get("work", "")
    given = give(pairing=pairing, visitor=visitor, choice=choice, network=network, work=work)
    return visitor.remember(_answer(request, pairing, visitor, given))


@stops_with(Switch.Name.VOTES)
@same_origin_writes
@require_POST
@cache_control(private=True, no_store=True)
@vary_on_headers("HX-Request", "Cookie")
def decider(request: HttpRequest, slug: str) -> HttpResponse:
    """POST `reviewer`, a slug or "none": whose paragraph decided the visitor's vote."""
    pairing, visitor = _pairing(slug), Visitor.of(request)
    try:
        reviewer = reviewer_named(request.POST.get("reviewer", ""))
        if visitor is None or pairing.pk is None:
            raise NoVoteYet
        decide(pairing=pairing, visitor=visitor, reviewer=reviewer)
    except (NoSuchDecider, NoVoteYet) as reason:
        return _ballot(request, pairing, visitor, vote_error=str(reason))
    if "HX-Request" not in request.headers:
        return visitor.remember(HttpResponseRedirect(reverse("vote", args=[slug]), status=303))
    said = f"Noted: {reviewer.name} decided it." if reviewer else "Noted: none of them decided it."
    return visitor.remember(_ballot(request, pairing, visitor, said=said))


def _pairing(slug: str) -> Pairing:
    try:
        return pairing_at(slug)
    except NoSuchPairing as reason:
        raise Http404(str(reason)) from None


def _answer(request: HttpRequest, pairing: Pairing, visitor: Visitor | None, given: Given) -> HttpResponse:
    if "HX-Request" in request.headers:
        return _ballot(request, pairing, visitor, given=given)
    # The comparison page, the same for everybody, cannot say that this vote does not count.
    address = f"{pairing.get_absolute_url()}#vote" if given.counts else reverse("vote", args=[pairing.slug])
    return HttpResponseRedirect(address, status=303)


def _ballot(
    request: HttpRequest,
    pairing: Pairing,
    visitor: Visitor | None,
    *,
    given: Given | None = None,
    said: str = "",
    vote_error: str = "",
) -> HttpResponse:
    template = "votes/_vote.html#ballot" if "HX-Request" in request.headers else "votes/vote.html"
    name_a, name_b = told_apart(pairing.left, pairing.right)
    found = ballot(pairing, visitor)
    context = {
        "pairing": pairing,
        "name_a": name_a,
        "name_b": name_b,
        "votes": found.votes,
        "own": found.own,
        "ballot": found,
        "none_of_them": NONE_OF_THEM,
        "work": json.dumps(given.work) if given and given.work else "",
        "said": _said(found.own, found.set_aside, name_a, name_b) if given else said,
        "vote_error": vote_error,
    }
    return render(request, template, context, status=400 if vote_error else 200)


def _said(own: str, set_aside: str, name_a: str, name_b: str) -> str:
    """What a screen reader is told when the buttons change."""
    if not own:
        return "Your vote is taken back."
    words = {"left": f"ship {name_a}", "right": f"ship {name_b}", "both": "ship both", "neither": "skip both"}
    if set_aside:
        return f"Your vote is kept and not counted yet: {words[own]}."
    return f"Your vote is counted: {words[own]}."
