"""Casting a vote: the one door through which vote rows and their counters change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, get_args

from django.conf import settings
from django.db import connection

from comparisons.pairings.addresses import kept, pairing_at
from comparisons.pairings.models import Pairing
from comparisons.people.limits import Limit, count
from comparisons.people.visitor import Visitor
from comparisons.people.work import challenge, proves
from comparisons.reviews.models import Reviewer
from comparisons.votes.admission import Admission, admission
from comparisons.votes.models import Vote, voter_key

Choice = Literal["left", "right", "both", "neither", "none"]
NONE_OF_THEM = "none"  # who decided it: no reviewer's slug
_CALLS = {
    "cast": "SELECT comparisons_vote_cast(%s, %s, %s, %s)",
    "take_back": "SELECT comparisons_vote_take_back(%s, %s)",
    "bring_in": "SELECT comparisons_vote_bring_in(%s, %s)",
    "decide": "SELECT comparisons_vote_decide(%s, %s, %s)",
}


class NoSuchChoice(ValueError):
    """An answer that no button gives; the message is a sentence for the reader."""


class NoSuchDecider(ValueError):
    """Nobody on the panel; the message is a sentence for the reader."""


class NoVoteYet(Exception):
    """Nobody decided anything for somebody who has not voted; the message is a sentence for the reader."""

    def __init__(self) -> None:
        super().__init__("Vote first; then say whose paragraph decided it.")


@dataclass(frozen=True, slots=True)
class Given:
    """What became of a vote: never nothing."""

    set_aside: str  # a Vote.Reason why it is kept and not counted; "" when it counts
    work: dict[str, Any] | None = None  # the challenge that would make it count

    @property
    def counts(self) -> bool:
        return not self.set_aside


def read_choice(word: str) -> Choice:
    """Raises NoSuchChoice."""
    for choice in get_args(Choice):
        if word == choice:
            return choice  # type: ignore[no-any-return]  # get_args forgets what it was asked about
    raise NoSuchChoice("Choose one of the four buttons; that answer is none of them.")


def give(*, pairing: Pairing, visitor: Visitor, choice: Choice, network: str, work: str = "") -> Given:
    """The visitor's answer from a network, within its limits: it counts, or it is kept and set aside.

    `work` is a solved challenge from an earlier answer. A vote that counts goes on counting however often it
    is changed, and one that was set aside counts once it is given again within the limits.
    Raises NoSuchPairing.
    """
    if choice == "none":
        cast(pairing=pairing, visitor=visitor, choice=choice)
        return Given("")
    purpose = f"{voter_key(pairing, visitor)} votes"
    admitted = _admission(network, worked=bool(work) and proves(work, purpose))
    counts = admitted is Admission.COUNTED
    reason = "" if counts else Vote.Reason.TOO_MANY
    aside = cast(pairing=pairing, visitor=visitor, choice=choice, set_aside=reason)
    if aside and counts:
        bring_in(pairing=pairing, visitor=visitor)
        aside = ""
    return Given(aside, challenge(purpose) if aside and admitted is Admission.ASK_WORK else None)


def _admission(network: str, *, worked: bool) -> Admission:
    """Counts the vote against the limits; one that comes back with its work was counted when it was asked."""
    free = not worked and count(Limit("votes", *settings.VOTES_PER_NETWORK), network).allowed
    more = Limit("votes with work", *settings.VOTES_PER_NETWORK_WITH_WORK)
    with_work = not worked and not free and count(more, network).allowed
    return admission(free=free, worked=worked, with_work=with_work)


def cast(*, pairing: Pairing, visitor: Visitor, choice: Choice, set_aside: str = "") -> str:
    """Makes `choice` the visitor's one answer on this pairing; "none" takes it back. Twice is once.

    `set_aside` is a Vote.Reason for a new vote that is kept without being counted; a change of mind does not
    alter whether a vote counts. Answers with the reason why it does not, "" when it does. Of the pairing only
    its slug is read; a first vote makes its row. Raises NoSuchPairing.
    """
    if choice == "none":
        if _call("take_back", pairing, visitor) is None:
            pairing_at(pairing.slug)
        return ""
    found = _call("cast", pairing, visitor, choice, set_aside)
    if found is None:
        kept(pairing_at(pairing.slug))
        found = _call("cast", pairing, visitor, choice, set_aside)
    return str(found)


def bring_in(*, pairing: Pairing, visitor: Visitor) -> bool:
    """Counts a vote that was set aside; whether there was one."""
    return _call("bring_in", pairing, visitor) == 1


def reviewer_named(word: str) -> Reviewer | None:
    """Who is meant by a slug; None for NONE_OF_THEM. Raises NoSuchDecider."""
    if word == NONE_OF_THEM:
        return None
    reviewer = Reviewer.objects.filter(active=True, slug=word).first() if "\x00" not in word else None
    if reviewer is None:
        raise NoSuchDecider("Choose one of the reviewers, or none of them.")
    return reviewer


def decide(*, pairing: Pairing, visitor: Visitor, reviewer: Reviewer | None) -> None:
    """Notes whose paragraph decided the visitor's vote; None is an answer too. Raises NoVoteYet."""
    if _call("decide", pairing, visitor, reviewer.slug if reviewer else None) != 1:
        raise NoVoteYet


def _call(change: str, pairing: Pairing, visitor: Visitor, *values: str | None) -> object:
    """What one of the functions of migration 0007 answers; None on a pairing that has no row."""
    with connection.cursor() as cursor:
        cursor.execute(_CALLS[change], [pairing.slug, voter_key(pairing, visitor), *values])
        return cursor.fetchone()[0]
