"""The ballot: the one fragment of a comparison page that belongs to its reader."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection

from comparisons.pairings.models import Pairing
from comparisons.people.visitor import Visitor
from comparisons.votes import statements
from comparisons.votes.actions import NONE_OF_THEM
from comparisons.votes.counts import Counts
from comparisons.votes.models import voter_key


@dataclass(frozen=True, slots=True)
class Ballot:
    """What has been counted on a pairing, and what one visitor has said there."""

    votes: Counts
    own: str = ""  # "" for nothing yet
    set_aside: str = ""  # why the own vote is kept and not counted
    decider: str = ""  # slug of the reviewer who decided it, NONE_OF_THEM, "" for not told
    reviewers: tuple[tuple[str, str], ...] = ()  # slug and name of those who can be named


def ballot(pairing: Pairing, visitor: Visitor | None) -> Ballot:
    """In one query; none on a pairing that is not kept yet."""
    if pairing.pk is None:
        return Ballot(Counts())
    key = voter_key(pairing, visitor) if visitor else ""
    with connection.cursor() as cursor:
        cursor.execute(statements.BALLOT, {"pairing": pairing.pk, "key": key})
        *counts, own, reviewers = cursor.fetchone()
    choice, set_aside, told, decided_by = own or ("", "", False, None)
    return Ballot(
        votes=Counts(*map(int, counts)),
        own=choice,
        set_aside=set_aside,
        decider=(decided_by or NONE_OF_THEM) if told else "",
        # Without a verdict there is no paragraph that could have decided anything.
        reviewers=tuple((slug, name) for slug, name in reviewers or ()) if pairing.verdict_id else (),
    )
