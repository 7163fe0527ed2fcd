"""`manage.py import_cards`: card files and the models.dev catalogue into cards, snapshots and offers."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import OperationalError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from comparisons.cards.importing.problems import Problem, UnusableFile
from comparisons.cards.importing.read import files_of, read_files
from comparisons.cards.intake import Batch, counted, summary, take_in
from comparisons.cards.known import known_cards

BATCHES_PER_LINE = 4
PROBLEMS_SHOWN = 50
SOME_REFUSED = 1
NOTHING_DONE = 2


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a date like 2026-07-02") from None


class Command(BaseCommand):
    help = (
        "Imports model cards from card files (YAML with labs and cards) and from the api.json of models.dev; "
        "the format is recognized by content. Card files have the last word on their cards. A catalogue has "
        "it only on the cards it made: to a card written by hand it adds offers and facts that were unknown, "
        "and where it disagrees, that is noted as a conflict. What is already known is not written again. "
        "Bad records are reported with file, record and field, and the good ones go in. Exit code: 0 all "
        "went in; 1 the good ones went in, some were refused; 2 nothing was written, because a file cannot "
        "be used or --strict met a bad record."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("path", nargs="+", type=Path, help="a file, or a folder of .yaml and .json files")
        parser.add_argument("--strict", action="store_true", help="all or nothing: one bad record stops it")
        parser.add_argument("--dry-run", action="store_true", help="say what would change, and write nothing")
        parser.add_argument(
            "--seen-on",
            type=_day,
            metavar="DATE",
            help="the day a models.dev file was fetched (default: the file's own date)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            code = self._import(**options)
        except UnusableFile as error:
            self.stderr.write(str(error))
            code = NOTHING_DONE
        except OperationalError as error:
            self.stderr.write(f"The database cannot be used: {str(error).splitlines()[0]}")
            code = NOTHING_DONE
        if code:
            sys.exit(code)

    def _import(
        self, *, path: list[Path], strict: bool, dry_run: bool, seen_on: date | None, **options: Any
    ) -> int:
        files = files_of(path)
        reading = read_files(files, known=known_cards(), seen_on=seen_on)
        self._report(reading.problems)
        read = f"{counted(len(reading.records), 'card')} read from {counted(reading.files, 'file')}"
        if strict and reading.problems:
            self.stderr.write(f"{read}, {reading.refused:,} refused; nothing was written (--strict).")
            return NOTHING_DONE
        self.stdout.write(f"{read}.")
        saved = take_in(reading.records, whole=strict, dry_run=dry_run, told=self._told)
        self.stdout.write(summary(saved, reading, dry_run=dry_run))
        return SOME_REFUSED if reading.problems else 0

    def _report(self, problems: list[Problem]) -> None:
        for problem in problems[:PROBLEMS_SHOWN]:
            self.stderr.write(str(problem))
        if (more := len(problems) - PROBLEMS_SHOWN) > 0:
            self.stderr.write(f"and {more:,} more.")

    def _told(self, batches: list[Batch]) -> Iterator[Batch]:
        total = sum(map(len, batches))
        if not self.stdout.isatty():
            done = 0
            for number, batch in enumerate(batches, 1):
                yield batch
                done += len(batch)
                if number % BATCHES_PER_LINE == 0 and number < len(batches):
                    self.stdout.write(f"{done:,} of {total:,} cards done.")
            return
        columns = (TextColumn("cards"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        # Not self.stdout: Django ends every write with a new line, and a bar is drawn over itself.
        with Progress(*columns, console=Console(file=sys.stdout)) as progress:
            task = progress.add_task("cards", total=total)
            for batch in batches:
                yield batch
                progress.advance(task, len(batch))
