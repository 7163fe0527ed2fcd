"""Nothing but an import checked that a card says what it is called and what it is."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("comparisons", "0015_growth")]

    operations = [
        migrations.AddConstraint(
            model_name="card",
            constraint=models.CheckConstraint(
                name="card_with_a_snapshot_has_name_and_category",
                condition=models.Q(snapshot__isnull=True) | (~models.Q(name="") & ~models.Q(category="")),
            ),
        ),
    ]
