from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("comparisons", "0011_api_tokens")]
    operations: list = []
