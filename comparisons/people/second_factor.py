"""A second factor for staff: codes from an app (TOTP), and ten on paper for the day the phone is gone."""

from __future__ import annotations

import base64
import secrets
from datetime import timedelta
from typing import cast

import segno
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.safestring import SafeString, mark_safe
from django_otp.models import Device
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice

from comparisons.audit.actions import note
from comparisons.people.models import User

ENROLL, GIVE = "account", "sign-in-code"  # names of addresses: where a step that is missing is made up for
CODES = 10
BEGUN = timedelta(minutes=15)  # for which a secret is shown that no app has proven to hold
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that is taken for another


def device_of(user: AbstractBaseUser | AnonymousUser) -> TOTPDevice | None:
    """The app that signs in with this account, once it has shown that it works."""
    return cast("TOTPDevice | None", TOTPDevice.objects.filter(user_id=user.pk, confirmed=True).first())


def missing_step(user: AbstractBaseUser | AnonymousUser) -> str:
    """Where this signed-in account must go before it may go anywhere else; "" for nowhere."""
    if getattr(user, "otp_device", None) is not None:  # set by django-otp's middleware
        return ""
    if device_of(user) is not None:
        return GIVE
    return ENROLL if settings.STAFF_MFA == "required" else ""


def begin(*, user: User) -> TOTPDevice:
    """A new secret, good for nothing until the app has proven that it holds it."""
    with transaction.atomic():
        TOTPDevice.objects.filter(user=user, confirmed=False).delete()
        return cast(TOTPDevice, TOTPDevice.objects.create(user=user, name="app", confirmed=False))


def pending_of(user: User) -> TOTPDevice | None:
    """What was begun and not finished. Whoever sits down at this browser an hour later sees no secret."""
    return _pending(user).first()


def confirm(*, user: User, typed: str) -> TOTPDevice | None:
    """The app of this account if the code is from it; from then on nobody signs in without."""
    with transaction.atomic():
        device = _pending(user).select_for_update().first()
        if device is None or not device.verify_token(_digits(typed)):
            return None
        TOTPDevice.objects.filter(user=user, confirmed=True).delete()
        TOTPDevice.objects.filter(pk=device.pk).update(confirmed=True)
        device.confirmed = True
        return cast(TOTPDevice, device)


def matching(*, user: User, typed: str) -> Device | None:
    """The device of this account that the code is good for. Each code is good once, and wrong ones make the
    next wait: see django_otp.models.ThrottlingMixin."""
    with transaction.atomic():
        app = TOTPDevice.objects.select_for_update().filter(user=user, confirmed=True).first()
        digits = _digits(typed)
        if app is None or digits.isdigit():
            return app if app is not None and app.verify_token(digits) else None
        paper = StaticDevice.objects.select_for_update().filter(user=user, confirmed=True).first()
        return paper if paper is not None and paper.verify_token(_kept(typed)) else None


def new_paper_codes(*, user: User) -> list[str]:
    """Ten codes to print, shown this once; the table holds what cannot be turned back into them."""
    codes = ["".join(secrets.choice(LETTERS) for _ in range(10)) for _ in range(CODES)]
    with transaction.atomic():
        StaticDevice.objects.filter(user=user).delete()
        paper = StaticDevice.objects.create(user=user, name="paper")
        for code in codes:
            paper.token_set.create(token=_kept(code))
    return [f"{code[:5]}-{code[5:]}" for code in codes]


def paper_codes_left(user: User) -> int:
    return sum(paper.token_set.count() for paper in StaticDevice.objects.filter(user=user))


def forget(*, user: User, by: User | None = None) -> bool:
    """Takes the second factor off an account; whether there was one."""
    with transaction.atomic():
        StaticDevice.objects.filter(user=user).delete()
        gone, _ = TOTPDevice.objects.filter(user=user).delete()
        if gone:
            note(by=by, did="took off the second factor", about=user.get_username())
    return bool(gone)


def picture(device: TOTPDevice) -> SafeString:
    """The QR code an app scans, as SVG. Black on white in every theme: some cameras read no other."""
    drawn = segno.make(device.config_url, error="m").svg_inline(scale=5, border=4, light="#fff", dark="#000")
    return mark_safe(drawn)  # noqa: S308  # made of squares by us


def secret(device: TOTPDevice) -> str:
    """The same for people who type it, in groups of four."""
    letters = base64.b32encode(device.bin_key).decode().rstrip("=")
    return " ".join(letters[at : at + 4] for at in range(0, len(letters), 4))


def _pending(user: User) -> QuerySet[TOTPDevice]:
    begun: QuerySet[TOTPDevice] = TOTPDevice.objects.filter(user=user, confirmed=False)
    return begun.filter(created_at__gt=timezone.now() - BEGUN)


def _digits(typed: str) -> str:
    return "".join(typed.split())


def _kept(typed: str) -> str:
    """16 characters, as many as the table has, of an HMAC of the code."""
    code = "".join(sign for sign in typed.lower() if sign.isalnum())
    return salted_hmac("comparisons.people.second_factor", code, algorithm="sha256").hexdigest()[:16]
