"""Runs the whole site on this machine, until Ctrl-C: `manage.py up [--host 127.0.0.1] [--port 8000]`."""

from __future__ import annotations

import os
import sys
from argparse import ArgumentTypeError
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandParser

from reviewsite import env
from reviewsite.console import Console
from reviewsite.local.places import LocalServiceError
from reviewsite.local.site import Site

REFUSED = 2


def port_number(text: str) -> int:
    if text.isascii() and text.isdigit() and 1 <= int(text) <= 65535:
        return int(text)
    raise ArgumentTypeError(f"{text!r} is not a whole number from 1 to 65535")


class Command(BaseCommand):
    help = "Starts PostgreSQL, Redis, the web server, the panel's worker and the timetable; Ctrl-C stops all."
    requires_system_checks = ()  # the children check themselves, with all settings in place

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
        parser.add_argument("--port", type=port_number, help="port to listen on (default: PORT, else 8000)")

    def handle(self, *args: Any, **options: Any) -> None:
        os.umask(0o077)  # nothing in the data folder is anybody else's business
        try:
            port = options["port"] or env.integer("PORT", 8000, least=1, most=65535)
            code = Site(console=Console(sys.stdout), host=options["host"], port=port).run()
        except (LocalServiceError, ImproperlyConfigured) as refusal:
            self.stderr.write(str(refusal), self.style.ERROR)
            code = REFUSED
        sys.exit(code)
