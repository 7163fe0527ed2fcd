"""One cluster and one Redis for all fault tests, which restart them; a catalogue; and an undisturbed run."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.mistral import FakeMistral
from tests.faults.books import Books
from tests.faults.stage import FIGURES, Stage, same_words
from tests.flows.backing import Services
from tests.flows.worker import Manage, Process, panel_environment

CARDS = 3
LATENCY, JITTER = 0.1, 0.08  # seconds: long enough to be hit in the middle, short enough for a test


def rounds(few: int) -> range:
    """The seeds to run: a few, or as many as FAULT_ROUNDS says, from FAULT_SEED on (0)."""
    seed, count = os.environ.get("FAULT_SEED"), os.environ.get("FAULT_ROUNDS")
    first = int(seed or 0)
    return range(first, first + int(count or (1 if seed else few)))


@pytest.fixture(scope="session")
def services() -> Iterator[Services]:
    # With commits that are kept: PostgreSQL is about to be stopped as a crash would stop it.
    with Services(careless=False) as services:
        yield services


@pytest.fixture(scope="session")
def undisturbed(
    services: Services, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, list[tuple[Any, ...]]]:
    """What the books hold after a run in which nothing happened.

    Leaves two databases behind: `catalogue`, and `convened`, where a run over all of it waits for a worker.
    """
    log = tmp_path_factory.mktemp("undisturbed") / "log"
    with FakeMistral(answer=same_words) as fake:
        address = services.copy_database("catalogue", of="template1")
        environment = panel_environment(
            database_url=address,
            redis_url=services.redis_url(),
            mistral_url=fake.url,
            DATA_DIR=str(services.data),
            PANEL_JUDGES="mistral",
        )
        for process in (
            lambda: Manage(environment, log, "migrate", "--verbosity=0"),
            lambda: Process(environment, log, "-m", "tests.flows.catalogue", str(CARDS)),
        ):
            assert process().finish() == 0, log.read_text(encoding="utf-8")
        environment["DATABASE_URL"] = services.copy_database("convened", of="catalogue")
        assert Manage(environment, log, "convene", "--all", "--queue").finish() == 0, log.read_text()
        quiet = Books(services.copy_database("undisturbed", of="catalogue"))
        environment["DATABASE_URL"] = quiet.address
        assert Manage(environment, log, "convene", "--all", "--here").finish() == 0, log.read_text()
        contents = quiet.contents()
        assert len(fake.calls) == quiet.number("SELECT count(*) FROM panel_hearing")
        assert len(contents["verdicts"]) == CARDS * (CARDS - 1) // 2
        quiet.close()
        return contents


@pytest.fixture
def mistral() -> Iterator[FakeMistral]:
    with FakeMistral(answer=same_words, latency=LATENCY, jitter=JITTER) as fake:
        yield fake


@pytest.fixture
def staged(
    services: Services,
    undisturbed: dict[str, list[tuple[Any, ...]]],
    mistral: FakeMistral,
    tmp_path: Path,
    record_property: Callable[[str, object], None],
) -> Callable[..., Stage]:
    """Sets the stage for a run; `with staged() as stage:` begins it."""
    return partial(Stage, services, mistral, tmp_path, undisturbed, record_property)


@pytest.fixture
def hearings(undisturbed: dict[str, list[tuple[Any, ...]]]) -> int:
    """How many calls an undisturbed run takes: a review each, and each pick in both orders."""
    return len(undisturbed["reviews"]) + 2 * len(undisturbed["picks"])


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """What the runs came to, over all rounds."""
    total: Counter[str] = Counter()
    for report in (*terminalreporter.stats.get("passed", ()), *terminalreporter.stats.get("failed", ())):
        total.update({name: figure for name, figure in report.user_properties if name in FIGURES})
    if total["runs"]:
        terminalreporter.write_line("faults: " + ", ".join(f"{total[name]} {name}" for name in FIGURES))
