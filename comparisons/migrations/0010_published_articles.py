"""Articles are published pages too: what they are made of is watched. And indexes for lists that grow."""

from decimal import Decimal

from django.db import migrations, models
from django.db.models.expressions import CombinedExpression
from django.db.models.functions import Abs, Coalesce

from comparisons.publishing.triggers import watch

ARTICLE = "(SELECT slug FROM comparisons_article WHERE id = each.article_id)"
# Nobody sees a draft, and it is saved often.
SEEN = "(SELECT state FROM comparisons_article WHERE id = each.article_id) = 'published'"
WATCHED = [
    watch("comparisons_article", "article", "each.slug", condition="each.state = 'published'"),
    watch("comparisons_agednote", "article", ARTICLE, condition=SEEN),
    watch("comparisons_relatedcard", "article", ARTICLE, condition=SEEN),
    watch(
        "comparisons_counterpoint",
        "article",
        ARTICLE,
        condition="each.state = 'approved' AND each.article_id IS NOT NULL",
    ),
    # The byline. A sign-in changes the row as well, and that is no news.
    watch("comparisons_user", "author", columns=["first_name", "last_name"], events=["update"]),
]
# How close a call was: as in comparisons/reviews/models.py, when this was written.
NEARNESS = CombinedExpression(models.Value(-1), "*", Coalesce(Abs("median_difference"), models.Value(Decimal(1000))))


class Migration(migrations.Migration):
    dependencies = [("comparisons", "0009_digest")]
    operations = [
        *(migrations.RunSQL(forward, back) for forward, back in WATCHED),
        migrations.RemoveIndex(model_name="verdict", name="verdict_current_by_closeness"),
        migrations.AddIndex(
            model_name="verdict",
            index=models.Index(
                NEARNESS,
                models.F("published_at"),
                models.F("id"),
                name="verdict_current_by_nearness",
                condition=models.Q(superseded_at__isnull=True),
            ),
        ),
        migrations.AddIndex(
            model_name="verdict",
            index=models.Index(
                fields=["-published_at", "-id"],
                name="verdict_current_of_mixed",
                condition=models.Q(superseded_at__isnull=True, provisional=True),
            ),
        ),
        migrations.AddIndex(
            model_name="pick",
            index=models.Index(fields=["reviewer", "-heard_at", "-id"], name="pick_by_reviewer"),
        ),
    ]
