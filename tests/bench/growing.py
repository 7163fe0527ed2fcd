"""Pairings, verdicts and votes by the hundred thousand, written by PostgreSQL: one statement a table."""

from __future__ import annotations

from hashlib import sha256

from django.db import connection

RUBRIC = sha256(b"rubric").hexdigest()
# Hashes instead of random(): the same database each time.
HASH = "(hashint8({}) & 2147483647)"
REVIEWS = f"""
INSERT INTO comparisons_review (snapshot_id, reviewer_id, persona_sha, judge_key, judge_kind, judge_label,
    sample, receipts, heard_at, score, ship, paragraph, answers, points, flagged)
SELECT snapshot.id, reviewer.slug, repeat('a', 64), '{RUBRIC}', 'rubric', 'Rubric v1', 0, '{{}}',
       now() - interval '1 day', score, score >= 60, repeat('It does what its card says. ', 12),
       '{{"first": "A plain answer."}}', '[]', ''
  FROM comparisons_cardsnapshot AS snapshot CROSS JOIN comparisons_reviewer AS reviewer,
       LATERAL (SELECT {HASH.format("snapshot.id * 7 + reviewer.id")} % 101 AS score) AS given
ON CONFLICT DO NOTHING
"""
# A few pairings are all pairs of a few cards: lists of theirs are as full as they will be with many.
PAIRINGS = f"""
INSERT INTO comparisons_pairing (left_id, right_id, slug, featured, created_at)
WITH turn AS (SELECT id, slug, row_number() OVER (ORDER BY {HASH.format("id * 31")}) AS at
                FROM comparisons_card)
SELECT one.id, other.id, one.slug || '-vs-' || other.slug, false, now()
  FROM turn AS one JOIN turn AS other ON one.id < other.id
 ORDER BY greatest(one.at, other.at), hashint8(one.id * 100003 + other.id) LIMIT %s
ON CONFLICT DO NOTHING
"""
VERDICTS = f"""
INSERT INTO comparisons_verdict (pairing_id, left_snapshot_id, right_snapshot_id, formula_version, outcome,
    side, left_ships, left_n, left_score, right_ships, right_n, right_score, wins_left, wins_right,
    median_difference, judge_kinds, judge_labels, fell_back_from, provisional, published_at)
SELECT pairing.id, one.snapshot_id, other.snapshot_id, '1', outcome,
       CASE WHEN outcome NOT IN ('clear', 'lean') THEN '' WHEN dice % 2 = 0 THEN 'left' ELSE 'right' END,
       dice % 5, 4, 70, dice / 7 % 5, 4, 60, 2, 1,
       CASE WHEN outcome <> 'none' THEN (dice / 11 % 400 - 200) / 10.0 END,
       CASE WHEN dice % 50 = 0 THEN '{{mistral,rubric}}'
            WHEN dice % 50 < 5 THEN '{{mistral}}' ELSE '{{rubric}}' END::varchar[],
       '{{"Rubric v1"}}', '', dice % 50 = 0, now() - dice % 31536000 * interval '1 second'
  FROM comparisons_pairing AS pairing
  JOIN comparisons_card AS one ON one.id = left_id JOIN comparisons_card AS other ON other.id = right_id,
       LATERAL (SELECT {HASH.format("pairing.id")} AS dice) AS thrown,
       LATERAL (SELECT (ARRAY['clear', 'clear', 'lean', 'lean', 'lean', 'toss_up', 'toss_up', 'toss_up',
                              'split', 'none'])[1 + dice / 3 % 10] AS outcome) AS called
 WHERE pairing.verdict_id IS NULL
"""
CURRENT = """
UPDATE comparisons_pairing SET verdict_id = verdict.id
  FROM comparisons_verdict AS verdict
 WHERE verdict.pairing_id = comparisons_pairing.id AND superseded_at IS NULL AND verdict_id IS NULL
"""
# One pairing in fifty was judged before, half a year earlier.
EARLIER = f"""
INSERT INTO comparisons_verdict (pairing_id, left_snapshot_id, right_snapshot_id, formula_version, outcome,
    side, left_ships, left_n, left_score, right_ships, right_n, right_score, wins_left, wins_right,
    median_difference, judge_kinds, judge_labels, fell_back_from, provisional, published_at, superseded_at)
SELECT pairing_id, left_snapshot_id, right_snapshot_id, formula_version, outcome, side, left_ships, left_n,
       left_score, right_ships, right_n, right_score, wins_left, wins_right, median_difference, judge_kinds,
       judge_labels, fell_back_from, provisional, published_at - interval '180 days', published_at
  FROM comparisons_verdict AS standing
 WHERE superseded_at IS NULL AND {HASH.format("pairing_id * 13")} % 50 = 0
   AND NOT EXISTS (SELECT FROM comparisons_verdict AS earlier
                    WHERE earlier.pairing_id = standing.pairing_id AND superseded_at IS NOT NULL)
"""
LINKED = (
    "(SELECT * FROM comparisons_verdict WHERE superseded_at IS NULL ORDER BY id DESC LIMIT 20000) AS verdict"
)
VERDICT_REVIEWS = f"""
INSERT INTO comparisons_verdict_reviews (verdict_id, review_id)
SELECT verdict.id, review.id FROM {LINKED}
  JOIN comparisons_review AS review ON review.snapshot_id IN (left_snapshot_id, right_snapshot_id)
ON CONFLICT DO NOTHING
"""
PICKS = f"""
INSERT INTO comparisons_pick (reviewer_id, persona_sha, judge_key, judge_kind, judge_label, sample, receipts,
    heard_at, pairing_id, left_snapshot_id, right_snapshot_id, choice, why, changed_with_order)
SELECT reviewer.slug, repeat('a', 64), '{RUBRIC}', 'rubric', 'Rubric v1', 0, '{{}}', verdict.published_at,
       verdict.pairing_id, verdict.left_snapshot_id, verdict.right_snapshot_id,
       (ARRAY['left', 'right', 'toss_up'])[1 + {HASH.format("verdict.id * 5 + reviewer.id")} % 3],
       'Because.', false
  FROM {LINKED} CROSS JOIN comparisons_reviewer AS reviewer
ON CONFLICT DO NOTHING
"""
VERDICT_PICKS = """
INSERT INTO comparisons_verdict_picks (verdict_id, pick_id)
SELECT verdict.id, pick.id FROM comparisons_pick AS pick
  JOIN comparisons_verdict AS verdict ON verdict.pairing_id = pick.pairing_id AND superseded_at IS NULL
ON CONFLICT DO NOTHING
"""
VOTES = f"""
INSERT INTO comparisons_vote (pairing_id, voter_key, choice, previous, set_aside, created_at, changed_at)
SELECT id, encode(sha256((id || ' ' || n)::bytea), 'hex'),
       (ARRAY['left', 'right', 'both', 'neither'])[1 + {HASH.format("id * 3 + n")} % 4], '', '', at, at
  FROM comparisons_pairing CROSS JOIN generate_series(1, 2) AS n,
       LATERAL (SELECT now() - {HASH.format("id * 11 + n")} % 31536000 * interval '1 second' AS at) AS cast_at
 ORDER BY at
ON CONFLICT DO NOTHING
"""
SHARD = "('x' || left(voter_key, 1))::bit(4)::int"
EMPTY_COUNTS = "TRUNCATE comparisons_votecount, comparisons_shipcount"
VOTE_COUNTS = f"""
INSERT INTO comparisons_votecount (pairing_id, shard, "left", "right", "both", neither, set_aside)
SELECT pairing_id, {SHARD}, count(*) FILTER (WHERE choice = 'left'), count(*) FILTER (WHERE choice = 'right'),
       count(*) FILTER (WHERE choice = 'both'), count(*) FILTER (WHERE choice = 'neither'), 0
  FROM comparisons_vote GROUP BY 1, 2
"""
SHIP_COUNTS = f"""
INSERT INTO comparisons_shipcount (card_id, shard, ships, n)
SELECT card_id, {SHARD}, count(*) FILTER (WHERE choice IN (side, 'both')), count(*)
  FROM comparisons_vote JOIN comparisons_pairing AS pairing ON pairing.id = pairing_id,
       LATERAL (VALUES (left_id, 'left'), (right_id, 'right')) AS sides (card_id, side)
 GROUP BY 1, 2
"""
COUNTERPOINTS = f"""
INSERT INTO comparisons_counterpoint (pairing_id, kind, body, body_html, name, link, answers_reviewer_id,
    answers_side, state, author_key, private_token, form_nonce, proof_of_work, created_at, decided_at)
SELECT id, (ARRAY['push_back', 'extend', 'sharpen'])[1 + dice / 25 % 3], repeat('x', 40), '<p>A thought.</p>',
       '', '', (ARRAY['skeptic', 'builder', NULL])[1 + dice / 7 % 3], '', state,
       encode(sha256((dice % 900)::text::bytea), 'hex'), 'token-' || id, 'nonce-' || id, false, sent_at,
       CASE WHEN state <> 'pending' THEN sent_at + interval '1 hour' END
  FROM comparisons_pairing,
       LATERAL (SELECT {HASH.format("id")} AS dice) AS thrown,
       LATERAL (SELECT now() - dice / 25 % 31536000 * interval '1 second' AS sent_at,
                       (ARRAY['approved', 'approved', 'approved', 'rejected', 'spam', 'spam', 'pending',
                              'approved', 'approved', 'spam'])[1 + dice / 75 % 10] AS state) AS sent
 WHERE dice % 25 = 0
ON CONFLICT DO NOTHING
"""
STATEMENTS = (
    REVIEWS, VERDICTS, CURRENT, EARLIER, VERDICT_REVIEWS, PICKS, VERDICT_PICKS, VOTES, EMPTY_COUNTS,
    VOTE_COUNTS, SHIP_COUNTS, COUNTERPOINTS,
)  # fmt: skip


def grow(pairings: int) -> None:
    """Up to that many pairings of the cards there are, each judged and voted on twice."""
    with connection.cursor() as cursor:
        # No triggers: checks and notes of changes would take most of the time.
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(PAIRINGS, [pairings])
        for statement in STATEMENTS:
            cursor.execute(statement)
        cursor.execute("SET session_replication_role = DEFAULT")
        cursor.execute("VACUUM ANALYZE")
