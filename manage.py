#!/usr/bin/env python
"""Django's command line; a setting that makes no sense ends in one line, not in a traceback."""

import os
import sys


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
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
