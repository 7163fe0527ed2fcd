"""A reader without an account: a random id in a signed cookie, set by the first action, never before."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from typing import TypeVar

from django.conf import settings
from django.core import signing
from django.http import HttpRequest
from django.http.response import HttpResponseBase

Answer = TypeVar("Answer", bound=HttpResponseBase)

YEAR = 365 * 24 * 60 * 60  # seconds


def _signer() -> signing.Signer:
    # Made when it is needed: commands that sign nothing run without a SECRET_KEY.
    return signing.Signer(salt="comparisons.people.visitor")


def cookie_name() -> str:
    """`__Host-` binds the cookie to this host over https; browsers refuse the prefix on plain http."""
    return "__Host-visitor" if settings.SECURE else "visitor"


@dataclass(frozen=True, slots=True)
class Visitor:
    """One browser. The id leaves this machine in the visitor's own cookie only and is stored nowhere."""

    id: str

    @classmethod
    def of(cls, request: HttpRequest) -> Visitor | None:
        """Who has acted before, or None; a cookie that we did not sign counts as none."""
        return cls.named(request.COOKIES.get(cookie_name(), ""))

    @classmethod
    def named(cls, signed: str) -> Visitor | None:
        """Whom we once called so, as `signed` says it; None for what we did not sign."""
        try:
            return cls(_signer().unsign(signed))
        except signing.BadSignature:
            return None

    @classmethod
    def acting(cls, request: HttpRequest) -> Visitor:
        """Who acts now: known, or new from this moment. The view must `remember` them in its answer."""
        return cls.of(request) or cls(secrets.token_urlsafe(24))

    @property
    def signed(self) -> str:
        """The id with our signature: the cookie's value, and what programs keep instead of the cookie."""
        return _signer().sign(self.id)

    def key(self, purpose: str) -> str:
        """What a table may keep of this visitor for one purpose: an HMAC, 64 hex digits.

        The id, 192 random bits, is the HMAC's own key: rows of two purposes cannot be linked by whoever holds
        the database, not even together with SECRET_KEY, and a new SECRET_KEY makes no vote a stranger's.
        """
        return hmac.new(self.id.encode(), purpose.encode(), hashlib.sha256).hexdigest()

    def remember(self, answer: Answer) -> Answer:
        """Sets the cookie on the answer to an action; each action lets the year begin anew."""
        answer.set_cookie(
            cookie_name(),
            self.signed,
            max_age=YEAR,
            path="/",
            secure=settings.SECURE,
            httponly=True,
            samesite="Lax",
        )
        return answer


def leave(answer: Answer) -> Answer:
    """Takes the cookie away. What was written under its id is nobody's from then on."""
    answer.delete_cookie(cookie_name(), path="/", samesite="Lax")
    return answer
