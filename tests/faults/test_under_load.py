"""People browse and vote while Redis and then PostgreSQL are gone for a while.

Pages go on from the store, a write is done or refused in clear words, and what was answered with success is
there afterwards. `LOAD_SECONDS=60` and `FAULT_SEED` make it longer and other.
"""

from __future__ import annotations

import http.client
import os
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from pathlib import Path
from random import Random
from typing import Any

import pytest

from comparisons.pairings.models import Pairing
from comparisons.people.visitor import Visitor
from comparisons.votes.models import voter_key
from tests.faults.books import Books
from tests.flows.backing import Services
from tests.publishing.webs import Web, manage

pytestmark = [pytest.mark.flow, pytest.mark.xdist_group("faults")]

SECONDS = float(os.environ.get("LOAD_SECONDS", "10"))
SEED = int(os.environ.get("FAULT_SEED", "1"))
PEOPLE = 8
# Per cent of what they do. A short run votes more often, or it would hardly vote at all.
FRAGMENTS, WRITES = (4, 1) if SECONDS >= 60 else (6, 10)
GONE = 1.5  # seconds for which a service is away
FORM = {"Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin"}


@dataclass
class Story:
    """What one person did, and what they were told."""

    seen: Counter[tuple[str, int]] = field(default_factory=Counter)
    voted: list[tuple[int, str]] = field(
        default_factory=list
    )  # pairing, key of what was answered with success
    oddities: list[str] = field(default_factory=list)


class Person:
    def __init__(self, seed: int, webs: tuple[Web, Web], pairings: list[tuple[int, str]]) -> None:
        self.chance, self.webs, self.pairings = Random(seed), webs, pairings
        self.story = Story()

    def live(self, until: float) -> Story:
        while time.monotonic() < until:
            pk, slug = self.chance.choice(self.pairings)
            lot = self.chance.random() * 100
            if lot < WRITES:
                self._vote(pk, slug)
            elif lot < WRITES + FRAGMENTS:
                self._ask("fragment", f"/compare/{slug}/vote/", headers={"HX-Request": "true"})
            else:
                page = self.chance.choice([f"/compare/{slug}/", f"/compare/{slug}/", "/", "/models/"])
                self._ask("page", page)
            time.sleep(0.005)  # a hundred clicks a second are enough of a crowd for two cores
        return self.story

    def _vote(self, pk: int, slug: str) -> None:
        choice = self.chance.choice(["left", "right", "both", "neither"])
        answer = self._ask("write", f"/compare/{slug}/vote/", body=f"choice={choice}", headers=FORM)
        if answer is not None and answer.status == 303:
            cookie = SimpleCookie(answer.getheader("Set-Cookie"))["visitor"].value
            visitor = Visitor(cookie.rpartition(":")[0])
            self.story.voted.append((pk, voter_key(Pairing(pk=pk, slug=slug), visitor)))

    def _ask(
        self, kind: str, path: str, *, body: str | None = None, headers: dict[str, str] | None = None
    ) -> http.client.HTTPResponse | None:
        line = http.client.HTTPConnection("127.0.0.1", self.chance.choice(self.webs).port, timeout=30)
        try:
            line.request("POST" if body else "GET", path, body, headers or {})
            answer = line.getresponse()
            answer.read()
        except OSError as error:
            self.story.oddities.append(f"{kind} {path}: {error!r}")
            return None
        finally:
            line.close()
        self.story.seen[kind, answer.status] += 1
        if answer.status == 503 and not answer.getheader("Retry-After"):
            self.story.oddities.append(f"{kind} {path}: 503 without a time to come back")
        return answer


@pytest.fixture
def books(services: Services, undisturbed: dict[str, list[tuple[Any, ...]]]) -> Iterator[Books]:
    books = Books(services.copy_database("load", of="undisturbed"))
    yield books
    books.close()


@pytest.fixture
def webs(services: Services, books: Books, tmp_path: Path) -> Iterator[tuple[Web, Web]]:
    told = {
        "DATABASE_URL": books.address,
        "REDIS_URL": services.redis_url(),
        "VOTES_PER_NETWORK": "1000000/hour",
        "PANEL_JUDGES": "rubric",
    }
    done = manage(tmp_path, "collectstatic", "--noinput", "--verbosity=0", **told)
    assert done.returncode == 0, done.stderr
    both = Web(tmp_path, tmp_path / "one", **told), Web(tmp_path, tmp_path / "two", **told)
    yield both
    for web in both:
        web.kill()


def test_pages_go_on_and_no_answered_vote_is_lost(
    services: Services, books: Books, webs: tuple[Web, Web]
) -> None:
    pairings = [(int(pk), str(slug)) for pk, slug in books.ask("SELECT id, slug FROM comparisons_pairing")]
    for web in webs:
        for path in ("/", "/models/", *(f"/compare/{slug}/" for _, slug in pairings)):
            assert web.get(path).status == 200
    begun = time.monotonic()
    people = [Person(SEED * 1000 + number, webs, pairings) for number in range(PEOPLE)]
    with ThreadPoolExecutor(PEOPLE) as crowd:
        living = [crowd.submit(person.live, begun + SECONDS) for person in people]
        _away(begun + SECONDS * 0.2, services.stop_redis, services.start_redis)
        _away(begun + SECONDS * 0.5, services.stop_postgres, services.start_postgres)
        stories = [life.result() for life in living]
    seen: Counter[tuple[str, int]] = sum((story.seen for story in stories), Counter())
    logs = "\n".join(web.log[-3000:] for web in webs)
    assert [oddity for story in stories for oddity in story.oddities] == [], logs
    assert {status for kind, status in seen if kind == "page"} == {200}, (seen, logs)
    assert {status for kind, status in seen if kind == "fragment"} <= {200, 503}, (seen, logs)
    assert {status for kind, status in seen if kind == "write"} <= {303, 503}, (seen, logs)
    assert seen["page", 200] > 50
    voted = [vote for story in stories for vote in story.voted]
    assert len(voted) == seen["write", 303] > 0
    rows = {(pk, key) for pk, key in books.ask("SELECT pairing_id, voter_key FROM comparisons_vote")}
    lost = set(voted) - rows
    assert not lost, f"{len(lost)} of {len(voted)} votes are lost; {dict(seen)}"
    # What was refused may have been done in the moment the database fell, never more than that.
    assert len(rows) <= len(voted) + seen["write", 503]
    counted = books.number(
        'SELECT sum("left" + "right" + "both" + neither + set_aside) FROM comparisons_votecount'
    )
    assert counted == len(rows)
    print(f"seed {SEED}, {SECONDS:.0f} s: {dict(seen)}, 0 lost")  # read with -s


def _away(at: float, stop: Any, start: Any) -> None:
    time.sleep(max(0.0, at - time.monotonic()))
    stop()
    time.sleep(GONE)
    start()
