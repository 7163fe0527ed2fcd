from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("comparisons", "0007_limits_on_anonymous_writing")]
    operations: list = []
