"""What keeps lists and searches quick with a thousand cards and half a million pairings (tests/bench/growth.py)."""

import django.contrib.postgres.indexes
import django.db.models.expressions
import django.db.models.functions.comparison
import django.db.models.functions.math
from decimal import Decimal
from django.db import migrations, models


# Cards that words are near to, slips of the finger included, nearest first. PostgreSQL takes the comparison of
# trigrams for as cheap as that of two numbers, so up to some thousands of cards it would rather compare with each
# (1.7 ms for a thousand) than ask the index (0.2 ms), hence enable_seqscan. The threshold is not another SET of
# the function: an account that is no superuser may not restore such a function from a dump.
NEAR = """
CREATE FUNCTION cards_near(asked text, most integer)
    RETURNS TABLE (card_id bigint, nearness real, place bigint) LANGUAGE plpgsql
    SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    before text := coalesce(current_setting('pg_trgm.word_similarity_threshold', true), '0.6');
BEGIN
    PERFORM set_config('pg_trgm.word_similarity_threshold', '0.4', true);
    RETURN QUERY
        SELECT found.id, found.near, row_number() OVER ()
          FROM (SELECT card.id, word_similarity(asked, card.search_text) AS near
                  FROM comparisons_card AS card
                 WHERE card.search_text %> asked AND card.snapshot_id IS NOT NULL
                 ORDER BY near DESC, card.release_date DESC, card.name, card.id LIMIT most) AS found;
    PERFORM set_config('pg_trgm.word_similarity_threshold', before, true);
END
$$;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('comparisons', '0013_pick_flagged'),
    ]

    operations = [
        migrations.RunSQL(NEAR, "DROP FUNCTION cards_near(text, integer)"),
        migrations.RemoveIndex(
            model_name='verdict',
            name='verdict_newest',
        ),
        migrations.RemoveIndex(
            model_name='verdict',
            name='verdict_current_by_outcome',
        ),
        migrations.RemoveIndex(
            model_name='verdict',
            name='verdict_current_by_nearness',
        ),
        migrations.RemoveIndex(
            model_name='verdict',
            name='verdict_current_of_mixed',
        ),
        migrations.AddIndex(
            model_name='counterpoint',
            index=models.Index(condition=models.Q(('state', 'approved')), fields=['-created_at', '-id'], name='counterpoint_newest'),
        ),
        migrations.AddIndex(
            model_name='counterpoint',
            index=models.Index(condition=models.Q(('article__isnull', False), ('state', 'approved')), fields=['article', '-created_at', '-id'], name='counterpoint_on_article'),
        ),
        migrations.AddIndex(
            model_name='pairing',
            index=models.Index(condition=models.Q(('featured', True)), fields=['slug'], name='pairing_featured'),
        ),
        migrations.AddIndex(
            model_name='review',
            index=models.Index(fields=['judge_key', 'snapshot', 'reviewer', '-heard_at', '-id'], include=('score', 'judge_label'), name='review_scores'),
        ),
        migrations.AddIndex(
            model_name='verdict',
            index=models.Index(fields=['-published_at', '-id'], include=('left_snapshot', 'right_snapshot', 'superseded_at'), name='verdict_newest'),
        ),
        migrations.AddIndex(
            model_name='verdict',
            index=models.Index(condition=models.Q(('superseded_at__isnull', True)), fields=['outcome', '-published_at', '-id'], include=('left_snapshot', 'right_snapshot'), name='verdict_current_by_outcome'),
        ),
        migrations.AddIndex(
            model_name='verdict',
            index=models.Index(django.db.models.expressions.CombinedExpression(models.Value(-1), '*', django.db.models.functions.comparison.Coalesce(django.db.models.functions.math.Abs('median_difference'), models.Value(Decimal('1000')))), models.F('published_at'), models.F('id'), condition=models.Q(('superseded_at__isnull', True)), include=('left_snapshot', 'right_snapshot', 'median_difference', 'outcome'), name='verdict_current_by_nearness'),
        ),
        migrations.AddIndex(
            model_name='verdict',
            index=models.Index(condition=models.Q(('provisional', True), ('superseded_at__isnull', True)), fields=['-published_at', '-id'], include=('left_snapshot', 'right_snapshot'), name='verdict_current_of_mixed'),
        ),
        migrations.AddIndex(
            model_name='verdict',
            index=models.Index(condition=models.Q(('superseded_at__isnull', True), models.Q(('judge_kinds__contains', ['rubric']), _negated=True)), fields=['-published_at', '-id'], include=('left_snapshot', 'right_snapshot'), name='verdict_current_by_model'),
        ),
        migrations.AddIndex(
            model_name='verdict',
            index=models.Index(condition=models.Q(('judge_kinds', ['rubric']), ('superseded_at__isnull', True)), fields=['-published_at', '-id'], include=('left_snapshot', 'right_snapshot'), name='verdict_current_by_rubric'),
        ),
        migrations.AddIndex(
            model_name='verdict',
            index=models.Index(condition=models.Q(('superseded_at__isnull', False)), fields=['-published_at', '-id'], include=('left_snapshot', 'right_snapshot'), name='verdict_superseded'),
        ),
        migrations.AddIndex(
            model_name='vote',
            index=django.contrib.postgres.indexes.BrinIndex(autosummarize=True, fields=['created_at'], name='vote_by_date'),
        ),
    ]
