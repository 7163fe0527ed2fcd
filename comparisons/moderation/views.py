"""The moderation desk, and what the public sees of it."""

from __future__ import annotations

import re

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_POST, require_safe

from comparisons.counterpoints.actions import AlreadyDecided, decide
from comparisons.counterpoints.models import Counterpoint, Decision, Original
from comparisons.counterpoints.reasons import REASONS
from comparisons.counterpoints.redaction import NotThere
from comparisons.listing import list_page
from comparisons.moderation import actions, log, page
from comparisons.moderation.forms import (
    DecisionForm,
    EraseForm,
    LogFilter,
    RedactionForm,
    SeveralForm,
    UndoForm,
)
from comparisons.people.models import User
from comparisons.people.roles import Role, role_required

# "12", "No. 12", "…/moderation/12/", "…#counterpoint-12", and the private address that its author has. Other
# addresses may end in a number too.
NAMED = re.compile(
    r"(?:^|no\. ?|/moderation/|(?:^|#)counterpoint-)(?P<pk>\d{1,17})/?$"
    r"|/counterpoints/(?P<private_token>[\w-]{32})/?$",
    re.ASCII | re.IGNORECASE,
)


@require_safe
@role_required(Role.MODERATOR)
def queue(request: HttpRequest) -> HttpResponse:
    """What waits. `decided` names the text decided last, where no script has put the answer in its place."""
    turned, items = page.queue(request.GET)
    last = request.GET.get("decided", "")
    context = {
        "page": turned,
        "items": items,
        "waiting": page.waiting(),
        "older": turned.older(),
        "newer": turned.newer(),
        "at": _place(request.GET).urlencode(),
        "last": page.item(int(last)) if last.isdecimal() and len(last) < 18 else None,
        "reasons": REASONS,
    }
    return render(request, "moderation/queue.html", context)


@require_safe
@role_required(Role.MODERATOR)
def item(request: HttpRequest, pk: int) -> HttpResponse:
    return _item(request, pk)


@require_POST
@role_required(Role.MODERATOR)
def decide_one(request: HttpRequest, pk: int) -> HttpResponse:
    form = DecisionForm(request.POST)
    text = get_object_or_404(Counterpoint, pk=pk)
    if not form.is_valid():
        return _refused(request, pk, form.refusal)
    to, reason = form.decided()
    try:
        decide(counterpoint=text, to=to, by=_me(request), reason=reason, seen=form.cleaned_data["seen"])
    except AlreadyDecided as refusal:
        return _refused(request, pk, str(refusal))
    return _done(request, pk)


@require_POST
@role_required(Role.MODERATOR)
def decide_several(request: HttpRequest) -> HttpResponse:
    """Answers how many were decided, and which somebody else was faster on."""
    form = SeveralForm(request.POST)
    if not form.is_valid():
        messages.warning(request, form.refusal)
        return _back(request)
    to, reason = form.decided()
    tally = actions.decide_each(chosen=form.cleaned_data["chosen"], to=to, by=_me(request), reason=reason)
    said = f"{len(tally.decided)} decided: {to.label.lower()}."
    if tally.missed:
        numbers = ", ".join(f"No. {pk}" for pk in tally.missed)
        said += f" Somebody else was faster on {len(tally.missed)}: {numbers}."
    messages.success(request, said)
    return _back(request)


@require_POST
@role_required(Role.MODERATOR)
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    form = UndoForm(request.POST)
    text = get_object_or_404(Counterpoint, pk=pk)
    if not form.is_valid():
        return _refused(request, pk, "This form was not complete. Reload the page and try again.")
    try:
        actions.undo(counterpoint=text, decided_at=form.cleaned_data["decided_at"], by=_me(request))
    except (actions.TooLate, AlreadyDecided) as refusal:
        return _refused(request, pk, str(refusal))
    if _wants_fragment(request):
        context = {"item": page.item(pk), "reasons": REASONS, "back": True}
        return render(request, "moderation/_item.html", context)
    messages.success(request, f"No. {pk} waits again.")
    return redirect("moderation-item", pk)


@require_POST
@role_required(Role.MODERATOR)
def redact(request: HttpRequest, pk: int) -> HttpResponse:
    form = RedactionForm(request.POST)
    text = get_object_or_404(Counterpoint, pk=pk)
    if form.is_valid():
        try:
            actions.redact(
                counterpoint=text, what=form.cut(), by=_me(request), erase=form.cleaned_data["erase"]
            )
        except NotThere as refusal:
            form.add_error("passage", str(refusal))
        except (actions.NothingToRemove, AlreadyDecided) as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "Removed, with a mark that everybody sees.")
            return redirect("moderation-item", pk)
    return _item(request, pk, status=422, redaction=form)


