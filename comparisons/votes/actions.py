"""Casting a vote: the one door through which vote rows and their counters change."""

from __future__ import annotations

from typing import Literal, get_args

from django.db import connection

from comparisons.pairings.models import Pairing
from comparisons.people.visitor import Visitor
from comparisons.votes.models import voter_key

Choice = Literal["left", "right", "both", "neither", "none"]

# Row and counters change in one statement, hence in one transaction and one trip, so the counts equal the
# rows always. Its locks come in one order everywhere (the voter's own row, the cards by id, the pairing's
# counter), so votes queue for a moment at worst and never deadlock.
CAST = """
WITH given AS (
    INSERT INTO comparisons_vote AS vote
        (pairing_id, voter_key, choice, previous, set_aside, created_at, changed_at)
    VALUES (%(pairing)s, %(key)s, %(choice)s, '', %(set_aside)s, now(), now())
    ON CONFLICT (pairing_id, voter_key) DO UPDATE
        SET choice = excluded.choice, previous = vote.choice, changed_at = excluded.changed_at
        -- The same answer once more changes nothing and moves no counter.
        WHERE vote.choice <> excluded.choice
    RETURNING vote.choice AS now, vote.previous AS before, vote.set_aside
)"""
# A snapshot taken before another transaction's change is no danger to either statement: both read what they
# replace from the row version they have locked, not from the snapshot.
TAKE_BACK = """
WITH given AS (
    DELETE FROM comparisons_vote WHERE pairing_id = %(pairing)s AND voter_key = %(key)s
    RETURNING '' AS now, choice AS before, set_aside
)"""
# A new counter row starts from GREATEST(…), because PostgreSQL holds CHECK constraints against the proposed
# row even where the conflict turns it into an update. What is taken away was once added to the same row: the
# shard hangs on the voter.
MOVE_COUNTERS = """
, moved AS (
    SELECT CASE WHEN set_aside = '' OR now = '' THEN now ELSE 'set_aside' END AS now,
           CASE WHEN set_aside = '' OR before = '' THEN before ELSE 'set_aside' END AS before
    FROM given
), change AS (
    SELECT (now = 'left')::int - (before = 'left')::int AS "left",
           (now = 'right')::int - (before = 'right')::int AS "right",
           (now = 'both')::int - (before = 'both')::int AS "both",
           (now = 'neither')::int - (before = 'neither')::int AS neither,
           (now = 'set_aside')::int - (before = 'set_aside')::int AS set_aside
    FROM moved
), counted AS (
    INSERT INTO comparisons_votecount AS kept (pairing_id, shard, "left", "right", "both", neither, set_aside)
    SELECT %(pairing)s, %(shard)s, GREATEST("left", 0), GREATEST("right", 0), GREATEST("both", 0),
           GREATEST(neither, 0), GREATEST(set_aside, 0)
    FROM change
    ON CONFLICT (pairing_id, shard) DO UPDATE SET
        "left" = kept."left" + (SELECT "left" FROM change),
        "right" = kept."right" + (SELECT "right" FROM change),
        "both" = kept."both" + (SELECT "both" FROM change),
        neither = kept.neither + (SELECT neither FROM change),
        set_aside = kept.set_aside + (SELECT set_aside FROM change)
), side AS (
    SELECT card_id,
           (now IN (name, 'both'))::int - (before IN (name, 'both'))::int AS ships,
           (now NOT IN ('', 'set_aside'))::int - (before NOT IN ('', 'set_aside'))::int AS n
    FROM moved, (VALUES (%(left)s::bigint, 'left'), (%(right)s::bigint, 'right')) AS sides (card_id, name)
)
INSERT INTO comparisons_shipcount AS kept (card_id, shard, ships, n)
SELECT card_id, %(shard)s, GREATEST(ships, 0), GREATEST(ships, n, 0)
FROM side WHERE ships <> 0 OR n <> 0 ORDER BY card_id
ON CONFLICT (card_id, shard) DO UPDATE SET
    ships = kept.ships + (SELECT ships FROM side WHERE side.card_id = excluded.card_id),
    n = kept.n + (SELECT n FROM side WHERE side.card_id = excluded.card_id)
"""


class NoSuchChoice(ValueError):
    """An answer that no button gives; the message is a sentence for the reader."""


def read_choice(word: str) -> Choice:
    """Raises NoSuchChoice."""
    for choice in get_args(Choice):
        if word == choice:
            return choice  # type: ignore[no-any-return]  # get_args forgets what it was asked about
    raise NoSuchChoice("Choose one of the four buttons; that answer is none of them.")


def cast(*, pairing: Pairing, visitor: Visitor, choice: Choice, set_aside: str = "") -> None:
    """Makes `choice` the visitor's one answer on this pairing; "none" takes it back. Twice is once.

    `set_aside` is a Vote.Reason for a new vote that is kept without being counted; a change of mind later
    does not bring it in.
    """
    key = voter_key(pairing, visitor)
    with connection.cursor() as cursor:
        cursor.execute(
            (TAKE_BACK if choice == "none" else CAST) + MOVE_COUNTERS,
            {
                "pairing": pairing.pk,
                "left": pairing.left_id,
                "right": pairing.right_id,
                "key": key,
                "shard": int(key[0], 16),
                "choice": choice,
                "set_aside": set_aside,
            },
        )
