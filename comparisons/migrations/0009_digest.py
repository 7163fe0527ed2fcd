from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("comparisons", "0008_moderation")]
    operations: list = []
