"""One run of the panel with all its real parts, and what must be true of it whatever happened meanwhile."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from random import Random
from typing import Any, Self

import psycopg

from tests.fakes.forms import answer_text
from tests.fakes.mistral import FakeMistral
from tests.faults.books import Books, Reader
from tests.flows.backing import Services
from tests.flows.worker import Manage, Process, Worker, panel_environment

COMPLAINT = "\n\nYour last answer could not be used"
# What minutes of waiting would bring, brought at once: bells that are due again, pauses that are over.
MINUTES_PASS = """
    UPDATE panel_hearing SET rung_at = NULL
    WHERE state = 'queued' AND rung_at < now() - interval '3 seconds';
    UPDATE panel_hearing SET not_before = now() + interval '0.2 seconds'
    WHERE state = 'queued' AND not_before > now() + interval '0.5 seconds';
    UPDATE panel_breaker SET until = now() WHERE state <> 'closed' AND until > now()
"""


def same_words(body: Mapping[str, Any]) -> str:
    """The fake's answer to the question itself, so that one asked again and repaired gets the same words."""
    messages = [
        {**message, "content": message["content"].split(COMPLAINT)[0]} for message in body["messages"]
    ]
    return answer_text({**body, "messages": messages})


class Stage:
    """A worker, a beat and somebody who convenes the whole catalogue, and may stay to watch."""

    def __init__(
        self,
        services: Services,
        mistral: FakeMistral,
        folder: Path,
        *,
        watched: bool = True,
        **environment: str | int,
    ) -> None:
        self.mistral = mistral
        self.order = ("convene", "--all") if watched else ("convene", "--all", "--queue")
        self.books = Books(services.copy_database("run", of="catalogue"))
        # As an operator would find it after a start: an empty Redis.
        services.stop_redis()
        services.start_redis()
        self.environment = panel_environment(
            database_url=self.books.address,
            redis_url=services.redis_url(),
            mistral_url=mistral.url,
            DATA_DIR=str(services.data),
            PANEL_JUDGES="mistral",
            **environment,
        )
        self.folder = folder
        self.claims: set[tuple[int, int]] = set()  # in flight at some fault

    def __enter__(self) -> Self:
        self.reader = Reader(self.books.address)
        self.reader.start()
        self.worker = Worker(self.environment, self.folder / "worker.log")
        self.beat = Process(self.environment, self.folder / "beat.log", "-m", "tests.flows.beat")
        self.convene = Manage(self.environment, self.folder / "convene.log", *self.order)
        return self

    def __exit__(self, *_: object) -> None:
        for process in (self.convene, self.beat, self.worker):
            process.kill()
        self.reader.stop()

    @property
    def over(self) -> bool:
        if not self.convene.has_ended:
            return False
        assert self.convene.finish() == 0, self.convene.words()
        try:
            return self.books.number("SELECT count(*) FROM panel_run WHERE state = 'running'") == 0
        except psycopg.OperationalError:
            return False

    def until_over(self, meanwhile: Callable[[], None] = lambda: None, *, seconds: float = 120) -> None:
        """Runs to the end. `meanwhile` is called ten times a second and may do harm."""
        deadline = time.monotonic() + seconds
        while not self.over:
            assert time.monotonic() < deadline, f"not over:\n{self.worker.words()[-4000:]}"
            meanwhile()
            self.supervise()
            self.let_minutes_pass()
            time.sleep(0.1)

    def supervise(self) -> None:
        """The launcher starts again what ended; it is the reason why a worker may give up on its broker."""
        for process in (self.worker, self.beat):
            if process.has_ended:
                process.start()

    def let_minutes_pass(self) -> None:
        try:
            self.books.tell(MINUTES_PASS)
        except psycopg.OperationalError:
            pass

    def wait_for_calls(self, more: int, *, seconds: float = 30) -> None:
        """Returns when so many more calls began, or the run is over."""
        goal, deadline = len(self.mistral.calls) + more, time.monotonic() + seconds
        while len(self.mistral.calls) < goal and not self.over and time.monotonic() < deadline:
            self.let_minutes_pass()
            self.supervise()
            time.sleep(0.01)

    def note_in_flight(self) -> None:
        self.claims |= self.books.in_flight()

    def check(self, undisturbed: Mapping[str, list[tuple[Any, ...]]], *, calls: int) -> None:
        """Nothing lost, nothing doubled, nothing half. `calls`: as many as could be made at most."""
        books = self.books
        unheard = books.ask("SELECT id, state, attempts, last_error FROM panel_hearing WHERE state <> 'done'")
        assert unheard == [], self.worker.words()[-6000:]
        found = books.contents()
        assert {name: len(rows) for name, rows in found.items()} == {
            name: len(rows) for name, rows in undisturbed.items()
        }
        assert found == undisturbed
        assert books.number("SELECT count(*) FROM panel_run WHERE state = 'done'") == 1
        assert books.number("SELECT count(*) FROM panel_sitting WHERE state <> 'published'") == 0
        assert len(self.mistral.calls) <= calls
        # Every call has its receipt, and what is open was never answered as far as anybody knows.
        assert books.number("SELECT count(*) FROM panel_attempt") >= len(self.mistral.calls)
        doubled = (
            "SELECT hearing_id FROM panel_attempt WHERE outcome = 'answered' GROUP BY 1 HAVING count(*) > 1"
        )
        assert len(books.ask(doubled)) <= len(self.claims)
        self.reader.stop()
        assert self.reader.half == []
        assert self.reader.looks > 0


def moments(seed: int, name: str) -> Random:
    return Random(f"{name}:{seed}")
