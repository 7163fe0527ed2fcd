"""How staff come in, prove who they are, and leave."""

from __future__ import annotations

import time
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login, logout, update_session_auth_hash
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import cache_control
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST
from django_otp import login as give_factor
from django_otp.models import Device

from comparisons.people import second_factor, sessions, staying
from comparisons.people.attempts import wait_after_code, wait_after_sign_in
from comparisons.people.forms import WRONG_CODE, CodeForm, PasswordAgainForm, PasswordForm, SignInForm
from comparisons.people.models import User
from comparisons.people.roles import Role, role_of, role_required

HALF_WAY = 5 * 60  # seconds between the password and the code


@sensitive_post_parameters("password")
@cache_control(private=True, no_store=True)
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    back = _back(request)
    if request.method != "POST":
        user = request.user
        if role_of(user).moderates and not second_factor.missing_step(user):
            return redirect(back)
        return render(request, "people/sign_in.html", {"form": SignInForm(request), "next": back})
    form = SignInForm(request, request.POST)
    if wait := wait_after_sign_in(request, request.POST.get("username", "")):
        # The password is not even looked at, so that nothing can be learned from how long it takes.
        context = {"form": SignInForm(request), "next": back, "wait": wait.sentence}
        return wait.told(render(request, "people/sign_in.html", context, status=wait.status))
    if not form.is_valid() or form.user is None:
        return render(request, "people/sign_in.html", {"form": form, "next": back}, status=422)
    if second_factor.device_of(form.user) is not None:
        request.session["half_way"] = {"user": form.user.pk, "at": time.time()}
        return redirect(f"{reverse(second_factor.GIVE)}?{urlencode({'next': back})}")
    return _in(request, form.user, None, back)


@cache_control(private=True, no_store=True)
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in_code(request: HttpRequest) -> HttpResponse:
    """The second step, for those who have a second factor."""
    user, back = _half_way(request), _back(request)
    if user is None:
        return redirect(f"{reverse(settings.LOGIN_URL)}?{urlencode({'next': back})}")
    form = CodeForm(request.POST if request.method == "POST" else None)
    context = {"form": form, "next": back}
    if not form.is_bound:
        return render(request, "people/code.html", context)
    if wait := wait_after_code(request, user.get_username()):
        context |= {"form": CodeForm(), "wait": wait.sentence}
        return wait.told(render(request, "people/code.html", context, status=wait.status))
    if form.is_valid():
        device = second_factor.matching(user=user, typed=form.cleaned_data["code"])
        if device is not None:
            return _in(request, user, device, back)
        form.add_error("code", WRONG_CODE)
    return render(request, "people/code.html", context, status=422)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    return redirect("/")


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
@role_required(Role.MODERATOR)
def password(request: HttpRequest) -> HttpResponse:
    """A new password signs every other browser out."""
    user = _staff(request)
    form = PasswordForm(user, request.POST if request.method == "POST" else None)
    if form.is_bound:
        if form.is_valid():
            update_session_auth_hash(request, form.save())
            messages.success(request, "Your password is changed; other browsers were signed out.")
            return redirect("account")
        return render(request, "people/password.html", {"form": form}, status=422)
    return render(request, "people/password.html", {"form": form})


@require_http_methods(["GET", "HEAD"])
@role_required(Role.MODERATOR, enrolling=True)
def account(request: HttpRequest) -> HttpResponse:
    return _account(request)


@sensitive_post_parameters("password")
@require_POST
@role_required(Role.MODERATOR, enrolling=True)
def begin_factor(request: HttpRequest) -> HttpResponse:
    """Shows a new secret to whoever knows the password."""
    user = _staff(request)
    if refused := _refused(request, user, "begin"):
        return refused
    second_factor.begin(user=user)
    return redirect("account")


