"""`manage.py restore FILE --into DATABASE_URL`: a backup in a database of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError, CommandParser

from reviewsite import env
from reviewsite.backup import BackupRefused, restore


class Command(BaseCommand):
    help = "Restores a backup into a new or empty database, whole or not at all."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--into", required=True, metavar="DATABASE_URL", help="made if it does not exist")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            target = env.database(options["into"], pool_size=1, password=settings.DATABASE_PASSWORD)
            restore(options["file"], target)
        except (BackupRefused, ImproperlyConfigured) as refusal:
            raise CommandError(str(refusal), returncode=2) from None
        self.stdout.write(
            f"Restored into {target['NAME']}; point DATABASE_URL there and run migrate and doctor."
        )
