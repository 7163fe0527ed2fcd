"""`manage.py convene`: call the panel together and watch it."""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, close_old_connections
from rich.console import Console
from rich.table import Table

from comparisons.cards.models import Card
from comparisons.pairings.models import Pairing, SameCard
from panel.actions.convene import NoBatches, NobodyToAsk, convene, estimate
from panel.actions.hear import hear
from panel.actions.poll import poll, work_on
from panel.actions.sweep import sweep
from panel.models import Batch, Hearing, Run, Sitting
from panel.progress import Progress, progress
from panel.selection import Against
from panel.terminal import Board, sums

NO_WORKER_AFTER = 20  # seconds without one answer until the command wonders aloud


class Command(BaseCommand):
    help = "Convene the panel over two cards, the featured pairings, or all of them."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.formatter_class = argparse.RawDescriptionHelpFormatter
        parser.add_argument("cards", nargs="*", metavar="CARD", help="two card slugs")
        parser.add_argument("--featured", action="store_true", help="the featured pairings")
        parser.add_argument("--all", action="store_true", help="every pairing there is")
        parser.add_argument(
            "--judge", action="append", metavar="KIND", help="only this judge; may be repeated"
        )
        parser.add_argument(
            "--batch", action="store_true", help="submit the questions as batch jobs, at half price (Mistral)"
        )
        parser.add_argument("--dry-run", action="store_true", help="say what it would mean; ask nobody")
        who = parser.add_mutually_exclusive_group()
        who.add_argument("--queue", action="store_true", help="queue the hearings and do not wait")
        who.add_argument("--here", action="store_true", help="hear in this process; needs no worker")

    def handle(self, *args: Any, **options: Any) -> None:
        pairings, scope = self._pairings(options)
        try:
            if options["dry_run"]:
                self._say_estimate(pairings, options["judge"], in_batches=options["batch"])
                return
            run = convene(pairings, scope=scope, kinds=options["judge"], in_batches=options["batch"])
        except (NobodyToAsk, NoBatches) as error:
            raise CommandError(str(error), returncode=2) from None
        if options["batch"]:
            self._submit(run)
        if options["queue"]:
            self.stdout.write(f"Run {run.pk}: {progress(run).hearings} hearings, {scope}.")
            return
        last = self._here(run) if options["here"] else self._watch(run)
        self._summary(run, last)

    def _pairings(self, options: dict[str, Any]) -> tuple[Iterable[Pairing], str]:
        slugs: list[str] = options["cards"]
        if [bool(slugs), options["featured"], options["all"]].count(True) != 1:
            raise CommandError("Name two cards, or say --featured, or --all.", returncode=2)
        everything = Pairing.objects.with_cards().order_by("pk")
        if options["featured"]:
            return everything.filter(featured=True).iterator(chunk_size=200), "featured pairings"
        if options["all"]:
            return everything.iterator(chunk_size=200), "all pairings"
        if len(slugs) != 2:
            raise CommandError(f"A pairing is two cards; {len(slugs)} named.", returncode=2)
        cards = {card.slug: card for card in Card.objects.published().filter(slug__in=slugs)}
        if missing := [slug for slug in slugs if slug not in cards]:
            raise CommandError(f"No card has the slug {missing[0]!r}.", returncode=2)
        selection = Against(cards[slugs[0]], [cards[slugs[1]]])
        try:
            # A pairing that is only estimated is not to await a verdict either.
            pairings = selection.previewed() if options["dry_run"] else selection.kept()
        except SameCard:
            raise CommandError("A card cannot be compared with itself.", returncode=2) from None
        return pairings, selection.scope

    def _submit(self, run: Run) -> None:
        """At once and from here. What fails is beat's to try again; so is all of it if this is killed."""
        for batch_id in Batch.objects.open().filter(run=run).values_list("pk", flat=True):
            work_on(batch_id)
        said = progress(run).batches
        self.stdout.write(f"{said}." if said else "Nothing to submit: every question is answered already.")

    def _say_estimate(
        self, pairings: Iterable[Pairing], kinds: list[str] | None, *, in_batches: bool
    ) -> None:
        found = estimate(pairings, kinds=kinds, in_batches=in_batches)
        self.stdout.write(
            f"{found.pairings} pairings before {found.judge}: {found.new} hearings new, "
            f"{found.cached} answered already, at most {found.cost_usd:.4f} USD."
        )

    def _watch(self, run: Run) -> Progress:
        """Follows the workers until the run ends or stops; Ctrl-C leaves it running."""
        console = Console()
        started = time.monotonic()
        batches = progress(run).batches
        with Board(console) as board:
            while True:
                try:
                    now = progress(run)
                except DatabaseError:  # the run goes on without us; so we wait until it can be seen again
                    close_old_connections()  # a torn one would be asked for ever
                    time.sleep(1)
                    continue
                if now.batches != batches and now.batches is not None and console.is_terminal:
                    console.print(f"{now.batches}.", markup=False)
                batches = now.batches
                board.show(now)
                if now.over:
                    return now
                if now.heard == 0 and now.calls == 0 and time.monotonic() - started > NO_WORKER_AFTER:
                    console.print(
                        "No worker has answered yet: is `make run` up? `--here` hears in this process."
                    )
                    started = float("inf")
                time.sleep(0.3)

    def _here(self, run: Run) -> Progress:
        console = Console()
        with Board(console) as board, ThreadPoolExecutor(settings.PANEL_CONCURRENCY) as pool:
            while True:
                waiting = Hearing.objects.single().filter(
                    sittings__run=run, sittings__state=Sitting.State.OPEN
                )
                list(pool.map(_hear, waiting.distinct().values_list("pk", flat=True)))
                now = progress(run)
                board.show(now)
                if now.over:
                    return now
                sweep()
                poll()
                time.sleep(0.3)

    def _summary(self, run: Run, now: Progress) -> None:
        console = Console()
        table = Table(title=f"{run.scope}: {Run.State(now.state).label}")
        for column in ("reviewer", "heard", "dead"):
            table.add_column(column, justify="left" if column == "reviewer" else "right")
        for reviewer in now.reviewers:
            table.add_row(reviewer.name, f"{reviewer.done} of {reviewer.total}", str(reviewer.dead))
        console.print(table)
        console.print(f"{sums(now)}.")
        if now.batches is not None:
            console.print(f"{now.batches}.", markup=False)


def _hear(hearing_id: int) -> None:
    try:
        hear(hearing_id)
    finally:
        close_old_connections()
