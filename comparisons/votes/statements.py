"""The SQL of votes. Rows and counters change in one statement, hence in one transaction and one trip.

Its locks come in one order everywhere (the voter's own row, then counters, of cards by id and of reviewers by
slug), so votes queue for a moment at worst and never deadlock. `%(shard)s` hangs on the voter: what is taken
away from a counter was once added to the same row.
"""

_CAST = """
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
# A snapshot taken before another transaction's change is no danger to these statements: they read what they
# replace from the row version they have locked, not from the snapshot.
_TAKE_BACK = """
WITH given AS (
    DELETE FROM comparisons_vote WHERE pairing_id = %(pairing)s AND voter_key = %(key)s
    RETURNING '' AS now, choice AS before, set_aside, NULL AS decided_now,
              CASE WHEN set_aside = '' THEN decided_by_id END AS decided_before
)"""
_BRING_IN = """
WITH given AS (
    UPDATE comparisons_vote SET set_aside = ''
    WHERE pairing_id = %(pairing)s AND voter_key = %(key)s AND set_aside <> ''
    RETURNING choice AS now, 'set_aside' AS before, set_aside, decided_by_id AS decided_now,
              NULL AS decided_before
)"""
_DECIDE = """
WITH held AS (
    SELECT id, decided_by_id, set_aside FROM comparisons_vote
    WHERE pairing_id = %(pairing)s AND voter_key = %(key)s FOR UPDATE
), given AS (
    UPDATE comparisons_vote AS vote SET decided_by_id = %(reviewer)s, decider_told = true
    FROM held WHERE vote.id = held.id
    RETURNING CASE WHEN held.set_aside = '' THEN vote.decided_by_id END AS decided_now,
              CASE WHEN held.set_aside = '' THEN held.decided_by_id END AS decided_before
)"""

# A new counter row starts from GREATEST(…), because PostgreSQL holds CHECK constraints against the proposed
# row even where the conflict turns it into an update.
_MOVE_COUNTERS = """
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
), shipped AS (
    INSERT INTO comparisons_shipcount AS kept (card_id, shard, ships, n)
    SELECT card_id, %(shard)s, GREATEST(ships, 0), GREATEST(ships, n, 0)
    FROM side WHERE ships <> 0 OR n <> 0 ORDER BY card_id
    ON CONFLICT (card_id, shard) DO UPDATE SET
        ships = kept.ships + (SELECT ships FROM side WHERE side.card_id = excluded.card_id),
        n = kept.n + (SELECT n FROM side WHERE side.card_id = excluded.card_id)
)"""
_MOVE_DECIDERS = """
, deciding AS (
    SELECT reviewer_id, sum(n) AS n FROM given,
        LATERAL (VALUES (given.decided_now, 1), (given.decided_before, -1)) AS each (reviewer_id, n)
    WHERE reviewer_id IS NOT NULL GROUP BY reviewer_id HAVING sum(n) <> 0
), decided AS (
    INSERT INTO comparisons_reviewercount AS kept (pairing_id, reviewer_id, shard, n)
    SELECT %(pairing)s, reviewer_id, %(shard)s, GREATEST(n, 0) FROM deciding ORDER BY reviewer_id
    ON CONFLICT (pairing_id, reviewer_id, shard) DO UPDATE
        SET n = kept.n + (SELECT n FROM deciding WHERE deciding.reviewer_id = excluded.reviewer_id)
)"""
_CHANGED = "\nSELECT count(*) FROM given"

_KEPT = """
SELECT set_aside FROM given
UNION ALL
SELECT set_aside FROM comparisons_vote
WHERE pairing_id = %(pairing)s AND voter_key = %(key)s AND NOT EXISTS (SELECT FROM given)
"""
# Answers with why the vote does not count ("" when it does), also where it was there before and stays.
CAST = _CAST + _MOVE_COUNTERS + _KEPT
# These answer with how many votes they changed: 1 or 0.
TAKE_BACK = _TAKE_BACK + _MOVE_COUNTERS + _MOVE_DECIDERS + _CHANGED
BRING_IN = _BRING_IN + _MOVE_COUNTERS + _MOVE_DECIDERS + _CHANGED
DECIDE = _DECIDE + _MOVE_DECIDERS + _CHANGED

# What a ballot shows, in one trip: the counts, the visitor's own vote, and who could have decided it.
BALLOT = """
SELECT coalesce(sum("left"), 0), coalesce(sum("right"), 0), coalesce(sum("both"), 0),
       coalesce(sum(neither), 0), coalesce(sum(set_aside), 0),
       (SELECT json_build_array(choice, set_aside, decider_told, decided_by_id) FROM comparisons_vote
        WHERE pairing_id = %(pairing)s AND voter_key = %(key)s),
       (SELECT json_agg(json_build_array(slug, name) ORDER BY position, slug) FROM comparisons_reviewer
        WHERE active)
FROM comparisons_votecount WHERE pairing_id = %(pairing)s
"""
