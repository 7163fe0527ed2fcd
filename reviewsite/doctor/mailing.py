"""Whether the digest could leave. No mail is sent."""

from __future__ import annotations

from collections.abc import Iterator
from smtplib import SMTPException

from django.conf import settings
from django.core import mail

from reviewsite.doctor.findings import Finding, ok, warn
from reviewsite.mail import FOLDER

SMTP = "django.core.mail.backends.smtp.EmailBackend"
SECONDS = 5


def mailing() -> Iterator[Finding]:
    if settings.EMAIL_BACKEND == FOLDER:
        said = f"Mail becomes files in {settings.MAIL['EMAIL_FILE_PATH']}."
        if settings.SECURE:
            yield warn("mail", f"{said} Nobody can subscribe.", "Set EMAIL_URL and MAIL_FROM.")
        else:
            yield ok("mail", said)
        return
    if settings.EMAIL_BACKEND != SMTP:
        yield ok("mail", f"leaves by {settings.EMAIL_BACKEND}; a first mail tells whether its key is good.")
        return
    try:
        with mail.get_connection(timeout=SECONDS):
            pass
    except (OSError, SMTPException) as error:
        # Not its words: a server's refusal may repeat the name and more.
        said = f"{settings.EMAIL_HOST} cannot be used ({type(error).__name__}): the digest waits."
        yield warn("mail", said, "Correct EMAIL_URL, or the network; then: manage.py digest --test EMAIL")
    else:
        yield ok("mail", f"{settings.EMAIL_HOST} lets us in.")
