"""Removes all data of this machine's instance: `manage.py reset [--yes]`."""

from __future__ import annotations

import shutil
import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from reviewsite.local.instance import Instance
from reviewsite.local.places import LocalServiceError

REFUSED = 2


class Command(BaseCommand):
    help = "Removes the data folder (database, secret key, admin password) after asking."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--yes", action="store_true", help="do not ask")

    def handle(self, *args: Any, **options: Any) -> None:
        data = settings.DATA_DIR
        if not data.exists():
            self.stdout.write(f"There is no data in {data}.")
            return
        # Somebody's DATA_DIR may be a home folder by mistake: only what an instance has used is removed.
        if not (data / "lock").is_file():
            self.stderr.write(f"{data} is not the data folder of an instance; it is left alone.")
            sys.exit(REFUSED)
        try:
            instance = Instance(data)
        except LocalServiceError as refusal:
            self.stderr.write(str(refusal))
            sys.exit(REFUSED)
        folders = [data, *(folder for folder in instance.places.outside if folder.exists())]
        if not options["yes"] and not self._agreed(", ".join(map(str, folders))):
            self.stdout.write("Nothing was removed.")
            return
        instance.end_leftovers()
        for folder in folders:
            shutil.rmtree(folder)
        self.stdout.write(f"Removed {', '.join(map(str, folders))}.")

    def _agreed(self, folders: str) -> bool:
        try:
            return input(f"Remove {folders} with everything in it? [y/N] ").strip().lower() in {"y", "yes"}
        except EOFError:
            return False