@require_POST
@role_required(Role.MODERATOR)
def erase(request: HttpRequest, pk: int) -> HttpResponse:
    form = EraseForm(request.POST)
    text = get_object_or_404(Counterpoint, pk=pk)
    if form.is_valid():
        try:
            actions.erase_original(counterpoint=text, reason=form.cleaned_data["reason"], by=_me(request))
        except AlreadyDecided as refusal:
            return _refused(request, pk, str(refusal))
        messages.success(request, "The original is gone for good.")
        return redirect("moderation-item", pk)
    return _item(request, pk, status=422, erasure=form)


@require_safe
@role_required(Role.MODERATOR)
def history(request: HttpRequest) -> HttpResponse:
    people = [(str(user.pk), user.get_username()) for user in log.moderators()]
    form = LogFilter(request.GET, offers={"by": people})
    wanted = {"to_state": form.chosen("to"), "by": form.chosen("by")}
    decisions = Decision.objects.filter(**{name: value for name, value in wanted.items() if value})
    turned, lines = log.lines(decisions, request.GET, named=True)
    context = {
        "form": form, "lines": lines, "page": turned,
        "newer": turned.newer(form.state), "older": turned.older(form.state),
    }  # fmt: skip
    return list_page(request, "moderation/history.html", context, form=form)


@require_safe
@role_required(Role.MODERATOR)
def find(request: HttpRequest) -> HttpResponse:
    """A text by its number, or by an address of its own."""
    named = NAMED.search(request.GET.get("q", "").strip())
    wanted = {name: value for name, value in named.groupdict().items() if value} if named else {}
    text = Counterpoint.objects.filter(**wanted).only("pk").first() if wanted else None
    if text is None:
        messages.warning(request, "There is no text of this number or address.")
        return redirect("moderation-history")
    return redirect("moderation-item", text.pk)


@require_safe
@cache_control(public=True, max_age=60)
def decisions(request: HttpRequest) -> HttpResponse:
    """For everybody: what was decided and why, without names and without what was turned down."""
    turned, lines = log.lines(Decision.objects.all(), request.GET, named=False)
    context = {
        "lines": lines, "page": turned, "newer": turned.newer(), "older": turned.older(),
        "numbers": log.numbers(timezone.now()), "columns": log.COLUMNS,
    }  # fmt: skip
    return render(request, "moderation/decisions.html", context)


def _item(request: HttpRequest, pk: int, *, status: int = 200, **given: object) -> HttpResponse:
    found = page.item(pk)
    if found is None:
        raise Http404("There is no text of this number.")
    context = {
        "item": found,
        "log": Decision.objects.filter(counterpoint=pk).select_related("by"),
        "original": Original.objects.filter(pk=pk).first(),
        "redaction": RedactionForm(),
        "erasure": EraseForm(),
        "reasons": REASONS,
        **given,
    }
    return render(request, "moderation/item.html", context, status=status)


def _done(request: HttpRequest, pk: int) -> HttpResponse:
    if _wants_fragment(request):
        return render(request, "moderation/_result.html", {"item": page.item(pk)})
    return _back(request, decided=pk)


def _refused(request: HttpRequest, pk: int, sentence: str) -> HttpResponse:
    """The same sentence in the item's place or on its page."""
    if _wants_fragment(request):
        context = {"item": page.item(pk), "refusal": sentence}
        return render(request, "moderation/_result.html", context, status=422)
    return _item(request, pk, status=422, refusal=sentence)


def _back(request: HttpRequest, *, decided: int | None = None) -> HttpResponse:
    """To the place in the queue that the form was sent from."""
    place = _place(QueryDict(request.POST.get("at", "")))
    if decided is not None:
        place["decided"] = str(decided)
    query = place.urlencode()
    return redirect(f"{reverse('moderation')}?{query}" if query else reverse("moderation"))


def _place(query: QueryDict) -> QueryDict:
    kept = QueryDict(mutable=True)
    for name in ("after", "before"):
        if query.get(name):
            kept[name] = str(query[name])
    return kept


def _wants_fragment(request: HttpRequest) -> bool:
    return "HX-Request" in request.headers


def _me(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user
