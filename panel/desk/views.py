"""The desk's pages."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.text import capfirst
from django.views.decorators.http import require_http_methods, require_safe

from comparisons.audit.models import AuditEntry
from comparisons.cards.importing.problems import UnusableFile
from comparisons.cards.models import Card
from comparisons.listing import Key, Order, moment, turn, whole
from comparisons.people.models import User
from comparisons.people.roles import Role, role_required
from comparisons.switches import actions as switching
from comparisons.switches.models import Switch
from panel.desk.forms import CardsForm, SwitchForm
from panel.desk.history import states_of
from panel.desk.intake import Taken, take_in_text
from panel.desk.overview import all_switches, overview

ENTRIES = 50
NEWEST_FIRST = Order((Key("at", moment, descending=True), Key("pk", whole, descending=True)))


@require_safe
@role_required(Role.MODERATOR)
def desk(request: HttpRequest) -> HttpResponse:
    template = "desk/desk.html#now" if "HX-Request" in request.headers else "desk/desk.html"
    return render(request, template, {"desk": overview()})


@require_http_methods(["GET", "HEAD", "POST"])
@role_required(Role.ADMIN)
def switches(request: HttpRequest) -> HttpResponse:
    """What can be stopped; POST turns one switch."""
    form = SwitchForm(request.POST or None)
    if request.method != "POST":
        return render(request, "desk/switches.html", {"switches": all_switches()})
    assert isinstance(request.user, User)
    refused = {"name": request.POST.get("name", ""), "reason": request.POST.get("reason", "")}
    if form.is_valid():
        try:
            turned = switching.turn(by=request.user, **form.cleaned_data)
        except switching.ReasonMissing as error:
            form.add_error("reason", str(error))
        else:
            if turned:
                name = Switch.Name(form.cleaned_data["name"]).label
                messages.success(request, f"{name}: {'stopped' if form.cleaned_data['stopped'] else 'over'}.")
            return redirect("switches")
    context = {"switches": all_switches(), "form": form, "refused": refused}
    return render(request, "desk/switches.html", context, status=422)


@require_safe
@role_required(Role.EDITOR)
def audit(request: HttpRequest) -> HttpResponse:
    """Who did what, newest first; `by` keeps one account's."""
    name = request.GET.get("by", "").replace("\x00", "").strip()
    entries = AuditEntry.objects.select_related("by")
    if name:
        entries = entries.filter(by__username=name)
    page = turn(entries, NEWEST_FIRST, request.GET, size=ENTRIES)
    state = {"by": name} if name else {}
    context = {"page": page, "name": name, "newer": page.newer(state), "older": page.older(state)}
    return render(request, "desk/audit.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@role_required(Role.EDITOR)
def import_cards(request: HttpRequest) -> HttpResponse:
    """Shows first what pasted cards would change; with `confirm` takes them in, if it is still that text."""
    form = CardsForm(request.POST or None)
    taken: Taken | None = None
    confirmed = unseen = False
    assert isinstance(request.user, User)
    if form.is_valid():
        words = form.cleaned_data
        unseen = form.unseen()
        confirmed = words["confirm"] and not unseen
        try:
            taken = take_in_text(
                words["cards"], by=request.user, strict=words["strict"], preview=not confirmed
            )
        except UnusableFile as error:
            form.add_error("cards", capfirst(str(error).partition(": ")[2]))
    if taken and confirmed and not taken.refused_all:
        messages.success(request, taken.said)
        return redirect("desk-cards")
    status = 422 if form.errors or unseen or (taken and taken.refused_all) else 200
    context = {"form": form, "taken": taken, "unseen": unseen}
    return render(request, "desk/import.html", context, status=status)


@require_safe
@role_required(Role.MODERATOR)
def cards(request: HttpRequest) -> HttpResponse:
    """The cards that changed last, or those whose name is near to `q`."""
    words = request.GET.get("q", "").replace("\x00", "").strip()[:200]
    found = Card.objects.published()
    found = found.matching(words) if words else found.order_by("-snapshot__taken_at", "-pk")
    return render(request, "desk/cards.html", {"cards": found[:ENTRIES], "q": words})


@require_safe
@role_required(Role.MODERATOR)
def card(request: HttpRequest, slug: str) -> HttpResponse:
    """Every state a card was in, each beside the one before it."""
    found = get_object_or_404(Card.objects.select_related("lab", "snapshot"), slug=slug)
    return render(request, "desk/card.html", {"card": found, "states": states_of(found)})
