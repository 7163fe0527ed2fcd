"""Any Django e-mail backend that is not SMTP: a folder, a console, a provider's API. Less is known of those.

What a backend's error proves decides: a refusal with a status of its own is one, everything else may have
been taken.
"""

from __future__ import annotations

import smtplib
import socket
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives

from comparisons.digest.letters import Letter, message_id
from comparisons.digest.mime import MARKER
from comparisons.digest.outbox import NotWritten
from comparisons.digest.sending.answers import Answer, Outcome, Phase, again, outcome, unknown
from comparisons.digest.sending.desk import Claimed

# Too many, or something about our account: an API that says so has not taken the mail.
TRY_AGAIN = {401, 402, 403, 429}
NEVER_TAKEN = (
    ConnectionRefusedError, socket.gaierror, NotWritten,
    smtplib.SMTPSenderRefused, smtplib.SMTPAuthenticationError, smtplib.SMTPConnectError,
)  # fmt: skip
# The message itself would not do, before anybody was asked.
REFUSED_HERE = {"AnymailInvalidAddress", "AnymailUnsupportedFeature", "BadHeaderError"}


def message_for(mail: Claimed, letter: Letter) -> EmailMultiAlternatives:
    token = mail.link_token
    headers = {name: value.replace(MARKER, token) for name, value in letter.headers.items()}
    message = EmailMultiAlternatives(
        letter.sheet.subject,
        letter.sheet.text.replace(MARKER, token),
        settings.MAIL_FROM,
        [mail.email],
        headers={"Message-ID": message_id(mail.message_id), **headers},
    )
    message.attach_alternative(letter.sheet.html.replace(MARKER, token), "text/html")
    if settings.USES_ANYMAIL:
        # Comes back with what the provider reports of it.
        message.metadata = {"delivery": str(mail.message_id)}  # type: ignore[attr-defined]
    return message


def sent_by(connection: Any, mail: Claimed, letter: Letter) -> Outcome:
    """What became of one mail, handed to the backend."""
    message = message_for(mail, letter)
    try:
        taken = connection.send_messages([message])
    except Exception as error:
        return read(error, attempts=mail.attempts)
    if not taken:
        return unknown("the backend did not say that it took it")
    told = getattr(getattr(message, "anymail_status", None), "message_id", None)
    return Outcome("sent", "taken by the backend", provider_id="" if told is None else str(told))


def read(error: Exception, *, attempts: int) -> Outcome:
    """What a backend's error proves."""
    words = f"{type(error).__name__}: {error}"
    # By what they carry and are called, not by class: anymail is only there where it is used.
    names = {kind.__name__ for kind in type(error).__mro__}
    status = getattr(error, "status_code", None)
    fate = unknown(words)
    if isinstance(error, smtplib.SMTPRecipientsRefused) and error.recipients:
        fate = outcome(_answer("rcpt", *next(iter(error.recipients.values()))), attempts=attempts)
    elif isinstance(error, smtplib.SMTPDataError):
        fate = outcome(_answer("end", error.smtp_code, error.smtp_error), attempts=attempts)
    elif isinstance(error, NEVER_TAKEN) or status in TRY_AGAIN:
        fate = again(words, attempts)
    elif "AnymailRecipientsRefused" in names:
        fate = Outcome("bounced", words)
    elif names & REFUSED_HERE or (isinstance(status, int) and 400 <= status < 500):
        fate = Outcome("failed", words, ours=True)
    return fate


def _answer(phase: Phase, code: int, text: bytes | str) -> Answer:
    return Answer(phase, code, text.decode("utf-8", "replace") if isinstance(text, bytes) else text)
