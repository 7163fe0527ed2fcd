"""A snapshot is what a reviewer read: its record and hash refuse to change, whoever asks."""

from django.db import migrations

# Deleting stays possible: a card goes with its snapshots. Rows that an UPDATE leaves as they are pass, so
# that a restore or a `save()` without changes does no harm.
FORWARD = """
CREATE FUNCTION card_snapshot_is_immutable() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'snapshot % of card % is immutable', OLD.id, OLD.card_id
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'snapshot_is_immutable';
END
$$;
CREATE TRIGGER snapshot_is_immutable BEFORE UPDATE ON comparisons_cardsnapshot
    FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*)
    EXECUTE FUNCTION card_snapshot_is_immutable();
"""
BACK = """
DROP TRIGGER snapshot_is_immutable ON comparisons_cardsnapshot;
DROP FUNCTION card_snapshot_is_immutable();
"""


class Migration(migrations.Migration):
    dependencies = [("comparisons", "0001_first")]

    operations = [migrations.RunSQL(FORWARD, BACK)]
