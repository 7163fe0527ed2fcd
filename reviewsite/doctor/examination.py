"""All of it, in the order in which one thing needs another."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from reviewsite.doctor.database import database
from reviewsite.doctor.findings import Finding, fail
from reviewsite.doctor.machine import machine
from reviewsite.doctor.mailing import mailing
from reviewsite.doctor.site import site
from reviewsite.doctor.surroundings import panel, surroundings

PARTS: tuple[Callable[[], Iterator[Finding]], ...] = (site, database, surroundings, panel, mailing, machine)


def examine() -> Iterator[Finding]:
    """An examination that fails is a finding as well."""
    for part in PARTS:
        try:
            yield from part()
        except Exception as error:
            said = f"could not be examined: {type(error).__name__}: {error}"
            yield fail(part.__name__, said, "Mend what stands above, or report this.")
