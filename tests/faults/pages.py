"""A reader who opens every comparison again and again: `python -m tests.faults.pages` prints what they saw.

A line a page: how many answers it shows, each with a receipt of its own.
"""

from __future__ import annotations

import os
import re
import time

import django

PAUSE = 0.1


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "reviewsite.settings")
    django.setup()
    from django.db import DatabaseError, close_old_connections
    from django.test import Client

    client, slugs = Client(headers={"host": "127.0.0.1"}), list[str]()
    while True:
        try:
            slugs = slugs or _slugs()
            for slug in slugs:
                page = client.get(f"/compare/{slug}/").content.decode()
                print(len(set(re.findall(r"/receipts/([0-9a-f-]{36})/", page))), flush=True)
        except DatabaseError:  # it is being restarted; readers come back
            close_old_connections()
        time.sleep(PAUSE)


def _slugs() -> list[str]:
    from comparisons.pairings.models import Pairing

    return list(Pairing.objects.values_list("slug", flat=True))


if __name__ == "__main__":
    main()
