from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("comparisons", "0010_published_articles")]
    operations: list = []
