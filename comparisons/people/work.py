"""Proof of work: a browser shows that it spent a second, before it may do what too many want to do at once.

The challenge is altcha's (https://altcha.org), made and checked here; `static/work.js` solves it. No third
party is asked, and the answer says nothing about whoever gave it.
"""

from __future__ import annotations

import secrets
import time
from typing import Any

from altcha import Payload, create_challenge, verify_solution
from django.conf import settings
from django.utils.crypto import salted_hmac

from comparisons.people.limits import first_time

VALID_SECONDS = 10 * 60
LONGEST = 2_000  # characters of an answer; ours have some 600


def challenge(purpose: str, *, seconds: int = VALID_SECONDS) -> dict[str, Any]:
    """What the browser is asked, as JSON; good for this purpose alone, once, and for so many seconds.

    One number below WORK_HASHES gives the hash that is asked for, so that the work has an end: a challenge
    that any of many numbers solves takes one in a hundred browsers five times as long.
    """
    made = create_challenge(
        "SHA-256",
        cost=1,
        counter=secrets.randbelow(settings.WORK_HASHES),
        expires_at=int(time.time()) + seconds,
        data={"most": settings.WORK_HASHES},
        hmac_secret=_secret(purpose),
    )
    return dict(made.to_dict())


def proves(answer: str, purpose: str) -> bool:
    """Whether this is a solved challenge of ours for this purpose that nobody has handed in before.

    Without Redis nobody remembers that, and it counts every time.
    """
    if not answer or len(answer) > LONGEST or not verify_solution(answer, _secret(purpose)).verified:
        return False
    solved = Payload.from_base64(answer).challenge
    left = (solved.parameters.expires_at or 0) - int(time.time())
    return first_time(f"work:{solved.signature}", seconds=left + 1)


def _secret(purpose: str) -> str:
    # A key of its own for each purpose: what was solved for one page is not even ours on another.
    return salted_hmac("comparisons.people.work", purpose, algorithm="sha256").hexdigest()
