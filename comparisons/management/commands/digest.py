"""`manage.py digest`: the week's issue by hand, for whoever does not want to wait for the timetable."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from comparisons.digest.actions.composing import compose, compose_once, start
from comparisons.digest.addresses import NoAddress, normalized
from comparisons.digest.models import Issue
from comparisons.digest.sending.rounds import send
from comparisons.digest.trial import send_trial, sheet_of
from comparisons.digest.week import NoSuchWeek, Week

REFUSED = 2


class Refused(Exception):
    """Why nothing was done, in one line."""


class Command(BaseCommand):
    help = "Shows, composes, tests or sends a week's digest. Exit code 2: nothing was done, and why."

    def add_arguments(self, parser: CommandParser) -> None:
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("--preview", action="store_true", help="print this week's mail as text")
        what.add_argument("--compose", action="store_true", help="freeze what the week's issue says")
        what.add_argument(
            "--send", action="store_true", help="queue it for every reader and send what is due"
        )
        what.add_argument("--test", metavar="EMAIL", help="send it to one address, once, whatever its state")
        parser.add_argument("--week", help="an ISO week like 2026-W47 (default: this one)")

    def handle(self, *args: Any, week: str | None, **options: Any) -> None:
        try:
            chosen = Week.named(week) if week else Week.of(timezone.now())
            if options["compose"]:
                self._compose(chosen)
            elif options["send"]:
                self._send(chosen)
            else:
                self._show(chosen, options["test"])
        except (Refused, NoSuchWeek, NoAddress) as refusal:
            self.stderr.write(str(refusal))
            sys.exit(REFUSED)

    def _compose(self, week: Week) -> None:
        issue = compose(week=week, again=True)
        if issue.content is None:
            raise Refused(f"{week}: nothing to say, so there is no issue.")
        self.stdout.write(f"{week}: {issue.subject}")

    def _send(self, week: Week) -> None:
        issue = compose_once(week=week)
        if issue.content is None:
            raise Refused(f"{week}: nothing to say, so nothing is sent.")
        if not start(issue=issue) and issue.state != Issue.State.SENDING:
            raise Refused(f"{week}: {'held by an editor' if issue.held else 'sent already'}.")
        send()
        counts = ", ".join(f"{n} {state}" for state, n in issue.deliveries.tally().items() if n)
        self.stdout.write(f"{week}: {counts or 'no readers'}")

    def _show(self, week: Week, to: str | None) -> None:
        address = normalized(to) if to else ""
        sheet = sheet_of(week)
        if sheet is None:
            raise Refused(f"{week}: nothing to say yet.")
        if not address:
            self.stdout.write(f"Subject: {sheet.subject}\n\n{sheet.text}")
            return
        try:
            send_trial(sheet, address)
        except Exception as error:  # any backend's, told in one line
            raise Refused(f"Not sent. {type(error).__name__}: {error}") from error
        self.stdout.write(f"Sent to {address}.")
