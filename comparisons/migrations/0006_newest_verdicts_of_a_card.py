from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("comparisons", "0005_published_pages"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="pairing",
            index=models.Index(
                condition=models.Q(("verdict__isnull", False)),
                fields=["left", "-verdict"],
                name="pairing_of_left_judged",
            ),
        ),
        migrations.AddIndex(
            model_name="pairing",
            index=models.Index(
                condition=models.Q(("verdict__isnull", False)),
                fields=["right", "-verdict"],
                name="pairing_of_right_judged",
            ),
        ),
    ]
