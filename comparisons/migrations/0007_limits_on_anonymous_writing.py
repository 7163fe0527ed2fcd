import django.db.models.deletion
from django.db import migrations, models

# How votes change: rows and counters in one statement, hence in one transaction and one trip. Functions, because
# PostgreSQL keeps their plans; planning such a statement takes it twice as long as running it.
#
# Locks come in one order everywhere (the voter's own row, then counters, of cards by id and of reviewers by slug),
# so votes queue for a moment at worst and never deadlock. A snapshot taken before another transaction's change is
# no danger: what is replaced is read from the row version that is locked, not from the snapshot.
FUNCTION = """
CREATE FUNCTION comparisons_vote_{name}(of_slug text, by_voter text{parameters}) RETURNS {returns}
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    -- What is taken away from a counter was once added to the same row: the shard hangs on the voter.
    of_shard smallint := ('x' || left(by_voter, 1))::bit(4)::int;
    answer {returns};
    of_pairing bigint;
    of_left bigint;
    of_right bigint;
BEGIN
    SELECT id, left_id, right_id INTO of_pairing, of_left, of_right FROM comparisons_pairing WHERE slug = of_slug;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    WITH {given}{moves}
    SELECT {answer} INTO answer;
    RETURN answer;
END
$$;
"""
CAST = """given AS (
        INSERT INTO comparisons_vote AS vote
            (pairing_id, voter_key, choice, previous, set_aside, created_at, changed_at)
        VALUES (of_pairing, by_voter, of_choice, '', reason, now(), now())
        ON CONFLICT (pairing_id, voter_key) DO UPDATE
            SET choice = excluded.choice, previous = vote.choice, changed_at = excluded.changed_at
            -- The same answer once more changes nothing and moves no counter.
            WHERE vote.choice <> excluded.choice
        RETURNING vote.choice AS now, vote.previous AS before, vote.set_aside
    )"""
# Why the vote does not count: as it was there before, or as it was made here or, this moment, by another request.
KEPT = """coalesce(
        (SELECT set_aside FROM given),
        (SELECT set_aside FROM comparisons_vote WHERE pairing_id = of_pairing AND voter_key = by_voter),
        reason
    )"""
TAKE_BACK = """given AS (
        DELETE FROM comparisons_vote WHERE pairing_id = of_pairing AND voter_key = by_voter
        RETURNING '' AS now, choice AS before, set_aside, NULL AS decided_now,
                  CASE WHEN set_aside = '' THEN decided_by_id END AS decided_before
    )"""
BRING_IN = """given AS (
        UPDATE comparisons_vote SET set_aside = ''
        WHERE pairing_id = of_pairing AND voter_key = by_voter AND set_aside <> ''
        RETURNING choice AS now, 'set_aside' AS before, set_aside, decided_by_id AS decided_now,
                  NULL AS decided_before
    )"""
DECIDE = """held AS (
        SELECT id, decided_by_id, set_aside FROM comparisons_vote
        WHERE pairing_id = of_pairing AND voter_key = by_voter FOR UPDATE
    ), given AS (
        UPDATE comparisons_vote AS vote SET decided_by_id = of_reviewer, decider_told = true
        FROM held WHERE vote.id = held.id
        RETURNING CASE WHEN held.set_aside = '' THEN vote.decided_by_id END AS decided_now,
                  CASE WHEN held.set_aside = '' THEN held.decided_by_id END AS decided_before
    )"""
# A new counter row starts from GREATEST(…), because PostgreSQL holds CHECK constraints against the proposed row
# even where the conflict turns it into an update.
MOVE_COUNTERS = """, moved AS (
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
        SELECT of_pairing, of_shard, GREATEST("left", 0), GREATEST("right", 0), GREATEST("both", 0),
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
        FROM moved, (VALUES (of_left, 'left'), (of_right, 'right')) AS sides (card_id, name)
    ), shipped AS (
        INSERT INTO comparisons_shipcount AS kept (card_id, shard, ships, n)
        SELECT card_id, of_shard, GREATEST(ships, 0), GREATEST(ships, n, 0)
        FROM side WHERE ships <> 0 OR n <> 0 ORDER BY card_id
        ON CONFLICT (card_id, shard) DO UPDATE SET
            ships = kept.ships + (SELECT ships FROM side WHERE side.card_id = excluded.card_id),
            n = kept.n + (SELECT n FROM side WHERE side.card_id = excluded.card_id)
    )"""
