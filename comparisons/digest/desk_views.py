"""The editors' desk: this week's issue before it goes out, and the mail that became files."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_POST, require_safe

from comparisons.digest import outbox
from comparisons.digest.actions import composing
from comparisons.digest.doorbell import ring
from comparisons.digest.forms import TrialForm
from comparisons.digest.models import Delivery, Issue, Outlet, Subscriber
from comparisons.digest.trial import send_trial, sheet_of
from comparisons.digest.week import Week
from comparisons.people.models import User
from comparisons.people.roles import Role, role_required

editors_only = role_required(Role.EDITOR)
EARLIER = 12
# A mail carries its styles in its tags. It may do nothing else, and only our own pages may frame it.
MAIL_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox"
)
# That of every page, and a frame for the mail.
FRAMING_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; frame-src 'self'"
)


@require_safe
@editors_only
def desk(request: HttpRequest) -> HttpResponse:
    return _desk(request, TrialForm(auto_id="trial-%s", label_suffix=""))


@require_safe
@editors_only
@xframe_options_sameorigin
def preview(request: HttpRequest) -> HttpResponse:
    sheet = sheet_of(_this_week())
    return _mail(sheet.html if sheet else "<p>Nothing to say yet.</p>")


@require_safe
@editors_only
def preview_text(request: HttpRequest) -> HttpResponse:
    sheet = sheet_of(_this_week())
    text = sheet.text if sheet else "Nothing to say yet.\n"
    return HttpResponse(text, content_type="text/plain; charset=utf-8")


@require_POST
@editors_only
def turn(request: HttpRequest) -> HttpResponseRedirect:
    """What an editor decides about this week: hold, release, compose, send. Nothing sent can be undone."""
    week = _this_week()
    assert isinstance(request.user, User)
    match request.POST.get("turn"):
        case "hold":
            composing.hold(week=week, by=request.user)
        case "release":
            composing.release(week=week, by=request.user)
        case "compose":
            composing.compose(week=week, again=True)
        case "send":
            composed = composing.compose_once(week=week)
            if composing.start(issue=composed, by=request.user):
                ring()
            else:
                messages.info(request, "Not sent: there is nothing to say, it is held, or it is under way.")
    return redirect("digest-desk")


@require_POST
@editors_only
def test(request: HttpRequest) -> HttpResponse:
    """Sent while the editor waits: the server's answer is what they want to know."""
    form = TrialForm(request.POST, auto_id="trial-%s", label_suffix="")
    sheet = sheet_of(_this_week())
    if form.is_valid() and sheet is None:
        form.add_error("email", "There is nothing to say yet, so there is no mail to send.")
    if not form.is_valid() or sheet is None:
        return _desk(request, form, status=422)
    try:
        send_trial(sheet, form.cleaned_data["email"])
    except Exception as error:
        form.add_error("email", f"Not sent. {type(error).__name__}: {error}")
        return _desk(request, form, status=502)
    messages.success(request, "The test is on its way.")
    return redirect("digest-desk")


@require_safe
@editors_only
def outbox_list(request: HttpRequest) -> HttpResponse:
    context = {"kept": outbox.kept(), "folder": outbox.folder(), "by_folder": _by_folder()}
    return render(request, "digest/outbox.html", context)


@require_safe
@editors_only
def outbox_message(request: HttpRequest, name: str) -> HttpResponse:
    response = render(request, "digest/outbox_message.html", {"message": _kept(name)})
    response["Content-Security-Policy"] = FRAMING_POLICY
    return response


@require_safe
@editors_only
@xframe_options_sameorigin
def outbox_html(request: HttpRequest, name: str) -> HttpResponse:
    return _mail(_kept(name).html)


def _kept(name: str) -> outbox.Kept:
    message = outbox.read(name)
    if message is None:
        raise Http404("There is no such message in the outbox.")
    return message


def _mail(html: str) -> HttpResponse:
    # Its links open beside the frame, as a mail program opens them.
    response = HttpResponse(html.replace("<head>", '<head><base target="_blank">', 1))
    response["Content-Security-Policy"] = MAIL_POLICY
    return response


def _desk(request: HttpRequest, form: TrialForm, *, status: int = 200) -> HttpResponse:
    week = _this_week()
    # Told first: PostgreSQL would count the deliveries of every issue there ever was and then show twelve.
    shown = Issue.objects.public().filter(pk__in=Issue.objects.public().values("pk")[:EARLIER])
    states = {
        state: Count("deliveries", filter=Q(deliveries__state=state)) for state in Delivery.State.values
    }
    context = {
        "week": week,
        "issue": composing.issue_of(week),
        "due": week.moment(settings.DIGEST_WEEKDAY, settings.DIGEST_HOUR),
        "sheet": sheet_of(week),
        "form": form,
        "subscribers": Subscriber.objects.order_by().values_list("state").annotate(n=Count("pk")),
        "outlet": Outlet.objects.first(),
        "by_folder": _by_folder(),
        "issues": shown.defer("content").annotate(**states),
        "now": timezone.now(),
    }
    response = render(request, "digest/desk.html", context, status=status)
    response["Content-Security-Policy"] = FRAMING_POLICY
    return response


def _this_week() -> Week:
    return Week.of(timezone.now())


def _by_folder() -> bool:
    return bool(settings.EMAIL_BACKEND == "comparisons.digest.outbox.Folder")
