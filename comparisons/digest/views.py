"""The archive, and what readers do about their subscription. No page here sets or needs a cookie.

Nothing is changed by GET: mail programs and filters follow links before people do.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.conf import settings
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.cache import patch_cache_control
from django.views.decorators.cache import cache_control
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import conditional_page, require_http_methods, require_safe
from django.views.decorators.vary import vary_on_headers

from comparisons.digest import doorbell
from comparisons.digest.actions import subscribing
from comparisons.digest.forms import PreferencesForm, SignUpForm
from comparisons.digest.letters import whole
from comparisons.digest.models import Issue, Subscriber
from comparisons.digest.week import NoSuchWeek, Week
from comparisons.digest.wording import CURRENT, WORDINGS
from comparisons.people.limits import Limit, count
from comparisons.people.network import network_of
from comparisons.people.origin import same_origin_writes

P = ParamSpec("P")
SHOWN = 200  # issues: four years
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def for_one_reader(view: View[P]) -> View[P]:
    """The address is the key, so nobody may keep the page, list it, or learn the address from a link."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        response = view(request, *args, **kwargs)
        patch_cache_control(response, private=True, no_store=True)
        response["X-Robots-Tag"] = "noindex"
        response["Referrer-Policy"] = "no-referrer"
        return response

    return guarded  # type: ignore[return-value]  # stricter only about the name `request`


@require_safe
@cache_control(public=True, max_age=60)
@conditional_page
def archive(request: HttpRequest) -> HttpResponse:
    issues = Issue.objects.public().defer("content")[:SHOWN]
    return render(request, "digest/archive.html", {"issues": issues})


@require_safe
@cache_control(public=True, max_age=60)
@conditional_page
def issue(request: HttpRequest, week: str) -> HttpResponse:
    try:
        found = Issue.objects.public().of(Week.named(week)).first()
    except NoSuchWeek as reason:
        raise Http404(str(reason)) from None
    if found is None:
        raise Http404("No issue of that week was sent.")
    return render(request, "digest/issue.html", {"issue": found, "content": whole(found)})


@same_origin_writes
@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(private=True, no_store=True)
@vary_on_headers("HX-Request")
def subscribe(request: HttpRequest) -> HttpResponse:
    """Takes an address in. What is known of it decides nothing here, neither the answer nor its time."""
    fragment = "HX-Request" in request.headers
    if request.method != "POST":
        return render(request, "digest/subscribe.html", {"form": SignUpForm(), "wording": WORDINGS[CURRENT]})
    form = SignUpForm(request.POST)
    if not form.is_valid():
        template = "digest/_sign_up.html" if fragment else "digest/subscribe.html"
        if "wording" in form.errors:
            form.data = {**request.POST.dict(), "wording": CURRENT}
        return render(request, template, {"form": form, "wording": WORDINGS[CURRENT]}, status=422)
    _take(request, form)
    return render(request, "digest/_asked.html" if fragment else "digest/asked.html")


@for_one_reader
@same_origin_writes
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    if request.method != "POST":
        asked = Subscriber.objects.filter(confirm_token=token, ended_at=None).first()
        return render(request, "digest/confirm.html", {"token": token, "asked": asked, **_words(asked)})
    try:
        subscriber = subscribing.confirm(token=token)
    except subscribing.LinkIsSpent:
        return render(request, "digest/confirm.html", {"spent": True}, status=410)
    return render(request, "digest/confirmed.html", {"subscriber": subscriber})


@for_one_reader
@csrf_exempt  # RFC 8058: the mail provider posts, without cookie and origin; the token says enough
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """The same for a token nobody has (any more): whoever holds an old mail must always come to an end."""
    if request.method != "POST":
        return render(request, "digest/unsubscribe.html", {"token": token})
    subscribing.unsubscribe(token=token)
    return render(request, "digest/unsubscribe.html", {"ended": True})


@for_one_reader
@same_origin_writes
@require_http_methods(["GET", "HEAD", "POST"])
def preferences(request: HttpRequest, token: str) -> HttpResponse:
    subscriber = Subscriber.objects.reading().filter(token=token).first()
    if subscriber is None:
        # As after unsubscribing: what led here is a mail, and the common page speaks of models.
        return render(request, "digest/unsubscribe.html", {"ended": True}, status=404)
    context: dict[str, object] = {"subscriber": subscriber}
    if request.method != "POST":
        return render(request, "digest/preferences.html", context | {"form": PreferencesForm.of(subscriber)})
    form = PreferencesForm(request.POST)
    if not form.is_valid():
        return render(request, "digest/preferences.html", context | {"form": form}, status=422)
    chosen = form.cleaned_data
    subscribing.prefer(
        subscriber=subscriber, scope=chosen["scope"], labs=chosen["labs"], cards=chosen["cards"]
    )
    return render(request, "digest/preferences.html", context | {"form": form, "kept": True})


def _take(request: HttpRequest, form: SignUpForm) -> None:
    """Over a limit nothing is kept, and the answer does not tell: it is the same for all."""
    email = form.cleaned_data["email"]
    network = count(Limit("subscriptions", *settings.SUBSCRIPTIONS_PER_NETWORK), network_of(request))
    address = count(Limit("subscriptions-of", *settings.SUBSCRIPTIONS_PER_ADDRESS), email.lower())
    if network.allowed and address.allowed:
        subscribing.ask(email=email, wording=form.cleaned_data["wording"], page=form.cleaned_data["page"])
        transaction.on_commit(doorbell.ring)


def _words(asked: Subscriber | None) -> dict[str, str]:
    return {"wording": WORDINGS.get(asked.wording, "")} if asked else {}
