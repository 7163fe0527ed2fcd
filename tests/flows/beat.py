"""Beat's part, played faster: `python -m tests.flows.beat` ticks three times a second until it is ended."""

from __future__ import annotations

import os
import time

import django


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "reviewsite.settings")
    django.setup()
    from django.db import DatabaseError, close_old_connections

    from panel.actions.poll import poll
    from panel.actions.sweep import sweep

    while True:
        try:
            sweep()
            poll()
        except DatabaseError as error:  # it comes back; beat's next tick tries again
            print(f"no tick: {type(error).__name__}", flush=True)
        finally:
            close_old_connections()
        time.sleep(0.3)


if __name__ == "__main__":
    main()
