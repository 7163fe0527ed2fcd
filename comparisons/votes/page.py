"""The ballot: the one fragment of a comparison page that belongs to its reader."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection

from comparisons.pairings.addresses import pairing_at
from comparisons.pairings.models import Pairing
from comparisons.pairings.page import told_apart
from comparisons.people.visitor import Visitor
from comparisons.votes.actions import NONE_OF_THEM
from comparisons.votes.counts import Counts
from comparisons.votes.models import voter_key

# In one trip: the names, the counts, the visitor's own vote, and who could have decided it.
_ASK = """
SELECT (SELECT name FROM comparisons_card WHERE id = pairing.left_id),
       (SELECT name FROM comparisons_card WHERE id = pairing.right_id),
       (SELECT json_build_array(sum("left"), sum("right"), sum("both"), sum(neither), sum(set_aside))
        FROM comparisons_votecount WHERE pairing_id = pairing.id),
       (SELECT json_build_array(choice, set_aside, decider_told, decided_by_id) FROM comparisons_vote
        WHERE pairing_id = pairing.id AND voter_key = %s),
       -- Without a verdict there is no paragraph that could have decided anything.
       (SELECT json_agg(json_build_array(slug, name) ORDER BY position, slug) FROM comparisons_reviewer
        WHERE active AND pairing.verdict_id IS NOT NULL)
FROM comparisons_pairing pairing WHERE slug = %s
"""


@dataclass(frozen=True, slots=True)
class Ballot:
    """What has been counted on a pairing, and what one visitor has said there."""

    names: tuple[str, str]  # of both cards, told apart
    votes: Counts
    own: str = ""  # "" for nothing yet
    set_aside: str = ""  # why the own vote is kept and not counted
    decider: str = ""  # slug of the reviewer who decided it, NONE_OF_THEM, "" for not told
    reviewers: tuple[tuple[str, str], ...] = ()  # slug and name of those who can be named


def ballot(slug: str, visitor: Visitor | None) -> Ballot:
    """In one query where the pairing is kept. Raises NoSuchPairing."""
    key = voter_key(Pairing(slug=slug), visitor) if visitor else ""
    with connection.cursor() as cursor:
        cursor.execute(_ASK, [key, slug])
        found = cursor.fetchone()
    if found is None:
        return Ballot(_told_apart(slug), Counts())
    left, right, counts, own, reviewers = found
    choice, set_aside, told, decided_by = own or ("", "", False, None)
    return Ballot(
        # What else tells two cards of one name apart is worth a look at them only then.
        names=_told_apart(slug) if left.casefold() == right.casefold() else (left, right),
        votes=Counts(*(count or 0 for count in counts)),
        own=choice,
        set_aside=set_aside,
        decider=(decided_by or NONE_OF_THEM) if told else "",
        reviewers=tuple((slug, name) for slug, name in reviewers or ()),
    )


def _told_apart(slug: str) -> tuple[str, str]:
    pairing = pairing_at(slug)
    return told_apart(pairing.left, pairing.right)
