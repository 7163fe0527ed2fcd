"""Writing a counterpoint, and following what becomes of it."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from comparisons.counterpoints.actions import submit
from comparisons.counterpoints.forms import CounterpointForm, answer_choices
from comparisons.counterpoints.models import Counterpoint
from comparisons.pairings.addresses import NoSuchPairing, kept, pairing_at
from comparisons.pairings.models import Pairing
from comparisons.pairings.page import told_apart
from comparisons.people.origin import same_origin_writes
from comparisons.people.visitor import Visitor
from comparisons.reviews.models import Reviewer


@require_safe
@cache_control(private=True, no_store=True)
@vary_on_headers("HX-Request")
def new(request: HttpRequest, slug: str) -> HttpResponse:
    """The empty form. Not part of the comparison page, whose bytes carry no time and no signature."""
    pairing = _pairing(slug)
    return _form(request, pairing, _counterpoint_form(pairing))


@same_origin_writes
@require_POST
@cache_control(private=True, no_store=True)
@vary_on_headers("HX-Request", "Cookie")
def counterpoints(request: HttpRequest, slug: str) -> HttpResponse:
    """Takes a counterpoint in; it waits for a moderator, and its author gets a private link."""
    pairing = _pairing(slug)
    form = _counterpoint_form(pairing, request.POST)
    if not form.is_valid():
        return _form(request, pairing, form, status=422)
    visitor = Visitor.acting(request)
    sent = submit(pairing=kept(pairing), visitor=visitor, words=form.words(), form_nonce=form.nonce)
    if "HX-Request" in request.headers:
        answer = render(request, "counterpoints/_sent.html", {"counterpoint": sent}, status=201)
        return visitor.remember(answer)
    return visitor.remember(HttpResponseRedirect(sent.private_address, status=303))


@require_safe
@cache_control(private=True, no_store=True)
def counterpoint(request: HttpRequest, slug: str, token: str) -> HttpResponse:
    """The author's own view of one counterpoint: the text, and what was decided."""
    found = get_object_or_404(
        Counterpoint.objects.select_related("pairing__left__lab", "pairing__right__lab", "answers_reviewer"),
        private_token=token,
        pairing__slug=slug,
    )
    context = {"counterpoint": found, "decision": found.decisions.first(), **_names(found.pairing)}
    response = render(request, "counterpoints/own.html", context)
    response["X-Robots-Tag"] = "noindex"
    response["Referrer-Policy"] = "no-referrer"  # the address is the key, so no linked page may learn it
    return response


def _pairing(slug: str) -> Pairing:
    try:
        return pairing_at(slug)
    except NoSuchPairing as reason:
        raise Http404(str(reason)) from None


def _names(pairing: Pairing) -> dict[str, object]:
    name_a, name_b = told_apart(pairing.left, pairing.right)
    return {"pairing": pairing, "name_a": name_a, "name_b": name_b}


def _counterpoint_form(pairing: Pairing, data: QueryDict | None = None) -> CounterpointForm:
    answers = answer_choices(Reviewer.objects.filter(active=True), *told_apart(pairing.left, pairing.right))
    return CounterpointForm(data, slug=pairing.slug, answers=answers)


def _form(
    request: HttpRequest, pairing: Pairing, form: CounterpointForm, *, status: int = 200
) -> HttpResponse:
    template = "counterpoints/_form.html" if "HX-Request" in request.headers else "counterpoints/new.html"
    return render(request, template, {"form": form, **_names(pairing)}, status=status)
