"""Why a pick should be read with care, as reviews say it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("comparisons", "0012_desk")]

    operations = [
        migrations.AddField(
            model_name="pick",
            name="flagged",
            field=models.CharField(blank=True, db_default="", default="", max_length=200),
        ),
    ]
