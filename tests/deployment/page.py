"""One page as this environment's database tells it: `python -m tests.deployment.page /models/`."""

from __future__ import annotations

import os
import sys

import django


def main() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "reviewsite.settings"
    django.setup()
    from django.conf import settings
    from django.test import Client

    # Nothing was collected for the hashed names.
    settings.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
    settings.ALLOWED_HOSTS = ["testserver"]
    answer = Client().get(sys.argv[1])
    assert answer.status_code == 200, answer.status_code
    sys.stdout.buffer.write(answer.content)


if __name__ == "__main__":
    main()
