from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("comparisons", "0009_digest")]
    operations: list = []
