"""What the admin calls more than one delivery."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("comparisons", "0016_card_named")]

    operations = [
        migrations.AlterModelOptions(name="delivery", options={"verbose_name_plural": "deliveries"}),
    ]
