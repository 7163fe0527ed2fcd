"""What is stopped right now, as this process last heard."""

from __future__ import annotations

import logging
import time

from django.db import DatabaseError

from comparisons.switches.models import Switch

log = logging.getLogger(__name__)

SECONDS = 2.0  # how long a process believes what it read
SENTENCES = {
    Switch.Name.VOTES: "Voting is paused: {reason}",
    Switch.Name.COUNTERPOINTS: "Counterpoints are paused: {reason}",
    Switch.Name.PANEL: "The panel rests: {reason}",
    Switch.Name.WRITING: "The site can be read but not written to for now: {reason}",
}


class _Read:
    """The reasons of what is stopped, by name. A value is replaced, never changed, so threads share it."""

    reasons: dict[str, str] = {}
    until = 0.0


def sentence(name: Switch.Name) -> str:
    """Why `name` is stopped, for whoever wanted to use it; "" when it runs."""
    reasons = _reasons()
    for stopped in (Switch.Name.WRITING, name):
        if stopped in reasons:
            return SENTENCES[stopped].format(reason=reasons[stopped])
    return ""


def reread() -> None:
    """Whoever turned a switch sees it turned."""
    _Read.until = 0.0


def _reasons() -> dict[str, str]:
    if time.monotonic() >= _Read.until:
        try:
            _Read.reasons = dict(Switch.objects.filter(stopped=True).values_list("name", "reason"))
        except DatabaseError as error:
            # What was stopped stays so; the write itself will find out about the database.
            log.warning("switches: not read (%s)", type(error).__name__)
        _Read.until = time.monotonic() + SECONDS
    return _Read.reasons
