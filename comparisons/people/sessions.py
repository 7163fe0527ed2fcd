"""Where somebody is signed in, and ending that from elsewhere."""

from __future__ import annotations

from collections.abc import Container, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.utils import timezone
from django.utils.crypto import salted_hmac

from comparisons.audit.actions import note
from comparisons.people.models import User


@dataclass(frozen=True, slots=True)
class SignedIn:
    ref: str  # names the session in a form without being its key
    since: datetime
    noted: datetime  # last step, to the minute
    here: bool  # the browser that asks


def sessions_of(user: User, *, here: str | None) -> list[SignedIn]:
    """Newest step first. Readers have no sessions, so the table holds staff alone and is short."""
    found = []
    for row, data in _rows(user):
        since, noted = (datetime.fromtimestamp(data.get(name, 0), UTC) for name in ("since", "noted"))
        found.append(SignedIn(_ref(row), since, noted, row.session_key == here))
    return sorted(found, key=lambda each: each.noted, reverse=True)


def end(*, user: User, refs: Container[str], here: str | None) -> int:
    """Signs the account out where `refs` say, never where it asks from; how many there were."""
    keys = [row.session_key for row, _ in _rows(user) if _ref(row) in refs and row.session_key != here]
    ended, _ = Session.objects.filter(session_key__in=keys).delete()
    if ended:
        note(by=user, did="signed out elsewhere", about=user.get_username(), detail={"sessions": ended})
    return ended


def _rows(user: User) -> Iterator[tuple[Session, dict[str, Any]]]:
    for row in Session.objects.filter(expire_date__gt=timezone.now()).iterator():
        data = row.get_decoded()
        if data.get(SESSION_KEY) == str(user.pk):
            yield row, data


def _ref(row: Session) -> str:
    return salted_hmac("comparisons.people.sessions", row.session_key).hexdigest()[:24]
