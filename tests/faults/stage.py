"""One run of the panel with all its real parts, and what must be true of it whatever happened meanwhile.

Nothing here goes by the clock where the machine could be too slow for it. Leases are as long as in
production, so no living worker loses one for want of processor time; those of the dead are ended by hand.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from random import Random
from typing import Any, Self

from tests.fakes.forms import answer_text
from tests.fakes.mistral import FakeMistral
from tests.faults.books import Books, Claim, Reader
from tests.flows.backing import Services
from tests.flows.worker import Manage, Process, Worker, panel_environment

COMPLAINT = "\n\nYour last answer could not be used"
PATIENCE = 300.0  # seconds, for what takes five on a machine of one's own
LEASE_SECONDS = 60
GRACE = 1.0  # seconds for a worker that lives to keep what it asked before a fault
# What minutes of waiting would bring, brought at once: bells that are due again, pauses that are over.
MINUTES_PASS = """
    WITH bells AS (
        UPDATE panel_hearing SET rung_at = NULL
        WHERE state = 'queued' AND rung_at < now() - interval '3 seconds'
    ), pauses AS (
        UPDATE panel_hearing SET not_before = now() + interval '0.2 seconds'
        WHERE state = 'queued' AND not_before > now() + interval '0.5 seconds'
    )
    UPDATE panel_breaker SET until = now() WHERE state <> 'closed' AND until > now()
"""
LEASE_ENDS = """
    UPDATE panel_hearing SET lease_until = now() - interval '1 second'
    WHERE id = %s AND fence = %s AND state = 'running'
"""
STILL_CONNECTED = "SELECT count(*) FROM pg_stat_activity WHERE application_name = %s"
DOUBLED = "SELECT hearing_id FROM panel_attempt WHERE outcome = 'answered' GROUP BY 1 HAVING count(*) > 1"
ASKED_AGAIN = """
    SELECT hearing_id, fence, outcome, opened_at::time, closed_at::time, error FROM panel_attempt receipt
    WHERE (SELECT count(*) FROM panel_attempt WHERE hearing_id = receipt.hearing_id) > 1 ORDER BY 1, 4
"""
# Added up over all rounds and told at the end.
FIGURES = (
    "runs",
    "hearings",
    "calls",
    "in flight at a fault",
    "asked again",
    "lost",
    "doubled",
    "calls over",
)
WHOLE_PAGE = 16  # answers: two reviews and a pick in both orders of each of four reviewers


def same_words(body: Mapping[str, Any]) -> str:
    """The fake's answer to the question itself, so that one asked again and repaired gets the same words."""
    messages = [
        {**message, "content": message["content"].split(COMPLAINT)[0]} for message in body["messages"]
    ]
    return answer_text({**body, "messages": messages})


def moments(seed: int, name: str) -> Random:
    return Random(f"{name}:{seed}")


