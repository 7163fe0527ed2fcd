"""EMAIL_URL: every way mail can leave, in one address. What it cannot mean is refused, password unsaid."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from reviewsite.env import BadSetting, mailbox
from reviewsite.mail import mail

ROOT = Path(__file__).resolve().parent.parent.parent
SMTP = "django.core.mail.backends.smtp.EmailBackend"


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch):
    def read(value: str | None) -> dict[str, object]:
        monkeypatch.delenv("EMAIL_URL", raising=False)
        if value is not None:
            monkeypatch.setenv("EMAIL_URL", value)
        return mail("EMAIL_URL", Path("/data/mail"))

    return read


def test_without_a_server_mail_becomes_files(read):
    assert read(None) == {
        "EMAIL_BACKEND": "comparisons.digest.outbox.Folder",
        "EMAIL_FILE_PATH": "/data/mail",
    }
    assert read("file:///var/post%20box")["EMAIL_FILE_PATH"] == "/var/post box"


def test_smtp_with_and_without_tls(read):
    plain = read("smtp://mail.example")
    assert (plain["EMAIL_BACKEND"], plain["EMAIL_HOST"], plain["EMAIL_PORT"]) == (SMTP, "mail.example", 25)
    assert (plain["EMAIL_USE_TLS"], plain["EMAIL_USE_SSL"]) == (False, False)
    told = read("smtp://ada%40example.org:p%2Fw@mail.example:587/?tls=starttls")
    assert (told["EMAIL_HOST_USER"], told["EMAIL_HOST_PASSWORD"]) == ("ada@example.org", "p/w")
    assert (told["EMAIL_PORT"], told["EMAIL_USE_TLS"], told["EMAIL_USE_SSL"]) == (587, True, False)
    over = read("smtps://mail.example")
    assert (over["EMAIL_PORT"], over["EMAIL_USE_TLS"], over["EMAIL_USE_SSL"]) == (465, False, True)


def test_providers_and_any_other_backend(read):
    assert read("anymail+mailgun://Key-1@mg.example?webhook_signing_key=sign") == {
        "EMAIL_BACKEND": "anymail.backends.mailgun.EmailBackend",
        "ANYMAIL": {
            "MAILGUN_API_KEY": "Key-1", "MAILGUN_SENDER_DOMAIN": "mg.example",
            "MAILGUN_WEBHOOK_SIGNING_KEY": "sign",
        },
    }  # fmt: skip
    assert read("anymail+resend://re_AbC")["ANYMAIL"] == {"RESEND_API_KEY": "re_AbC"}
    assert read("console:") == {"EMAIL_BACKEND": "django.core.mail.backends.console.EmailBackend"}
    assert read("backend:my.mail.Backend") == {"EMAIL_BACKEND": "my.mail.Backend"}


@pytest.mark.parametrize(
    "value",
    [
        "mail.example", "smtp://", "smtp://u:secret@mail.example:none/", "smtp://u:secret@h/?tls=maybe",
        "smtp://u:secret@h/?tsl=starttls", "smtp://u:secret@h/?tls=",
        "smtps://u:secret@h/?tls=starttls", "file://mail", "anymail://secret", "anymail+pigeon://secret",
        "smtp+x://u:secret@h", "backend:", "http://u:secret@h",
    ],
)  # fmt: skip
def test_nonsense_is_refused_by_name_and_without_the_password(read, value):
    with pytest.raises(BadSetting, match="EMAIL_URL") as refusal:
        read(value)
    assert "secret" not in str(refusal.value)


def test_a_sender_is_a_name_and_an_address(monkeypatch):
    monkeypatch.setenv("MAIL_FROM", "Second Opinion <digest@example.org>")
    assert mailbox("MAIL_FROM", "x@y.z") == "Second Opinion <digest@example.org>"
    for wrong in ("nobody", "a@b\nBcc: c@d", "<>", "ä@example.org"):
        monkeypatch.setenv("MAIL_FROM", wrong)
        with pytest.raises(BadSetting, match="MAIL_FROM"):
            mailbox("MAIL_FROM", "x@y.z")


REPORT = """
import json, django
django.setup()
from django.test import Client
from django.urls import reverse
from anymail.signals import AnymailTrackingEvent, tracking
from django.conf import settings
print(json.dumps({"hook": reverse("anymail:mailgun_tracking_webhook"), "backend": settings.EMAIL_BACKEND,
                  "listens": bool(tracking.receivers)}))
"""


def test_a_provider_brings_its_webhook_and_somebody_listens():
    environment = os.environ | {
        "EMAIL_URL": "anymail+mailgun://key@mg.example", "ANYMAIL_WEBHOOK_SECRET": "user:password",
        "DJANGO_SETTINGS_MODULE": "reviewsite.settings",
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", REPORT], env=environment, cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout) == {
        "hook": "/anymail/mailgun/tracking/", "backend": "anymail.backends.mailgun.EmailBackend",
        "listens": True,
    }  # fmt: skip
