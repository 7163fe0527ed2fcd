"""Every mail we write, as a sheet with a gap for the reader's token, and as the bytes that SMTP carries."""

from __future__ import annotations

from dataclasses import dataclass
from email.utils import parseaddr
from functools import lru_cache
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse

from comparisons.digest.content import Content, subject, summary
from comparisons.digest.mime import MARKER, Pattern, Sheet, pattern
from comparisons.digest.models import Delivery, Edition, Issue
from comparisons.digest.plain import paragraph, sections
from comparisons.digest.styles import STYLES
from comparisons.digest.week import Week
from comparisons.digest.wording import CURRENT, WORDINGS

# What a mail shows of each kind; the page on the site has all of it.
MOST = {"verdicts": 8, "articles": 3, "counterpoints": 3, "voted": 3, "changes": 8}
KEPT = 256  # editions a process keeps ready, some 60 KB each


@dataclass(frozen=True, slots=True)
class Letter:
    """One kind of mail: what it says, and its bytes."""

    sheet: Sheet
    pattern: Pattern
    headers: dict[str, str]


def issue_sheet(content: Content, week: Week) -> Sheet:
    """`content` is not empty."""
    context = {
        "content": content,
        "shown": {
            "flips": content.flips,
            "closest": content.closest,
            "verdicts": content.other_verdicts[: MOST["verdicts"]],
            "articles": content.articles[: MOST["articles"]],
            "counterpoints": content.counterpoints[: MOST["counterpoints"]],
            "voted": content.voted[: MOST["voted"]],
            "changes": content.changes[: MOST["changes"]],
        },
        "left_out": left_out(content),
        "week": week,
        "summary": summary(content),
        "archive": f"{settings.SITE_URL}{reverse('digest-issue', args=[str(week)])}",
        **_frame(),
    }
    body = sections(content, settings.SITE_URL, MOST)
    return Sheet(
        subject=_one_line(subject(content)),
        text=render_to_string(
            "digest/mail.txt", {**context, "body": body, "wrapped": paragraph(summary(content))}
        ),
        html=render_to_string("digest/mail.html", context),
    )


def left_out(content: Content) -> int:
    """How many items the mail does not show."""
    kinds = {
        "verdicts": content.other_verdicts, "articles": content.articles, "voted": content.voted,
        "counterpoints": content.counterpoints, "changes": content.changes,
    }  # fmt: skip
    return sum(max(0, len(items) - MOST[kind]) for kind, items in kinds.items())


def letter_sheet(kind: str) -> Sheet:
    """The mail that asks to confirm, or says that there is nothing to confirm."""
    asks = kind == Delivery.Kind.CONFIRM
    context = {"asks": asks, "wording": WORDINGS[CURRENT], **_frame()}
    said = "Confirm your subscription" if asks else "You are subscribed already"
    return Sheet(
        subject=_one_line(f"{said}: {settings.SITE_NAME}"),
        text=render_to_string(
            "digest/letter.txt", {**context, "wrapped": paragraph(f"“{WORDINGS[CURRENT]}”", "  ")}
        ),
        html=render_to_string("digest/letter.html", context),
    )


@lru_cache(maxsize=KEPT)
def letter(kind: str, edition: int | None) -> Letter:
    """What is sent for a delivery of this kind; the sheets of one process never change."""
    if edition is None:
        sheet = letter_sheet(kind)
        # The mail that asks has nothing to unsubscribe from yet.
        headers = {} if kind == Delivery.Kind.CONFIRM else list_headers()
    else:
        found = Edition.objects.select_related("issue").get(pk=edition)
        sheet, headers = issue_sheet(content_of(found), found.issue.iso_week), list_headers()
    headers |= {"Auto-Submitted": "auto-generated"}
    return Letter(sheet, pattern(sheet, sender=settings.MAIL_FROM, headers=headers), headers)


def content_of(edition: Edition) -> Content:
    return whole(edition.issue).only(frozenset(edition.keys))


def whole(issue: Issue) -> Content:
    """All that a composed issue says."""
    assert issue.content is not None  # issue_composed_is_frozen
    return Content.from_json(issue.content)


def list_headers() -> dict[str, str]:
    """RFC 8058: one POST to this address, without cookie or question, ends it."""
    unsubscribe = f"{settings.SITE_URL}{reverse('digest-unsubscribe', args=[MARKER])}"
    return {
        "List-Id": f"<digest.{_host()}>",
        "List-Unsubscribe": f"<{unsubscribe}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


def message_id(row: UUID) -> str:
    return f"<{row}@{_domain(settings.MAIL_FROM)}>"


def _frame() -> dict[str, object]:
    site = settings.SITE_URL
    return {
        "SITE_NAME": settings.SITE_NAME,
        "SITE_URL": site,
        "imprint": settings.MAIL_IMPRINT,
        "confirm": f"{site}{reverse('digest-confirm', args=[MARKER])}",
        "preferences": f"{site}{reverse('digest-preferences', args=[MARKER])}",
        "unsubscribe": f"{site}{reverse('digest-unsubscribe', args=[MARKER])}",
        "css": STYLES,
        "dark": settings.PALETTE.dark,
    }


@lru_cache(maxsize=4)
def _domain(mailbox: str) -> str:
    return parseaddr(mailbox)[1].rpartition("@")[2]


def _host() -> str:
    return urlsplit(settings.SITE_URL).hostname or "localhost"


def _one_line(words: str) -> str:
    """For a header, and short enough for a list of mails."""
    plain = " ".join(words.split())
    return plain if len(plain) <= 150 else f"{plain[:148].rstrip()} …"
