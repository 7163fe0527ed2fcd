"""`manage.py backup FILE`: all data in one file, taken while the site runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection

from reviewsite.backup import BackupRefused, backup


class Command(BaseCommand):
    help = "Dumps the database with pg_dump, in its custom format, as of one moment; the site may run on."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        file: Path = options["file"]
        try:
            size = backup(connection.settings_dict, file)
        except (BackupRefused, OSError) as refusal:
            raise CommandError(str(refusal), returncode=2) from None
        self.stdout.write(f"{size:,} bytes in {file}. SECRET_KEY is not in it: keep it elsewhere.")
