"""`manage.py import_cards`: card files and the models.dev catalogue into cards, snapshots and offers."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import OperationalError, transaction
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from comparisons.cards.actions import Saved, save_cards
from comparisons.cards.importing.problems import Problem, UnusableFile
from comparisons.cards.importing.read import Reading, files_of, read_files
from comparisons.cards.known import known_cards
from comparisons.cards.records import CardRecord

CARDS_AT_ONCE = 250
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
        read = f"{_count(len(reading.records), 'card')} read from {_count(reading.files, 'file')}"
        if strict and reading.problems:
            self.stderr.write(f"{read}, {reading.refused:,} refused; nothing was written (--strict).")
            return NOTHING_DONE
        self.stdout.write(f"{read}.")
        saved = self._save(reading.records, whole=strict or dry_run, dry_run=dry_run)
        self.stdout.write(_summary(saved, reading, dry_run=dry_run))
        return SOME_REFUSED if reading.problems else 0

    def _report(self, problems: list[Problem]) -> None:
        for problem in problems[:PROBLEMS_SHOWN]:
            self.stderr.write(str(problem))
        if (more := len(problems) - PROBLEMS_SHOWN) > 0:
            self.stderr.write(f"and {more:,} more.")

    def _save(self, records: list[CardRecord], *, whole: bool, dry_run: bool) -> Saved:
        """In batches, so that an import that is stopped has kept what it did; in one piece where asked."""
        if not whole:
            return self._save_batches(records)
        with transaction.atomic():
            saved = self._save_batches(records)
            transaction.set_rollback(dry_run)
        return saved

    def _save_batches(self, records: list[CardRecord]) -> Saved:
        saved = Saved()
        for batch in self._told(records):
            saved |= save_cards(batch)
        return saved

    def _told(self, records: list[CardRecord]) -> Iterator[list[CardRecord]]:
        batches = list(_batches(records))
        if not self.stdout.isatty():
            done = 0
            for number, batch in enumerate(batches, 1):
                yield batch
                done += len(batch)
                if number % BATCHES_PER_LINE == 0 and number < len(batches):
                    self.stdout.write(f"{done:,} of {len(records):,} cards done.")
            return
        columns = (TextColumn("cards"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        # Not self.stdout: Django ends every write with a new line, and a bar is drawn over itself.
        with Progress(*columns, console=Console(file=sys.stdout)) as progress:
            task = progress.add_task("cards", total=len(records))
            for batch in batches:
                yield batch
                progress.advance(task, len(batch))


def _batches(records: list[CardRecord]) -> Iterator[list[CardRecord]]:
    """Pieces of the records in their order, none with a card twice: two files may speak of one card."""
    batch: dict[str, CardRecord] = {}
    for record in records:
        if record.slug in batch or len(batch) == CARDS_AT_ONCE:
            yield list(batch.values())
            batch = {}
        batch[record.slug] = record
    if batch:
        yield list(batch.values())


def _summary(saved: Saved, reading: Reading, *, dry_run: bool) -> str:
    counts = saved.counts
    numbers = ", ".join(f"{outcome} {counts[outcome]:,}" for outcome in ("created", "changed", "unchanged"))
    again = f" ({len(saved.seen_again):,} of them seen again at a later date)" if saved.seen_again else ""
    summary = f"{numbers}{again}, refused {reading.refused:,}"
    if not saved.wrote:
        return f"Nothing changed: {summary}."
    return f"Nothing was written; an import would have: {summary}." if dry_run else f"Done: {summary}."


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
