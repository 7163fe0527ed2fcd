"""The outbox of published pages, and the triggers that fill it in the changing transactions themselves.

comparisons/publishing/dependencies.py says what each kind of change means.
"""

from django.db import migrations

from comparisons.publishing.triggers import watch

# No table of Django's: nothing in Python writes it, and it is read by transaction, which no field type knows.
OUTBOX = """
CREATE TABLE comparisons_pagechange (
    xact xid8 NOT NULL DEFAULT pg_current_xact_id(),
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    kind text NOT NULL,
    key text NOT NULL
);
CREATE INDEX page_change_by_transaction ON comparisons_pagechange (xact);
"""
NO_OUTBOX = "DROP TABLE comparisons_pagechange;"

# Votes come by the thousand and at once. Each notes its pairing's id with one plain insert: rows of their own,
# so that voters on one pairing do not queue, and no NOTIFY, because those of all sessions commit one after
# another. The web process that took the vote rings the bell, once for many.
VOTES = """
CREATE FUNCTION page_change_votes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO comparisons_pagechange (kind, key) VALUES ('votes', coalesce(NEW.pairing_id, OLD.pairing_id));
    RETURN NULL;
END
$$;
CREATE TRIGGER page_change_votes AFTER INSERT OR UPDATE OR DELETE ON comparisons_votecount
    FOR EACH ROW EXECUTE FUNCTION page_change_votes();
"""
NO_VOTES = "DROP TRIGGER page_change_votes ON comparisons_votecount; DROP FUNCTION page_change_votes();"

# `flush` and restores empty tables in one go, always this one among them.
EMPTIED = """
CREATE FUNCTION page_change_emptied() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO comparisons_pagechange (kind, key) VALUES ('everything', '');
    NOTIFY page_changes;
    RETURN NULL;
END
$$;
CREATE TRIGGER page_change_emptied AFTER TRUNCATE ON comparisons_card
    FOR EACH STATEMENT EXECUTE FUNCTION page_change_emptied();
"""
NOT_EMPTIED = "DROP TRIGGER page_change_emptied ON comparisons_card; DROP FUNCTION page_change_emptied();"

CARD = "(SELECT slug FROM comparisons_card WHERE id = each.card_id)"
PAIRING = "(SELECT slug FROM comparisons_pairing WHERE id = each.pairing_id)"
HEARD = (
    "(SELECT card.slug FROM comparisons_cardsnapshot snapshot JOIN comparisons_card card"
    " ON card.id = snapshot.card_id WHERE snapshot.id = each.snapshot_id)"
)
WATCHED = [
    watch("comparisons_card", "card", "each.slug"),
    # Lists of related pairings name cards on pages of others.
    watch("comparisons_card", "everything", columns=["slug", "name", "lab_id"], events=["update"]),
    watch("comparisons_lab", "everything", events=["update"]),
    watch("comparisons_cardsnapshot", "card", CARD),
    watch("comparisons_offer", "card", CARD),
    watch("comparisons_pairing", "pairing", "each.slug"),
    watch("comparisons_verdict", "verdict", PAIRING),
    watch("comparisons_pick", "verdict", PAIRING),
    watch("comparisons_review", "review", HEARD),
    # A verdict's page shows the reviews it was made of, and those may be corrected or erased.
    watch("comparisons_review", "card", HEARD, events=["update", "delete"]),
    watch("comparisons_reviewer", "everything"),
    # Nobody sees the others, and they come from everybody.
    watch("comparisons_counterpoint", "pairing", PAIRING, condition="each.state = 'approved'"),
]


class Migration(migrations.Migration):
    dependencies = [("comparisons", "0004_articles_and_bookmarks")]

    operations = [
        migrations.RunSQL(OUTBOX, NO_OUTBOX),
        migrations.RunSQL(VOTES, NO_VOTES),
        migrations.RunSQL(EMPTIED, NOT_EMPTIED),
        *(migrations.RunSQL(forward, back) for forward, back in WATCHED),
    ]
