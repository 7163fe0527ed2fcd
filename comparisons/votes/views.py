"""Voting on a pairing, and the one fragment of its page that belongs to a visitor."""

from __future__ import annotations

import json

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_POST
from django.views.decorators.vary import vary_on_headers

from comparisons.pairings.addresses import NoSuchPairing, pairing_at
from comparisons.pairings.models import Pairing
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
from comparisons.votes.page import Ballot, ballot


@stops_with(Switch.Name.VOTES)
@same_origin_writes
@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(private=True, no_store=True)
@vary_on_headers("HX-Request", "Cookie")
def vote(request: HttpRequest, slug: str) -> HttpResponse:
    """GET: the visitor's own answer. POST `choice`: gives, changes or takes it back."""
    visitor = Visitor.of(request)
    if request.method != "POST":
        return _ballot(request, slug, visitor)
    try:
        choice = read_choice(request.POST.get("choice", ""))
    except NoSuchChoice as reason:
        return _ballot(request, slug, visitor, vote_error=str(reason))
    pairing, work = Pairing(slug=slug), request.POST.get("work", "")
    try:
        if visitor is None and choice == "none":
            pairing_at(slug)  # nothing to take back, so nothing to remember either
            return _answer(request, slug, None, Given(""))
        visitor = visitor or Visitor.acting(request)
        given = give(pairing=pairing, visitor=visitor, choice=choice, network=network_of(request), work=work)
    except NoSuchPairing as reason:
        raise Http404(str(reason)) from None
    return visitor.remember(_answer(request, slug, visitor, given))


@stops_with(Switch.Name.VOTES)
@same_origin_writes
@require_POST
@cache_control(private=True, no_store=True)
@vary_on_headers("HX-Request", "Cookie")
def decider(request: HttpRequest, slug: str) -> HttpResponse:
    """POST `reviewer`, a slug or "none": whose paragraph decided the visitor's vote."""
    visitor = Visitor.of(request)
    try:
        reviewer = reviewer_named(request.POST.get("reviewer", ""))
        if visitor is None:
            raise NoVoteYet
        decide(pairing=Pairing(slug=slug), visitor=visitor, reviewer=reviewer)
    except (NoSuchDecider, NoVoteYet) as reason:
        return _ballot(request, slug, visitor, vote_error=str(reason))
    if "HX-Request" not in request.headers:
        return visitor.remember(HttpResponseRedirect(reverse("vote", args=[slug]), status=303))
    said = f"Noted: {reviewer.name} decided it." if reviewer else "Noted: none of them decided it."
    return visitor.remember(_ballot(request, slug, visitor, said=said))


def _answer(request: HttpRequest, slug: str, visitor: Visitor | None, given: Given) -> HttpResponse:
    if "HX-Request" in request.headers:
        return _ballot(request, slug, visitor, given=given)
    # The comparison page, the same for everybody, cannot say that this vote does not count.
    address = f"{reverse('comparison', args=[slug])}#vote" if given.counts else reverse("vote", args=[slug])
    return HttpResponseRedirect(address, status=303)


def _ballot(
    request: HttpRequest,
    slug: str,
    visitor: Visitor | None,
    *,
    given: Given | None = None,
    said: str = "",
    vote_error: str = "",
) -> HttpResponse:
    template = "votes/_vote.html#ballot" if "HX-Request" in request.headers else "votes/vote.html"
    found = _found(slug, visitor)
    name_a, name_b = found.names
    context = {
        "pairing": Pairing(slug=slug),
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


def _found(slug: str, visitor: Visitor | None) -> Ballot:
    try:
        return ballot(slug, visitor)
    except NoSuchPairing as reason:
        raise Http404(str(reason)) from None


def _said(own: str, set_aside: str, name_a: str, name_b: str) -> str:
    """What a screen reader is told when the buttons change."""
    if not own:
        return "Your vote is taken back."
    words = {"left": f"ship {name_a}", "right": f"ship {name_b}", "both": "ship both", "neither": "skip both"}
    if set_aside:
        return f"Your vote is kept and not counted yet: {words[own]}."
    return f"Your vote is counted: {words[own]}."
