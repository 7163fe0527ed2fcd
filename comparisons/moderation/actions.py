"""What moderators do beyond one decision: several at once, taking back, and redacting."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from comparisons.counterpoints.actions import AlreadyDecided, decide
from comparisons.counterpoints.models import Counterpoint, Decision, Original
from comparisons.counterpoints.reasons import mark
from comparisons.counterpoints.redaction import cut, render_redacted
from comparisons.people.models import User

State, Step = Counterpoint.State, Decision.Step

UNDONE_WITHIN = timedelta(minutes=10)


class TooLate(Exception):
    """The message is a sentence for the moderator."""


class NothingToRemove(ValueError):
    """A redaction that would change nothing; the message is a sentence for the form."""


@dataclass(frozen=True, slots=True)
class Cut:
    """What a moderator takes out of a text: a passage by its exact Markdown, or all of it; name and link."""

    reason: str
    passage: str = ""
    whole: bool = False
    name: bool = False
    link: bool = False


@dataclass(slots=True)
class Tally:
    """What became of several decisions at once."""

    decided: list[int] = field(default_factory=list)
    missed: list[int] = field(default_factory=list)  # somebody else was faster


def decide_each(*, chosen: Iterable[int], to: Counterpoint.State, by: User, reason: str = "") -> Tally:
    """Decides each on its own: one that somebody else has decided meanwhile holds up no other."""
    tally = Tally()
    for pk in chosen:
        try:
            decide(counterpoint=Counterpoint(pk=pk), to=to, by=by, reason=reason)
            tally.decided.append(pk)
        except AlreadyDecided:
            tally.missed.append(pk)
    return tally


@transaction.atomic
def undo(*, counterpoint: Counterpoint, decided_at: datetime, by: User) -> Decision:
    """Takes back the decision made at `decided_at`, within ten minutes, whoever made it: pending again.

    Raises TooLate, AlreadyDecided.
    """
    seen = State(counterpoint.state)
    # The time names the decision: one that was taken back and made again meanwhile is another.
    standing = Counterpoint.objects.filter(pk=counterpoint.pk, state=seen, decided_at=decided_at)
    fresh = standing.filter(decided_at__gt=timezone.now() - UNDONE_WITHIN).exclude(state=State.PENDING)
    if fresh.update(state=State.PENDING, decided_at=None) != 1:
        if standing.exists() and seen != State.PENDING:
            raise TooLate("A decision can be undone for ten minutes; this one stands.")
        now = Counterpoint.objects.filter(pk=counterpoint.pk).values_list("state", flat=True).first()
        raise AlreadyDecided(f"Somebody was faster: it is {now or 'gone'} now.")
    counterpoint.state, counterpoint.decided_at = State.PENDING, None
    return Decision.objects.create(counterpoint=counterpoint, by=by, from_state=seen, to_state=Step.PENDING)


@transaction.atomic
def redact(*, counterpoint: Counterpoint, what: Cut, by: User, erase: bool = False) -> Decision:
    """Puts a visible mark where something stood. The original is kept for staff; with `erase` nowhere.

    `counterpoint` is the row as the moderator has seen it. Raises NotThere, NothingToRemove, AlreadyDecided.
    """
    before = (counterpoint.body, counterpoint.name, counterpoint.link)
    body, name, link = before
    if what.whole:
        body, name, link = mark(what.reason), "", ""
    elif what.passage.strip():
        body = cut(body, what.passage, what.reason)
    after = (body, "" if what.name else name, "" if what.link else link)
    if after == before:
        raise NothingToRemove("Say what to remove: a passage, everything, the name or the link.")
    seen = Counterpoint.objects.filter(
        pk=counterpoint.pk, state=State.APPROVED, redacted_at=counterpoint.redacted_at,
        body=before[0], name=before[1], link=before[2],
    )  # fmt: skip
    changed: dict[str, Any] = {"body": after[0], "name": after[1], "link": after[2]}
    changed |= {"body_html": render_redacted(after[0]), "redacted_at": timezone.now()}
    # Two forms of one reader may be left with the same mark alone, and nothing is sent from them again.
    changed["form_nonce"] = f"redacted:{counterpoint.pk}"
    if seen.update(**changed) != 1:
        raise AlreadyDecided("Somebody changed it meanwhile. Look at it again.")
    for column, value in changed.items():
        setattr(counterpoint, column, value)
    if erase:
        Original.objects.filter(pk=counterpoint.pk).delete()
    else:
        sent = {"body": before[0], "name": before[1], "link": before[2]}
        Original.objects.get_or_create(counterpoint=counterpoint, defaults=sent)
    return Decision.objects.create(
        counterpoint=counterpoint,
        by=by,
        from_state=Step.APPROVED,
        to_state=Step.ERASED if erase else Step.REDACTED,
        reason=what.reason,
    )


@transaction.atomic
def erase_original(*, counterpoint: Counterpoint, reason: str, by: User) -> Decision:
    """Forgets for good what a redacted text once said. Raises AlreadyDecided when it is gone already."""
    gone, _ = Original.objects.filter(pk=counterpoint.pk).delete()
    if not gone:
        raise AlreadyDecided("There is no original any more.")
    return Decision.objects.create(
        counterpoint=counterpoint, by=by, from_state=counterpoint.state, to_state=Step.ERASED, reason=reason
    )
