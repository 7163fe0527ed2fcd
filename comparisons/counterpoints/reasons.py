"""Why a text is not shown, or not all of it: for the log, for readers, and for its author. Pure words."""

from __future__ import annotations

import re

from django.db.models import TextChoices


class Reason(TextChoices):
    """The words finish "because"; moderators choose by number, so new ones go to the end."""

    NONE = "", "–"
    OFF_TOPIC = "off_topic", "It is about something else than this page"
    NO_ARGUMENT = "no_argument", "It makes no argument that could be checked"
    REPEATS = "repeats", "It repeats what is published already"
    ABUSIVE = "abusive", "It attacks a person"
    PERSONAL_DATA = "personal_data", "It contains personal data"
    ADVERTISING = "advertising", "It advertises"
    UNLAWFUL = "unlawful", "Publishing it would break the law"


REASONS = [reason for reason in Reason if reason is not Reason.NONE]
ADVICE = {
    Reason.OFF_TOPIC: "Argue with what the page says, and send it again; another page may be the place.",
    Reason.NO_ARGUMENT: "Name what others can check (a figure, a source, a use you tried) and send it again.",
    Reason.REPEATS: "Read what is published there. If you can add to it, send only what is new.",
    Reason.ABUSIVE: "Argue with the review, not with the person, and send it again.",
    Reason.PERSONAL_DATA: "Leave out names, addresses and whatever else is private, and send it again.",
    Reason.ADVERTISING: "Say what you tried and what you found, without the offer, and send it again.",
    Reason.UNLAWFUL: "It cannot be published here in other words either.",
}


def because(reason: str) -> str:
    """`it contains personal data`, to stand within a sentence."""
    label = str(Reason(reason).label)
    return label[:1].lower() + label[1:]


def mark(reason: str) -> str:
    """What stands where a moderator took something out, in the Markdown and, marked up, on the page."""
    return f"[removed by a moderator: {because(reason)}]"


MARKS = re.compile("(" + "|".join(re.escape(mark(reason)) for reason in REASONS) + ")")
