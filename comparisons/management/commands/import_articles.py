"""`manage.py import_articles`: Markdown files with front matter into articles."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from comparisons.articles.importing import UnusableArticle, read_article, save_article
from comparisons.people.models import User

SOME_REFUSED = 1
NOTHING_DONE = 2


class Command(BaseCommand):
    help = (
        "Imports articles from Markdown files with front matter (slug, title, standfirst, published_on, "
        "cards, aged). An article that exists is left as it is: from then on it is edited in the admin. Exit "
        "code: 0 all are there; 1 some files were refused, the others went in; 2 nothing could be used."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("path", nargs="+", type=Path, help="a file, or a folder of .md files")
        parser.add_argument("--author", help="the account that writes (default: the first admin)")

    def handle(self, *args: Any, path: list[Path], author: str | None, **options: Any) -> None:
        writer = _writer(author)
        created = there = refused = 0
        for file in _files(path):
            try:
                imported = save_article(read_article(file), author=writer)
            except UnusableArticle as refusal:
                self.stderr.write(str(refusal))
                refused += 1
                continue
            created += imported.created
            there += not imported.created
            for slug in imported.unknown_cards:
                self.stderr.write(f"{file.name}: no card has the slug {slug!r}; its box was left out.")
        self.stdout.write(f"Articles: created {created}, there already {there}, refused {refused}.")
        if refused:
            sys.exit(SOME_REFUSED if created + there else NOTHING_DONE)


def _writer(name: str | None) -> User:
    people = User.objects.filter(username=name) if name else User.objects.filter(is_superuser=True)
    writer = people.order_by("pk").first()
    if writer is None:
        who = f"nobody is called {name!r}" if name else "there is no admin yet"
        raise CommandError(f"An article needs an author, and {who}.", returncode=NOTHING_DONE)
    return writer


def _files(paths: list[Path]) -> list[Path]:
    files = [file for path in paths for file in (sorted(path.glob("*.md")) if path.is_dir() else [path])]
    if not files:
        raise CommandError("There is no .md file there.", returncode=NOTHING_DONE)
    return files
