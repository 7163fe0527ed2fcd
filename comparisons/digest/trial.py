"""This week's issue as it would go out now, to look at and to send to oneself."""

from __future__ import annotations

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.utils import timezone

from comparisons.digest.actions.composing import issue_of, preview
from comparisons.digest.letters import issue_sheet, list_headers, whole
from comparisons.digest.mime import MARKER, Sheet
from comparisons.digest.models import Issue
from comparisons.digest.week import Week

NOBODY = "0" * 32  # a token that is nobody's: a test must not unsubscribe anybody


def sheet_of(week: Week) -> Sheet | None:
    """What was composed, or what would be now; None when there is nothing to say."""
    issue = Issue.objects.of(week).first() or issue_of(week)
    content = whole(issue) if issue.content is not None else preview(timezone.now())
    if not content:
        return None
    sheet = issue_sheet(content, week)
    return Sheet(sheet.subject, sheet.text.replace(MARKER, NOBODY), sheet.html.replace(MARKER, NOBODY))


def send_trial(sheet: Sheet, to: str) -> None:
    """One mail, now, by whatever backend is set. Raises what the backend raises."""
    headers = {name: value.replace(MARKER, NOBODY) for name, value in list_headers().items()}
    message = EmailMultiAlternatives(
        f"[Test] {sheet.subject}", sheet.text, settings.MAIL_FROM, [to], headers=headers
    )
    message.attach_alternative(sheet.html, "text/html")
    message.send()
