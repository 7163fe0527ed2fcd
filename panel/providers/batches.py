"""Many questions as one job, answered in the provider's own time and for less: what such a desk offers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from panel.providers import Provider, Question, Unavailable


class Unsure(Unavailable):
    """Nobody knows whether the job was made: it is to be looked for, not asked for again."""


class NoSuchJob(Unavailable):
    """The server knows no job of this name."""


@dataclass(frozen=True, slots=True)
class Job:
    """A job as its provider tells of it."""

    id: str
    state: str  # in the provider's words
    mark: str  # what we gave it along to know it by
    over: bool  # nothing more will come
    whole: bool  # it ended as it should: whatever is missing was lost and not left undone
    succeeded: int  # answers it counts as given
    files: tuple[str, ...]  # where its lines lie


class BatchDesk(Protocol):
    """Every method but `entry` calls the server, and raises ProviderError."""

    def entry(self, question: Question, name: str) -> bytes:
        """One question as it is sent along, under the name that its line will carry."""

    def submit(self, mark: str, entries: Sequence[bytes]) -> Job:
        """Asks for a job. Raises Unsure where one may have been made all the same."""

    def find(self, mark: str, *, since: datetime) -> list[Job]:
        """Every job with this mark, the oldest first."""

    def look(self, job_id: str) -> Job:
        """Raises NoSuchJob."""

    def cancel(self, job_id: str) -> None:
        """Asks for the job to be ended; what was answered by then can still be read."""

    def lines(self, job: Job) -> AbstractContextManager[Iterator[bytes]]:
        """What came back, line by line in no order. Whole files are fetched before the first is given."""


def desk_of(provider: Provider) -> BatchDesk | None:
    """None for a judge that answers single calls only."""
    desk: BatchDesk | None = getattr(provider, "batches", None)
    return desk
