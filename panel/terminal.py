"""A run as a terminal shows it while it goes on: what the staff's page shows, in lines."""

from __future__ import annotations

from typing import Any, Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn
from rich.progress import Progress as Bars

from panel.progress import Progress


class Board:
    """A bar for all, with verdicts, later judges and cost, and one a reviewer. Silent in a log file."""

    def __init__(self, console: Console) -> None:
        self._bars = Bars(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[note]}", markup=False),
            console=console,
            disable=not console.is_terminal,
        )
        self._reviewers: dict[str, TaskID] = {}
        self._all: TaskID | None = None

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(self, *_: Any) -> None:
        self._bars.stop()

    def show(self, now: Progress) -> None:
        if self._all is None:
            self._all = self._bars.add_task("all hearings", note="")
        self._bars.update(self._all, completed=now.heard, total=now.hearings, note=sums(now))
        for reviewer in now.reviewers:
            if reviewer.name not in self._reviewers:
                self._reviewers[reviewer.name] = self._bars.add_task(reviewer.name, note="")
            self._bars.update(
                self._reviewers[reviewer.name],
                completed=reviewer.done,
                total=reviewer.total,
                note=f"{reviewer.dead} given up" if reviewer.dead else "",
            )


def sums(now: Progress) -> str:
    """What became of the pairings, and what it cost so far."""
    return (
        f"{now.published} of {now.sittings} verdicts published, {now.fell_back} by a later judge, "
        f"{now.dead} without any; {now.calls} calls, {now.cost_usd:.4f} USD"
    )
