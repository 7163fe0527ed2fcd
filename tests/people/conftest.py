"""Accounts that sign in by their password, quickly, and limits that have counted nothing yet."""

import secrets
import time

import pytest
import redis
from django.conf import settings as django_settings
from django_otp.oath import TOTP
from django_otp.plugins.otp_totp.models import TOTPDevice

from tests.factories.staff import make_staff

PASSWORD = "correct horse battery"


@pytest.fixture
def quick(settings):
    """Hashes that do not take half a second each."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def uncounted():
    """Other tests have signed in from the same network."""
    with redis.Redis.from_url(django_settings.LIMITER_URL) as client:
        for key in client.scan_iter("limits:*"):
            client.delete(key)


@pytest.fixture
def ann(db, quick, uncounted):
    """A moderator with a name of her own, so that no other test's attempts count against her."""
    user = make_staff("moderator", f"ann-{secrets.token_hex(4)}")
    user.set_password(PASSWORD)
    user.save()
    return user


@pytest.fixture
def sign_in(client):
    def sign_in(user, password=PASSWORD, **given):
        return client.post("/admin/login/", {"username": str(user), "password": password, **given})

    return sign_in


def code_of(user, *, steps: int = 0) -> str:
    """What the app of this account shows, `steps` of 30 seconds from now."""
    device = TOTPDevice.objects.filter(user=user).latest("pk")
    app = TOTP(device.bin_key, device.step, device.t0, device.digits, device.drift)
    app.time = time.time() + 30 * steps
    return f"{app.token():06d}"
