"""Writing a counterpoint, and following what becomes of it. `find` says on what: see `subjects`."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from comparisons.counterpoints.actions import TooManySent, submit
from comparisons.counterpoints.forms import CounterpointForm
from comparisons.counterpoints.listing import NEWEST
from comparisons.counterpoints.models import SHOWN, Counterpoint, Decision
from comparisons.counterpoints.subjects import Find, NoSuchSubject, Subject, subject_of
from comparisons.listing import turn
from comparisons.people.network import network_of
from comparisons.people.origin import same_origin_writes
from comparisons.people.visitor import Visitor
from comparisons.switches.middleware import stops_with
from comparisons.switches.models import Switch


@require_safe
@cache_control(private=True, no_store=True)
@vary_on_headers("HX-Request")
def new(request: HttpRequest, slug: str, find: Find) -> HttpResponse:
    """The empty form. Not part of the page it is about, whose bytes carry no time and no signature."""
    subject = _subject(find, slug)
    return _form(request, subject, _counterpoint_form(subject))


@stops_with(Switch.Name.COUNTERPOINTS)
@same_origin_writes
@require_POST
@cache_control(private=True, no_store=True)
@vary_on_headers("HX-Request", "Cookie")
def counterpoints(request: HttpRequest, slug: str, find: Find) -> HttpResponse:
    """Takes a counterpoint in; it waits for a moderator, and its author gets a private link."""
    subject = _subject(find, slug)
    form = _counterpoint_form(subject, request.POST)
    if not form.is_valid():
        return _form(request, subject, form, status=422)
    visitor = Visitor.acting(request)
    words, nonce, network = form.words(), form.nonce, network_of(request)
    try:
        sent = submit(
            visitor=visitor,
            words=words,
            form_nonce=nonce,
            network=network,
            worked=form.worked(),
            **subject.kept(),
        )
    except TooManySent as refusal:
        form.add_error(None, str(refusal))
        return _form(request, subject, form, status=429, retry_after=refusal.reset_seconds)
    if "HX-Request" in request.headers:
        answer = render(request, "counterpoints/_sent.html", {"counterpoint": sent}, status=201)
        return visitor.remember(answer)
    return visitor.remember(HttpResponseRedirect(sent.private_address, status=303))


@require_safe
def earlier(request: HttpRequest, slug: str, find: Find) -> HttpResponse:
    """The published ones that the page itself has no room for; from the newest, without a position."""
    subject = _subject(find, slug)
    page = turn(subject.published(), NEWEST, request.GET, size=SHOWN)
    context = {"page": page, "newer": page.newer(), "older": page.older(), **_named(subject)}
    return render(request, "counterpoints/earlier.html", context)


@require_safe
@cache_control(private=True, no_store=True)
def counterpoint(request: HttpRequest, slug: str, token: str) -> HttpResponse:
    """The author's own view of one counterpoint: the text, and what was decided."""
    found = get_object_or_404(
        Counterpoint.objects.select_related(
            "pairing__left__lab", "pairing__right__lab", "article", "answers_reviewer"
        ),
        private_token=token,
    )
    if request.path != found.private_address:
        raise Http404("This counterpoint is on another page.")
    log = list(found.decisions.all())  # newest first
    context = {
        "counterpoint": found,
        "decision": next((each for each in log if each.to_state == found.state), None),
        "cuts": [each for each in log if each.to_state in (Decision.Step.REDACTED, Decision.Step.ERASED)],
        **_named(subject_of(found)),
    }
    response = render(request, "counterpoints/own.html", context)
    response["X-Robots-Tag"] = "noindex"
    response["Referrer-Policy"] = "no-referrer"  # the address is the key, so no linked page may learn it
    return response


def _subject(find: Find, slug: str) -> Subject:
    try:
        return find(slug)
    except NoSuchSubject as reason:
        raise Http404(str(reason)) from None


def _named(subject: Subject) -> dict[str, object]:
    return {"subject": subject, "name_a": subject.name_a, "name_b": subject.name_b}


def _counterpoint_form(subject: Subject, data: QueryDict | None = None) -> CounterpointForm:
    return CounterpointForm(data, slug=subject.slug, answers=subject.answers())


def _form(
    request: HttpRequest, subject: Subject, form: CounterpointForm, *, status: int = 200, retry_after: int = 0
) -> HttpResponse:
    template = "counterpoints/_form.html" if "HX-Request" in request.headers else "counterpoints/new.html"
    answer = render(request, template, {"form": form, **_named(subject)}, status=status)
    if retry_after:
        answer["Retry-After"] = str(retry_after)
    return answer
