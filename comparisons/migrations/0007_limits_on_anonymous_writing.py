from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("comparisons", "0006_newest_verdicts_of_a_card")]
    operations: list = []
