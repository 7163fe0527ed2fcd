"""`manage.py feature_pairings FILE`: which comparisons the site shows first."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from django.core.management.base import BaseCommand, CommandError, CommandParser

from comparisons.pairings.actions import feature


class Command(BaseCommand):
    help = "Mark pairings as featured: a YAML file with `pairings:`, a list of [slug, slug]."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        count, unknown = feature(_pairs(file))
        for slug in unknown:
            self.stderr.write(f"{file.name}: no card has the slug {slug!r}; its pairings were left out.")
        self.stdout.write("1 pairing is featured." if count == 1 else f"{count} pairings are featured.")


def _pairs(file: Path) -> list[tuple[str, str]]:
    """Raises CommandError with one sentence when the file is not such a list."""
    try:
        document = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):
        raise CommandError(f"{file}: cannot be read.", returncode=2) from None
    except yaml.YAMLError:
        raise CommandError(f"{file}: is not YAML.", returncode=2) from None
    pairs = document.get("pairings") if isinstance(document, dict) else None
    if not isinstance(pairs, list):
        raise CommandError(f"{file}: has no list `pairings`.", returncode=2)
    for number, pair in enumerate(pairs, start=1):
        if not (isinstance(pair, list) and len(pair) == 2 and all(isinstance(slug, str) for slug in pair)):
            raise CommandError(f"{file}: pairing {number} is not a list of two card slugs.", returncode=2)
    return [(one, other) for one, other in pairs]
