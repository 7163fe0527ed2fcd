"""Articles are published pages too: what they are made of is watched."""

from django.db import migrations

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


class Migration(migrations.Migration):
    dependencies = [("comparisons", "0009_digest")]
    operations = [migrations.RunSQL(forward, back) for forward, back in WATCHED]
