"""Staff pages of the panel, and the public receipts."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from comparisons.people.models import User
from comparisons.people.roles import Role, role_required
from panel import trouble
from panel.actions import control
from panel.actions.convene import NobodyToAsk, convene, estimate
from panel.forms import ConveneForm, told
from panel.models import Attempt, Breaker, Run, Spend
from panel.progress import progress
from panel.receipt import legible, whole_record
from panel.selection import Against, Stale

RUNS_SHOWN = 30
DEARER = "Not convened: by now it would cost more than the button said. Look at the estimate again."


@require_safe
@role_required(Role.MODERATOR)
def runs(request: HttpRequest) -> HttpResponse:
    form = ConveneForm(initial={key: request.GET.get(key, "") for key in ("one", "other")})
    return render(request, "panel/runs.html", _desk(form))


def _desk(form: ConveneForm) -> dict[str, object]:
    return {
        "form": form,
        "runs": Run.objects.select_related("started_by")[:RUNS_SHOWN],
        "spend": Spend.objects.filter(day=timezone.now().date()).first(),
        "budget": settings.PANEL_DAILY_BUDGET_USD,
        "breakers": Breaker.objects.exclude(state=Breaker.State.CLOSED),
    }


@require_POST
@role_required(Role.EDITOR)
def convene_selection(request: HttpRequest) -> HttpResponse:
    """First says what it would cost; with `confirm` it convenes, unless more was added since than was told.

    `stale` names all that awaits a verdict.
    """
    stale = "stale" in request.POST
    form = ConveneForm(None if stale else request.POST)
    context = {**_desk(form), "stale": stale}
    if not stale and not form.is_valid():
        return render(request, "panel/runs.html", context, status=422)
    selection = Stale() if stale else Against(form.cleaned_data["one"], form.cleaned_data["other"])
    assert isinstance(request.user, User)
    confirmed = "confirm" in request.POST
    try:
        expected = estimate(selection.previewed())
        if confirmed and expected.cost_usd <= told(request.POST):
            return redirect(convene(selection.kept(), scope=selection.scope, by=request.user))
    except NobodyToAsk as error:
        return render(request, "panel/runs.html", {**context, "refusal": str(error)}, status=422)
    context |= {"estimate": expected, "selection": selection, "refusal": DEARER if confirmed else ""}
    return render(request, "panel/runs.html", context, status=422 if confirmed else 200)


@require_safe
@role_required(Role.MODERATOR)
def run(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """The page asks for its own fragment while the run goes on."""
    found = get_object_or_404(Run.objects.select_related("started_by"), pk=run_id)
    sittings = found.sittings.select_related("pairing", "judge").order_by("-state", "pk")[:100]
    context = {
        "run": found,
        "progress": progress(found),
        "sittings": sittings,
        "failures": trouble.failures(found),
        "flagged": trouble.flagged(found),
    }
    template = "panel/run.html"
    if request.htmx:  # type: ignore[attr-defined]  # set by django-htmx's middleware
        template += "#live"
    return render(request, template, context)


@require_POST
@role_required(Role.EDITOR)
def stop(request: HttpRequest, run_id: UUID) -> HttpResponseRedirect:
    return _changed(request, run_id, control.stop)


@require_POST
@role_required(Role.EDITOR)
def resume(request: HttpRequest, run_id: UUID) -> HttpResponseRedirect:
    return _changed(request, run_id, control.resume)


def _changed(request: HttpRequest, run_id: UUID, change: control.Change) -> HttpResponseRedirect:
    assert isinstance(request.user, User)
    if not change(run_id, by=request.user):
        messages.info(request, control.TOO_LATE[change])
    return redirect("panel-run", run_id)


@require_safe
def receipt(request: HttpRequest, receipt_id: UUID) -> HttpResponse:
    """For everybody: who was asked what, and what came back; JSON for programs."""
    found = get_object_or_404(
        Attempt.objects.select_related(
            "batch",
            "hearing__persona",
            "hearing__judge",
            "hearing__first__card",
            "hearing__second__card",
        ),
        pk=receipt_id,
    )
    record = whole_record(found)
    if request.GET.get("format") == "json" or request.get_preferred_type(
        ["text/html", "application/json"]
    ) == ("application/json"):
        return JsonResponse(record)
    shown = {name: legible(record[name]) for name in ("request", "response")}
    return render(request, "panel/receipt.html", {"receipt": found, "record": record, "shown": shown})
