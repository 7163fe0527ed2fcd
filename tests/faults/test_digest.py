"""The digest while its senders are killed, its mail server misbehaves and readers leave: nobody gets two.

A few readers in every run; `make faults` sends to 2,000 and 10,000 with 300 faults, 14 kills and PostgreSQL
restarted.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

import psycopg
import pytest

from tests.fakes.smtp import Sink
from tests.faults.conftest import rounds
from tests.faults.stage import moments
from tests.flows.backing import Services
from tests.flows.worker import Manage, Process

pytestmark = [pytest.mark.flow, pytest.mark.xdist_group("flow")]

CONNECTIONS = 3
# One harm each, when it is the reader's turn for the first time. The last two leave nobody knowing.
PROVEN = (
    ("rcpt", "450 4.2.0 greylisted"), ("rcpt", "drop"), ("rcpt", "550 5.1.1 nobody of that name"),
    ("end", "452 4.3.1 no room"), ("end", "554 5.7.1 looks like spam"),
)  # fmt: skip
AMBIGUOUS = (("end", "drop"), ("end", "drop taken"))
# What hours of waiting would bring, brought at once.
HOURS_PASS = """
    UPDATE comparisons_delivery SET not_before = now() WHERE state = 'queued' AND not_before > now();
    UPDATE comparisons_outlet SET paused_until = now() WHERE paused_until > now()
"""
LEAVE = """
    UPDATE comparisons_subscriber SET state = 'unsubscribed', ended_at = now()
    WHERE email = %s AND state = 'confirmed'
"""


class Post:
    """Two senders at once, a server with `faults`, and readers who leave meanwhile."""

    def __init__(self, services: Services, folder: Path, *, readers: int, faults: int, dice: Random) -> None:
        self.services, self.folder, self.dice = services, folder, dice
        self.names = [f"reader-{number}@example.org" for number in range(readers)]
        self.harms = {
            name: dice.choice(PROVEN if dice.random() < 0.7 else AMBIGUOUS)
            for name in dice.sample(self.names, faults)
        }
        self.ambiguous = {name for name, harm in self.harms.items() if harm in AMBIGUOUS}
        self.left: dict[str, float] = {}

    def __enter__(self) -> Post:
        self.sink = Sink(self._harm).__enter__()
        self.address = self.services.copy_database("post", of="template1")
        self.environment = dict(os.environ) | {
            "DATABASE_URL": self.address, "REDIS_URL": self.services.redis_url(), "EMAIL_URL": self.sink.url,
            "DIGEST_CONNECTIONS": str(CONNECTIONS), "DIGEST_LEASE_SECONDS": "3",
            "DIGEST_RATE": "100000/second", "DATA_DIR": str(self.services.data),
        }  # fmt: skip
        log = self.folder / "setup.log"
        for begin in (
            lambda: Manage(self.environment, log, "migrate", "--verbosity=0"),
            lambda: Process(self.environment, log, "-m", "tests.flows.postman", str(len(self.names))),
        ):
            assert begin().finish(240) == 0, log.read_text(encoding="utf-8")
        self.senders = [
            Process(self.environment, self.folder / f"{name}.log", "-m", "tests.flows.postman")
            for name in ("one", "other")
        ]
        return self

    def __exit__(self, *_: object) -> None:
        for sender in self.senders:
            sender.kill()
        self.sink.__exit__(None, None, None)

    def _harm(self, phase: str, recipient: str) -> str | None:
        at, harm = self.harms.get(recipient, ("", ""))
        if at != phase:
            return None
        del self.harms[recipient]
        return harm

    def tell(self, statement: str, *values: str) -> None:
        try:
            with psycopg.connect(self.address, autocommit=True) as connection:
                connection.execute(statement, values or None)  # type: ignore[call-overload]
        except psycopg.OperationalError:
            pass

    def states(self) -> dict[str, str]:
        with psycopg.connect(self.address) as connection:
            return dict(
                connection.execute(
                    "SELECT email, delivery.state FROM comparisons_delivery AS delivery"
                    " JOIN comparisons_subscriber AS subscriber ON subscriber.id = subscriber_id"
                ).fetchall()
            )

    def kill(self) -> None:
        """Both senders, in the middle of their work; whoever of them is sending."""
        for sender in self.senders:
            sender.kill()
            sender.start()

    def leave(self) -> None:
        name = self.dice.choice(self.names)
        self.tell(LEAVE, name)
        self.left.setdefault(name, time.monotonic())

    def wait_for(self, taken: int, seconds: float = 60) -> None:
        deadline = time.monotonic() + seconds
        while len(self.sink.taken) < taken and not self.over and time.monotonic() < deadline:
            time.sleep(0.02)

    @property
    def over(self) -> bool:
        try:
            return not {"queued", "sending"} & set(self.states().values())
        except psycopg.OperationalError:
            return False

    def until_over(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while not self.over:
            words = self.senders[0].words()[-3000:]
            assert time.monotonic() < deadline, f"{self.states()}\n{words}"
            self.tell(HOURS_PASS)
            time.sleep(0.2)

    def check(self, *, interruptions: int) -> None:
        states, copies = self.states(), self.sink.copies()
        assert len(states) == len(self.names)
        assert max(copies.values()) == 1, "somebody got two"
        taken = set(copies)
        of = {state: {name for name in states if states[name] == state} for state in states.values()}
        unknown = of.pop("unknown", set())
        assert of.pop("sent") == taken - unknown
        for state, names in of.items():
            assert not names & taken, state
        # Those that the server left open, and at most what was in flight when somebody was killed.
        assert len(unknown - self.ambiguous) <= interruptions * CONNECTIONS
        times = {each.recipient: each.at for each in self.sink.taken}
        late = {name for name, at in self.left.items() if times.get(name, 0) > at + 2}
        assert late == set(), "somebody who had left got one"


@pytest.fixture
def post(services: Services, tmp_path: Path) -> Iterator[Callable[..., Post]]:
    made: list[Post] = []

    def start(*, readers: int, faults: int, seed: int) -> Post:
        made.append(Post(services, tmp_path, readers=readers, faults=faults, dice=moments(seed, "post")))
        return made[0].__enter__()

    yield start
    for each in made:
        each.__exit__()


@pytest.mark.parametrize("seed", rounds(1))
def test_killed_senders_and_a_bad_server_give_nobody_two(post, seed):
    running = post(readers=240, faults=40, seed=seed)
    for taken in (30, 90, 150):
        running.wait_for(taken)
        running.leave()
        running.kill()
    running.until_over(120)
    running.check(interruptions=3)


@pytest.mark.slow
@pytest.mark.parametrize("seed", rounds(2))
@pytest.mark.parametrize("readers", [2_000, 10_000])
def test_many_readers_300_faults_14_kills_and_a_database_that_goes_down_twice(post, services, readers, seed):
    running = post(readers=readers, faults=300, seed=seed)
    for round_ in range(14):
        running.wait_for(readers // 20 * round_ + running.dice.randint(20, 100))
        running.leave()
        if round_ in {5, 10}:
            services.stop_postgres()
            time.sleep(running.dice.random() * 3)
            services.start_postgres()
        time.sleep(running.dice.random() * 0.2)
        running.kill()
    running.until_over(400)
    running.check(interruptions=16)
