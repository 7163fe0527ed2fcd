"""How often somebody may try to come in, by network and by name, whether or not anybody has that name.

Where nobody counts, nobody comes in: whoever can take Redis away must not get to guess without end.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from math import ceil

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from comparisons.people.limits import Counted, Limit, count
from comparisons.people.network import network_of

UNCOUNTED = "Nobody can log in for the moment: attempts cannot be counted. Try again in a minute."
UNCOUNTED_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Wait:
    """Why an attempt is not looked at, and for how long."""

    sentence: str
    seconds: int
    status: int = 429

    def told(self, answer: HttpResponse) -> HttpResponse:
        """The answer with the hint that programs read."""
        answer["Retry-After"] = str(self.seconds)
        return answer


def wait_after_sign_in(request: HttpRequest, name: str) -> Wait | None:
    """Counts one attempt with a password; what to say when it was one too many."""
    return _wait(request, "sign-ins", name)


def wait_after_code(request: HttpRequest, name: str) -> Wait | None:
    """The same for the second factor, counted apart: a lost phone must not lock the first step too."""
    return _wait(request, "codes", name)


def _wait(request: HttpRequest, what: str, name: str) -> Wait | None:
    # One spelling: otherwise each of Ann, ann and ＡＮＮ could be tried as often.
    spelled = unicodedata.normalize("NFKC", name).casefold().strip()
    counted = [
        count(Limit(f"{what}-network", *settings.LOGINS_PER_NETWORK), network_of(request)),
        count(Limit(f"{what}-name", *settings.LOGINS_PER_NAME), spelled),
    ]
    if not all(each.known for each in counted):
        return Wait(UNCOUNTED, UNCOUNTED_SECONDS, status=503)
    return _too_many([each for each in counted if not each.allowed])


def _too_many(over: list[Counted]) -> Wait | None:
    # The same words whichever limit it was: that a name is under attack is nobody's business.
    if not over:
        return None
    seconds = max(1, *(each.reset_seconds for each in over))
    minutes = ceil(seconds / 60)
    return Wait(f"Too many attempts. Try again in {minutes} minute{'s' if minutes != 1 else ''}.", seconds)
