"""The claims of one sender on rows of deliveries. PostgreSQL is the queue; each statement is one commit.

queued → claimed under a lease → begun (written before the text goes out) → told. A claim whose lease ran out
goes back to the queue if it was never begun and becomes `unknown` if it was: nobody knows whether it left.
"""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection
from django.utils import timezone

from comparisons.digest.actions.subscribing import came_back
from comparisons.digest.models import Delivery
from comparisons.digest.sending.answers import Outcome, without

BATCH = 50
PATIENCE = 20.0  # seconds

# Whom a mail of this kind may go to, asked again at the last moment.
MAY_GET = "(CASE delivery.kind WHEN 'confirm' THEN 'pending' ELSE 'confirmed' END)"
# Of two senders the second skips what the first has locked. What must not go out any more is withdrawn here.
CLAIM = f"""
WITH due AS (
    SELECT id FROM comparisons_delivery
    WHERE state = 'queued' AND not_before <= %(now)s
    ORDER BY issue_id ASC NULLS FIRST, id LIMIT %(batch)s FOR UPDATE SKIP LOCKED
), allowed AS (
    SELECT delivery.id, subscriber.email, subscriber.token, subscriber.confirm_token
    FROM due JOIN comparisons_delivery AS delivery USING (id)
    LEFT JOIN comparisons_subscriber AS subscriber
        ON subscriber.id = delivery.subscriber_id AND subscriber.state = {MAY_GET}
)
UPDATE comparisons_delivery AS delivery
SET state = CASE WHEN allowed.email IS NULL THEN 'withdrawn' ELSE 'sending' END,
    claim = CASE WHEN allowed.email IS NULL THEN NULL ELSE %(claim)s::uuid END,
    lease_until = CASE WHEN allowed.email IS NULL THEN NULL ELSE %(lease)s::timestamptz END
FROM allowed WHERE delivery.id = allowed.id
RETURNING delivery.id, delivery.kind, delivery.edition_id, delivery.subscriber_id, delivery.message_id,
          delivery.attempts, allowed.email, allowed.token, allowed.confirm_token
"""  # noqa: S608 - no value of anybody's is in it
TELL = """
UPDATE comparisons_delivery
SET state = %(state)s, answer = %(answer)s, answered_at = %(now)s, lease_until = NULL,
    claim = CASE WHEN %(state)s = 'queued' THEN NULL ELSE claim END,
    begun_at = CASE WHEN %(state)s = 'queued' THEN NULL ELSE begun_at END,
    attempts = attempts + CASE WHEN %(state)s IN ('queued', 'bounced', 'failed') THEN 1 ELSE 0 END,
    not_before = %(not_before)s, provider_id = %(provider)s
WHERE id = %(id)s AND claim = %(claim)s
  AND (state = 'sending' OR (state = 'unknown' AND %(state)s <> 'unknown'))
"""
BEGIN = f"""
UPDATE comparisons_delivery AS delivery SET begun_at = %(now)s, lease_until = %(lease)s
WHERE id = %(begin)s AND claim = %(begin_claim)s AND state = 'sending'
  AND EXISTS (SELECT FROM comparisons_subscriber AS subscriber
              WHERE subscriber.id = delivery.subscriber_id AND subscriber.state = {MAY_GET})
"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class Claimed:
    """One mail to one reader, ours for as long as the lease."""

    id: int
    kind: str
    edition: int | None
    subscriber: int
    message_id: UUID
    attempts: int
    email: str
    token: str
    confirm_token: str
    claim: UUID

    @property
    def link_token(self) -> str:
        return self.confirm_token if self.kind == Delivery.Kind.CONFIRM else self.token


class Desk:
    """Hands out claimed mails one by one, for one connection."""

    def __init__(self) -> None:
        self._held: deque[Claimed] = deque()
        self._renewed = time.monotonic()

    def next(self) -> Claimed | None:
        """The next mail, or None when nothing is due."""
        if not self._held:
            self._claim()
        elif time.monotonic() - self._renewed > settings.DIGEST_LEASE_SECONDS / 4:
            self._renew()
        return self._held.popleft() if self._held else None

    def begin(self, mail: Claimed, after: tuple[Claimed, Outcome] | None = None) -> bool:
        """Writes down that this one goes out now, and what became of the one before it: one commit.

        False when it must not: somebody unsubscribed, or it is no longer ours.
        """
        values: dict[str, Any] = {
            "now": timezone.now(),
            "lease": _lease(),
            "begin": mail.id,
            "begin_claim": mail.claim,
        }
        statement = BEGIN
        if after is not None:
            statement = f"WITH told AS ({TELL} RETURNING id) {BEGIN}"
            values |= _told(*after)
        begun = len(_patiently(f"{statement} RETURNING delivery.id", values)) == 1
        if after is not None:
            _follow(*after)
        if not begun:
            Delivery.objects.filter(pk=mail.id, claim=mail.claim, state="sending").update(
                state=Delivery.State.WITHDRAWN, lease_until=None
            )
        return begun

    def tell(self, mail: Claimed, outcome: Outcome) -> None:
        """Keeps the outcome, unless a sweep gave the mail to somebody else meanwhile."""
        _patiently(f"{TELL} RETURNING id", _told(mail, outcome))
        _follow(mail, outcome)

    def put_back(self, *mails: Claimed | None) -> None:
        """What was claimed and not begun goes back to the queue at once."""
        held = [mail for mail in (*mails, *self._held) if mail is not None]
        self._held.clear()
        Delivery.objects.filter(
            pk__in=[mail.id for mail in held], claim__in={mail.claim for mail in held},
            state="sending", begun_at__isnull=True,
        ).update(state=Delivery.State.QUEUED, claim=None, lease_until=None)  # fmt: skip

    def _claim(self) -> None:
        claim = uuid4()
        values = {"now": timezone.now(), "lease": _lease(), "batch": BATCH, "claim": claim}
        rows = _patiently(CLAIM, values)
        while rows and all(row[6] is None for row in rows):  # all of them withdrawn
            rows = _patiently(CLAIM, values)
        # Letters first, as they were claimed; RETURNING keeps no order.
        rows = sorted(
            (row for row in rows if row[6] is not None), key=lambda row: (row[2] is not None, row[0])
        )
        self._held.extend(Claimed(*(*row, claim)) for row in rows)
        self._renewed = time.monotonic()

    def _renew(self) -> None:
        claims = {mail.claim for mail in self._held}
        Delivery.objects.filter(claim__in=claims, state="sending", begun_at__isnull=True).update(
            lease_until=_lease()
        )
        self._renewed = time.monotonic()


def end_leases() -> None:
    """What a dead sender held: back into the queue, or unknown when its text may have gone out."""
    expired = Delivery.objects.filter(state=Delivery.State.SENDING, lease_until__lt=timezone.now())
    expired.filter(begun_at__isnull=True).update(state=Delivery.State.QUEUED, claim=None, lease_until=None)
    expired.filter(begun_at__isnull=False).update(
        state=Delivery.State.UNKNOWN,
        lease_until=None,
        answer="The sender went silent after the text had begun.",
    )


def _patiently(statement: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    """Asks again while the database restarts: each of these statements may be said twice, and what a server
    has answered must not be forgotten because PostgreSQL was away for a moment."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            with connection.cursor() as cursor:
                cursor.execute(statement, values)
                return list(cursor.fetchall())
        except (OperationalError, InterfaceError):
            if time.monotonic() > deadline or connection.in_atomic_block:
                raise
            connection.close()
            time.sleep(0.2)


def _lease() -> datetime:
    return timezone.now() + timedelta(seconds=settings.DIGEST_LEASE_SECONDS)


def _told(mail: Claimed, outcome: Outcome) -> dict[str, Any]:
    now = timezone.now()
    return {
        "id": mail.id,
        "claim": mail.claim,
        "now": now,
        "state": outcome.state,
        "answer": without(mail.email, outcome.answer),
        "provider": outcome.provider_id[:200],
        "not_before": now + (outcome.wait or timedelta(0)),
    }


def _follow(mail: Claimed, outcome: Outcome) -> None:
    if outcome.state == "bounced":
        came_back(mail.subscriber, hard=outcome.hard)