@require_POST
@role_required(Role.MODERATOR, enrolling=True)
def confirm_factor(request: HttpRequest) -> HttpResponse:
    """The app proves that it holds the secret; from then on it is asked for."""
    user = _staff(request)
    if second_factor.pending_of(user) is None:
        messages.error(request, "Nothing is being set up any more: begin again.")
        return redirect("account")
    form = CodeForm(request.POST, paper=False)
    wait = wait_after_code(request, user.get_username())
    device = None
    if not wait and form.is_valid():
        device = second_factor.confirm(user=user, typed=form.cleaned_data["code"])
    if device is None:
        form.add_error("code", wait.sentence if wait else WRONG_CODE)
        answer = _account(request, code=form, status=wait.status if wait else 422)
        return wait.told(answer) if wait else answer
    give_factor(request, device)
    return _paper(request, user)


@sensitive_post_parameters("password")
@require_POST
@role_required(Role.MODERATOR)
def paper_codes(request: HttpRequest) -> HttpResponse:
    user = _staff(request)
    if second_factor.device_of(user) is None:
        return redirect("account")
    return _refused(request, user, "codes") or _paper(request, user)


@sensitive_post_parameters("password")
@require_POST
@role_required(Role.MODERATOR)
def drop_factor(request: HttpRequest) -> HttpResponse:
    user = _staff(request)
    if settings.STAFF_MFA == "required":
        raise PermissionDenied("This site asks its staff for a second factor; set up another app instead.")
    if refused := _refused(request, user, "off"):
        return refused
    second_factor.forget(user=user, by=user)
    messages.success(request, "The second factor is off. Your password alone signs you in.")
    return redirect("account")


@sensitive_post_parameters("password")
@require_POST
@role_required(Role.MODERATOR)
def end_sessions(request: HttpRequest) -> HttpResponse:
    """Signs other browsers out, one or all."""
    user = _staff(request)
    if refused := _refused(request, user, "sessions"):
        return refused
    chosen = request.POST.getlist("session")
    ended = sessions.end(user=user, refs=set(chosen), here=request.session.session_key)
    told = f"Signed out in {ended} other browser{'s' if ended != 1 else ''}."
    messages.success(request, told if ended else "Nothing was marked that is still signed in.")
    return redirect("account")


def _account(request: HttpRequest, *, status: int = 200, **given: Any) -> HttpResponse:
    user = _staff(request)
    pending = second_factor.pending_of(user)
    context = {
        "device": second_factor.device_of(user),
        "sessions": sessions.sessions_of(user, here=request.session.session_key),
        "pending": pending,
        "picture": second_factor.picture(pending) if pending else "",
        "secret": second_factor.secret(pending) if pending else "",
        "codes_left": second_factor.paper_codes_left(user),
        "required": settings.STAFF_MFA == "required",
        "code": CodeForm(paper=False),
        "again": PasswordAgainForm(user),
        **given,
    }
    return render(request, "people/account.html", context, status=status)


def _paper(request: HttpRequest, user: User) -> HttpResponse:
    return render(request, "people/paper_codes.html", {"codes": second_factor.new_paper_codes(user=user)})


def _refused(request: HttpRequest, user: User, what: str) -> HttpResponse | None:
    """The page again, when the password typed for `what` is not theirs or was tried too often."""
    form = PasswordAgainForm(user, request.POST)
    if wait := wait_after_sign_in(request, user.get_username()):
        form = PasswordAgainForm(user)
        return wait.told(_account(request, status=wait.status, again=form, wrong=what, wait=wait.sentence))
    return None if form.is_valid() else _account(request, status=422, again=form, wrong=what)


def _staff(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


def _half_way(request: HttpRequest) -> User | None:
    """Who has given a password, or is signed in from before there was a second factor, and owes the code."""
    if isinstance(request.user, User):
        return None if second_factor.missing_step(request.user) != second_factor.GIVE else request.user
    half_way = request.session.get("half_way", {})
    if time.time() - half_way.get("at", 0) > HALF_WAY:
        return None
    return User.objects.filter(pk=half_way["user"], is_active=True).first()


def _in(request: HttpRequest, user: User, device: Device | None, back: str) -> HttpResponse:
    login(request, user)
    request.session.pop("half_way", None)
    staying.begin(request)
    if device is not None:
        give_factor(request, device)
    return redirect(back)


def _back(request: HttpRequest) -> str:
    """Where they wanted to go: an address of this site, or the desk."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if ours else settings.LOGIN_REDIRECT_URL