class Stage:
    """A worker, a beat, a run over the whole catalogue, and readers.

    `watched`: somebody convenes the run on the stage and stays to watch. `pages`: a reader opens pages too.
    """

    def __init__(
        self,
        services: Services,
        mistral: FakeMistral,
        folder: Path,
        undisturbed: Mapping[str, list[tuple[Any, ...]]],
        tell: Callable[[str, object], None],
        *,
        watched: bool = False,
        pages: bool = False,
        **environment: str | int,
    ) -> None:
        self.mistral, self.folder = mistral, folder
        self.undisturbed, self._tell = undisturbed, tell
        self.watched, self.reads_pages = watched, pages
        self.books = Books(services.copy_database("run", of="catalogue" if watched else "convened"))
        # As an operator would find it after a start: an empty Redis.
        services.stop_redis()
        services.start_redis()
        self.environment = panel_environment(
            database_url=self.books.address,
            redis_url=services.redis_url(),
            mistral_url=mistral.url,
            DATA_DIR=str(services.data),
            PANEL_JUDGES="mistral",
            PANEL_LEASE_SECONDS=LEASE_SECONDS,
            **environment,
        )
        self.claims: dict[Claim, float] = {}  # in flight at some fault → when their leases may be ended
        self._minute = 0.0

    def __enter__(self) -> Self:
        self.reader = Reader(self.books.address)
        self.reader.start()
        self.worker = self.another_worker()
        self.beat = self.another_beat()
        self.others: list[Process] = []
        if self.watched:
            self.convene = Manage(self.environment, self.folder / "convene.log", "convene", "--all")
            self.others.append(self.convene)
        if self.reads_pages:
            # Static files are not collected here.
            self.pages = Process(
                self.environment | {"DEBUG": "1"}, self.folder / "pages.log", "-m", "tests.faults.pages"
            )
            self.others.append(self.pages)
        return self

    def __exit__(self, *_: object) -> None:
        for process in (*self.others, self.beat, self.worker):
            process.kill()
        self.reader.stop()
        self.books.close()

    # --- its parts --------------------------------------------------------------------------------
    def another_worker(self) -> Worker:
        # By this name PostgreSQL knows whose connections are whose.
        return Worker(self.environment | {"PGAPPNAME": "worker"}, self.folder / "worker.log")

    def another_beat(self) -> Process:
        return Process(self.environment, self.folder / "beat.log", "-m", "tests.flows.beat")

    def kill_worker(self) -> None:
        """Its claims are nobody's from here on; the launcher starts another."""
        self.worker.kill()
        self._bury_worker()

    def _bury_worker(self) -> None:
        # What it had told PostgreSQL last may be carried out after its death.
        self.wait(lambda: self.books.number(STILL_CONNECTED, "worker") == 0, "its connections outlive it")
        self.note_in_flight(grace=0)
        self.worker.start()

    def supervise(self) -> None:
        """The launcher starts again what ended; it is the reason why a worker may give up on its broker."""
        if self.worker.has_ended:
            self._bury_worker()
        if self.beat.has_ended:
            self.beat.start()

    # --- its time ---------------------------------------------------------------------------------
    @property
    def over(self) -> bool:
        if self.watched:
            if not self.convene.has_ended:
                return False
            assert self.convene.finish() == 0, self.convene.words()
        return self.books.number("SELECT count(*) FROM panel_run WHERE state = 'running'") == 0

    @property
    def heard(self) -> int:
        return self.books.number("SELECT count(*) FROM panel_hearing WHERE state = 'done'")

    @property
    def is_left_alone(self) -> bool:
        return self.books.number("SELECT count(*) FROM panel_breaker WHERE state = 'open'") > 0

    def until_over(self) -> None:
        self.go_on_until(lambda: self.over, "not over")

    def wait_for_calls(self, more: int) -> None:
        """Returns when so many more calls began, or the run is over."""
        goal = len(self.mistral.calls) + more
        self.go_on_until(lambda: len(self.mistral.calls) >= goal, "no calls", or_over=True)

    def go_on_until(self, condition: Callable[[], bool], what: str, *, or_over: bool = False) -> None:
        """Ten times a second a minute passes, and the launcher looks after its children."""

        def met() -> bool:
            if condition():
                return True
            if time.monotonic() < self._minute:
                return False
            self._minute = time.monotonic() + 0.1
            self.supervise()
            self.let_minutes_pass()
            return or_over and self.over

        self.wait(met, what)

    def wait(self, condition: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < deadline, f"{what}:\n{self.worker.words()[-4000:]}"
            time.sleep(0.01)

    def let_minutes_pass(self) -> None:
        self.books.tell(MINUTES_PASS)
        now = time.monotonic()
        for (hearing, fence), until in self.claims.items():
            if until < now:
                self.books.tell(LEASE_ENDS, hearing, fence)

    def note_in_flight(self, *, grace: float = GRACE) -> None:
        until = time.monotonic() + grace
        for claim in self.books.in_flight():
            self.claims.setdefault(claim, until)

    # --- its end ----------------------------------------------------------------------------------
    def check(self, *, calls: int) -> None:
        """Nothing lost, nothing doubled, nothing half. `calls`: as many as could be made at most."""
        books, found, expected = self.books, self.books.contents(), self.undisturbed
        made, receipts = len(self.mistral.calls), books.number("SELECT count(*) FROM panel_attempt")
        doubled = len(books.ask(DOUBLED))
        self._note_figures(found, made, doubled=doubled, over=made - calls)
        unheard = books.ask("SELECT id, state, attempts, last_error FROM panel_hearing WHERE state <> 'done'")
        assert unheard == [], self.worker.words()[-6000:]
        assert {name: len(found[name]) for name in found} == {name: len(expected[name]) for name in expected}
        assert found == expected
        assert books.number("SELECT count(*) FROM panel_run WHERE state = 'done'") == 1
        assert books.number("SELECT count(*) FROM panel_sitting WHERE state <> 'published'") == 0
        assert made <= calls, (sorted(self.claims), books.ask(ASKED_AGAIN))
        # Every call has its receipt, and what was answered twice was in flight when the first was torn.
        assert receipts >= made
        assert doubled <= len(self.claims)
        self._check_readers()

    def _note_figures(
        self, found: Mapping[str, list[tuple[Any, ...]]], made: int, *, doubled: int, over: int
    ) -> None:
        rows, expected = (
            [row for rows in each.values() for row in rows] for each in (found, self.undisturbed)
        )
        hearings = self.books.number("SELECT count(*) FROM panel_hearing")
        lost, extra = sum(row not in rows for row in expected), sum(row not in expected for row in rows)
        figures = (1, hearings, made, len(self.claims), doubled, lost, extra, max(over, 0))
        for name, figure in zip(FIGURES, figures, strict=True):
            self._tell(name, figure)

    def _check_readers(self) -> None:
        self.reader.stop()
        assert self.reader.half == []
        assert self.reader.looks > 0
        if self.reads_pages:
            self.wait(lambda: str(WHOLE_PAGE) in self.pages.words().split(), "nobody saw a page")
            # A line that is being written just now has no end yet.
            seen = self.pages.words().split("\n")[:-1]
            assert set(seen) <= {"0", str(WHOLE_PAGE)}, self.pages.words()[-2000:]
