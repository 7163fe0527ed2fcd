"""`manage.py doctor [--json]`: what is wrong, and how to mend it."""

from __future__ import annotations

import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from rich.console import Console
from rich.table import Table
from rich.text import Text

from reviewsite.doctor.examination import examine
from reviewsite.doctor.findings import Finding, State

COLORS = {State.OK: "green", State.WARN: "yellow", State.FAIL: "red bold"}


class Command(BaseCommand):
    help = "Examines settings, database, services, judges and this machine; exit code 1 if something fails."
    requires_system_checks = ()  # it shall say in its own words what is wrong

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="for a machine")

    def handle(self, *args: Any, **options: Any) -> None:
        found = list(examine())
        failed = any(finding.state is State.FAIL for finding in found)
        if options["json"]:
            told = {"ok": not failed, "findings": [finding.record() for finding in found]}
            self.stdout.write(json.dumps(told, indent=2))
        else:
            self._draw(found)
        sys.exit(1 if failed else 0)

    def _draw(self, found: list[Finding]) -> None:
        console = Console()
        table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
        for finding in found:
            said = Text(finding.said)
            if finding.mend:
                said.append(f"\nMend: {finding.mend}", style="italic")
            table.add_row(Text(finding.state, style=COLORS[finding.state]), finding.about, said)
        console.print(table)
        counts = {state: sum(finding.state is state for finding in found) for state in State}
        console.print(", ".join(f"{count} {state}" for state, count in counts.items()))
