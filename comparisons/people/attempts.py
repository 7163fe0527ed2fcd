"""How often somebody may try to come in, by network and by name, whether or not anybody has that name."""

from __future__ import annotations

import unicodedata
from math import ceil

from django.conf import settings
from django.http import HttpRequest

from comparisons.people.limits import Counted, Limit, count
from comparisons.people.network import network_of


def wait_after_sign_in(request: HttpRequest, name: str) -> str:
    """Counts one attempt with a password; a sentence when it was one too many, "" otherwise."""
    return _wait(request, "sign-ins", name)


def wait_after_code(request: HttpRequest, name: str) -> str:
    """The same for the second factor, counted apart: a lost phone must not lock the first step too."""
    return _wait(request, "codes", name)


def _wait(request: HttpRequest, what: str, name: str) -> str:
    # One spelling: otherwise each of Ann, ann and ＡＮＮ could be tried as often.
    spelled = unicodedata.normalize("NFKC", name).casefold().strip()
    counted = [
        count(Limit(f"{what}-network", *settings.LOGINS_PER_NETWORK), network_of(request)),
        count(Limit(f"{what}-name", *settings.LOGINS_PER_NAME), spelled),
    ]
    return _sentence([each for each in counted if not each.allowed])


def _sentence(over: list[Counted]) -> str:
    # The same words whichever limit it was: that a name is under attack is nobody's business.
    if not over:
        return ""
    minutes = ceil(max(each.reset_seconds for each in over) / 60)
    return f"Too many attempts. Try again in {minutes} minute{'s' if minutes != 1 else ''}."
