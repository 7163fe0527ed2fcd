"""`manage.py api_schema`: writes the API's schema where a test compares it, or says whether it differs."""

from __future__ import annotations

import json
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from comparisons.api.schema import document

FILE = settings.BASE_DIR / "docs" / "api" / "openapi.json"


class Command(BaseCommand):
    help = "Writes docs/api/openapi.json. A change of it is a change of the API: say it in CHANGELOG.md."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="write nothing; exit code 2 if it differs")

    def handle(self, *args: Any, **options: Any) -> None:
        text = json.dumps(document(), indent=1, ensure_ascii=False) + "\n"
        if not options["check"]:
            FILE.parent.mkdir(parents=True, exist_ok=True)
            FILE.write_text(text, encoding="utf-8")
        elif not FILE.exists() or FILE.read_text(encoding="utf-8") != text:
            raise CommandError(
                "docs/api/openapi.json is not the API's schema: run `make schema`.", returncode=2
            )
