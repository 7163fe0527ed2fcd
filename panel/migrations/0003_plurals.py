"""What the admin calls more than one batch, and a day's spend."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("panel", "0002_batches")]

    operations = [
        migrations.AlterModelOptions(
            name="batch",
            options={"ordering": ["created_at", "pk"], "verbose_name_plural": "batches"},
        ),
        migrations.AlterModelOptions(
            name="spend",
            options={"verbose_name": "daily spend", "verbose_name_plural": "daily spend"},
        ),
    ]
