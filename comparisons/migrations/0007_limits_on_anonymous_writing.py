import django.db.models.deletion
from django.db import migrations, models

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
    ]
