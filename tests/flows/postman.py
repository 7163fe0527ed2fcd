"""Beat's and a worker's part in the digest, played faster: `python -m tests.flows.postman` until it is ended.

`python -m tests.flows.postman N` instead makes N readers and an issue for them, queued.
"""

from __future__ import annotations

import os
import sys
import time

import django


def post_for_ever() -> None:
    from django.db import Error, close_old_connections

    from comparisons.digest.sending import rounds

    while True:
        try:
            rounds.tick()
            rounds.send(seconds=2.0)
        except Error as error:  # it comes back; beat's next tick tries again
            print(f"no round: {type(error).__name__}", flush=True)
        finally:
            close_old_connections()
        time.sleep(0.05)


def fill(readers: int) -> None:
    from django.utils import timezone

    from comparisons.digest.actions.composing import compose, start
    from comparisons.digest.models import Subscriber
    from comparisons.digest.week import Week
    from tests.digest.happenings import a_full_week

    now = timezone.now()
    plain = {"state": "confirmed", "confirmed_at": now, "asked_at": now, "wording": "1", "page": "/"}
    Subscriber.objects.bulk_create(
        [Subscriber(email=f"reader-{number}@example.org", **plain) for number in range(readers)]
    )
    a_full_week()
    assert start(issue=compose(week=Week.of(now)))


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "reviewsite.settings")
    django.setup()
    fill(int(sys.argv[1])) if sys.argv[1:] else post_for_ever()
