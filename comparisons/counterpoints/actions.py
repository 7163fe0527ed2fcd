"""Sending a counterpoint, and deciding about it."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from comparisons.articles.models import Article
from comparisons.counterpoints.markdown import render
from comparisons.counterpoints.models import Counterpoint, Decision
from comparisons.pairings.models import Pairing
from comparisons.people.limits import Limit, count
from comparisons.people.models import User
from comparisons.people.visitor import Visitor


class AlreadyDecided(Exception):
    """Somebody else was first; the message is a sentence for the moderator."""


class TooManySent(Exception):
    """More than one network may send; the message is a sentence for the reader."""

    def __init__(self, reset_seconds: int) -> None:
        self.reset_seconds = reset_seconds
        minutes = max(1, ceil(reset_seconds / 60))
        wait = f"{minutes} minutes" if minutes > 1 else "a minute"
        super().__init__(
            f"Your network has sent as many counterpoints as it may for now. Your text stays here; "
            f"send it again in {wait}."
        )


class ReasonMissing(ValueError):
    """A rejection tells its author why."""


@dataclass(frozen=True, slots=True)
class Words:
    """What a reader has typed, already valid."""

    kind: str
    body: str
    name: str = ""
    link: str = ""
    answers_reviewer: str | None = None  # slug
    answers_side: str = ""


def submit(
    *,
    visitor: Visitor,
    words: Words,
    form_nonce: str,
    pairing: Pairing | None = None,
    article: Article | None = None,
    network: str = "",
    worked: bool = False,
) -> Counterpoint:
    """Keeps a text on a pairing or an article for the moderators. Raises TooManySent.

    The same text from the same form again is the same row. Only what comes from a `network` is limited;
    `worked`, its browser's proof of work, gives it a place before those without.
    """
    sent = Counterpoint.objects.filter(
        pairing=pairing, article=article, form_nonce=form_nonce, body=words.body
    )
    limit = Limit("counterpoints", *settings.COUNTERPOINTS_PER_NETWORK)
    if network and not (counted := count(limit, network)).allowed:
        # The second click of the last one that was allowed is no other counterpoint.
        if first := sent.first():
            return first
        raise TooManySent(counted.reset_seconds)
    counterpoint = Counterpoint(
        pairing=pairing,
        article=article,
        kind=words.kind,
        body=words.body,
        body_html=render(words.body),
        name=words.name,
        link=words.link,
        answers_reviewer_id=words.answers_reviewer,
        answers_side=words.answers_side,
        author_key=visitor.key("counterpoints"),
        form_nonce=form_nonce,
        proof_of_work=worked,
    )
    try:
        with transaction.atomic():
            counterpoint.save(force_insert=True)
    except IntegrityError:
        # A second click, or two requests at once: the database keeps one, whichever came first.
        first = sent.first()
        if first is None:
            raise
        return first
    return counterpoint


@transaction.atomic
def decide(
    *,
    counterpoint: Counterpoint,
    to: Counterpoint.State,
    by: User,
    reason: str = "",
    seen: Counterpoint.State = Counterpoint.State.PENDING,
) -> Decision:
    """Moves a counterpoint from the state its moderator has seen to another, and logs it.

    `to=PENDING` takes an earlier decision back. Raises AlreadyDecided, ReasonMissing.
    """
    if to == Counterpoint.State.REJECTED and not reason:
        raise ReasonMissing("Choose a reason: the author is told why.")
    decided_at = None if to == Counterpoint.State.PENDING else timezone.now()
    # The condition is the lock: of two moderators at once, one updates a row and the other none.
    moved = Counterpoint.objects.filter(pk=counterpoint.pk, state=seen).update(
        state=to, decided_at=decided_at
    )
    if moved != 1:
        now = Counterpoint.objects.filter(pk=counterpoint.pk).values_list("state", flat=True).first()
        raise AlreadyDecided(f"Somebody was faster: it is {now or 'gone'} now.")
    counterpoint.state, counterpoint.decided_at = to, decided_at
    return Decision.objects.create(
        counterpoint=counterpoint, by=by, from_state=seen, to_state=to, reason=reason
    )