MOVE_DECIDERS = """, deciding AS (
        SELECT reviewer_id, sum(n) AS n FROM given,
            LATERAL (VALUES (given.decided_now, 1), (given.decided_before, -1)) AS each (reviewer_id, n)
        WHERE reviewer_id IS NOT NULL GROUP BY reviewer_id HAVING sum(n) <> 0
    ), decided AS (
        INSERT INTO comparisons_reviewercount AS kept (pairing_id, reviewer_id, shard, n)
        SELECT of_pairing, reviewer_id, of_shard, GREATEST(n, 0) FROM deciding ORDER BY reviewer_id
        ON CONFLICT (pairing_id, reviewer_id, shard) DO UPDATE
            SET n = kept.n + (SELECT n FROM deciding WHERE deciding.reviewer_id = excluded.reviewer_id)
    )"""
BOTH, CHANGED = MOVE_COUNTERS + MOVE_DECIDERS, "count(*) FROM given"  # how many votes it changed: 1 or 0
FUNCTIONS = [
    FUNCTION.format(
        name="cast", parameters=", of_choice text, reason text", returns="text",
        given=CAST, moves=MOVE_COUNTERS, answer=KEPT,
    ),
    FUNCTION.format(
        name="take_back", parameters="", returns="bigint", given=TAKE_BACK, moves=BOTH, answer=CHANGED
    ),
    FUNCTION.format(
        name="bring_in", parameters="", returns="bigint", given=BRING_IN, moves=BOTH, answer=CHANGED
    ),
    FUNCTION.format(
        name="decide", parameters=", of_reviewer text", returns="bigint",
        given=DECIDE, moves=MOVE_DECIDERS, answer=CHANGED,
    ),
]
NO_FUNCTIONS = "".join(
    f"DROP FUNCTION comparisons_vote_{name};" for name in ("cast", "take_back", "bring_in", "decide")
)

# The function of 0005: every statement that moves a counter of votes notes its pairing.
WATCH = """
CREATE TRIGGER page_change_votes AFTER INSERT OR UPDATE OR DELETE ON comparisons_reviewercount
    FOR EACH ROW EXECUTE FUNCTION page_change_votes();
"""
UNWATCH = "DROP TRIGGER page_change_votes ON comparisons_reviewercount;"


class Migration(migrations.Migration):
    dependencies = [("comparisons", "0006_newest_verdicts_of_a_card")]

    operations = [
        migrations.AddField(
            model_name="vote",
            name="decided_by",
            field=models.ForeignKey(
                db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+",
                to="comparisons.reviewer", to_field="slug",
            ),
        ),
        migrations.AddField(
            model_name="vote",
            name="decider_told",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddConstraint(
            model_name="vote",
            constraint=models.CheckConstraint(
                condition=models.Q(("decided_by__isnull", True), ("decider_told", True), _connector="OR"),
                name="vote_decided_by_a_reviewer_when_told",
            ),
        ),
        migrations.CreateModel(
            name="ReviewerCount",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("shard", models.PositiveSmallIntegerField()),
                ("n", models.IntegerField(default=0)),
                (
                    "pairing",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="+",
                        to="comparisons.pairing",
                    ),
                ),
                (
                    "reviewer",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="+",
                        to="comparisons.reviewer", to_field="slug",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("pairing", "reviewer", "shard"), name="reviewer_count_once_per_shard"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("shard__lt", 16)), name="reviewer_count_shard_below_16"
                    ),
                    models.CheckConstraint(condition=models.Q(("n__gte", 0)), name="reviewer_count_is_not_negative"),
                ],
            },
        ),
        migrations.RunSQL(WATCH, UNWATCH),
        migrations.RunSQL("".join(FUNCTIONS), NO_FUNCTIONS),
    ]
