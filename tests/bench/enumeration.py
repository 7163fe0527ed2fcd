"""Whether the time of an answer tells a known name or address from an unknown one.

    python -m tests.bench.enumeration [--rounds 150]

One granian process as it is deployed, a PostgreSQL and a Redis of this bench's own. Asked in turns, in random
order: signing in with a known and an unknown name, subscribing a known and an unknown address; beside each,
the same kind asked against itself, which is the noise of this machine. `tells` is how often a guess by the
time alone is right, over all pairs of one known and one unknown: 0.50 is a coin. Tests hold the same doors to
the same statements and hashes (tests/people/test_sign_in.py, tests/digest/test_subscribing.py).
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from random import Random
from urllib.parse import urlencode

import django
from rich.console import Console
from rich.table import Table

from tests.flows.backing import Services
from tests.publishing.webs import Web, manage

RESULTS = Path(__file__).parent / "results"
FORM = {"Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin"}
MOST = 0.1  # further from a coin than this, beyond the noise, is a finding
PEOPLE = """
from comparisons.people.models import User
from comparisons.digest.models import Subscriber
from django.utils import timezone
User.objects.create_user("ann", password="correct horse battery", is_staff=True)
now = timezone.now()
told = {"asked_at": now, "confirmed_at": now, "wording": "1", "page": "/"}
Subscriber.objects.create(email="ann@example.org", state="confirmed", **told)
"""


class Door:
    """Asks a running site, and says how long the answer took in milliseconds."""

    def __init__(self, port: int) -> None:
        self._port = port
        line = self._line()
        line.request("GET", "/admin/login/")
        answer = line.getresponse()
        page = answer.read().decode()
        self._cookie = str(answer.getheader("Set-Cookie")).partition(";")[0]
        found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
        assert found
        self._token = found[1]

    def sign_in(self, name: str) -> float:
        given = {"username": name, "password": "wrong horse battery", "csrfmiddlewaretoken": self._token}
        return self._ask("/admin/login/", given, 422)

    def subscribe(self, name: str) -> float:
        given = {"email": f"{name}@example.org", "wording": "1", "page": "/"}
        return self._ask("/digest/subscribe/", given, 200)

    def _ask(self, path: str, given: dict[str, str], wanted: int) -> float:
        line = self._line()
        line.connect()
        body, headers = urlencode(given), {**FORM, "Cookie": self._cookie}
        began = time.perf_counter()
        line.request("POST", path, body, headers)
        answer = line.getresponse()
        answer.read()
        took = 1000 * (time.perf_counter() - began)
        line.close()
        assert answer.status == wanted, answer.status
        return took

    def _line(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self._port, timeout=30)


def tells(known: list[float], unknown: list[float]) -> float:
    """How often the slower of a pair is the known one."""
    won = sum((a > b) + 0.5 * (a == b) for a in known for b in unknown)
    return won / (len(known) * len(unknown))


def measured(ask: Callable[[str], float], rounds: int) -> dict[str, list[float]]:
    """Milliseconds by whom was asked for; `again` is the unknown one under another heading."""
    chance = Random(1)
    found: dict[str, list[float]] = {"known": [], "unknown": [], "again": []}
    for number in range(rounds):
        kinds = list(found)
        chance.shuffle(kinds)
        for kind in kinds:
            # As long as the known name, and another each time.
            other = "".join(chr(ord("b") + (number // 25**place) % 25) for place in range(3))
            found[kind].append(ask("ann" if kind == "known" else other))
    return found


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=150)
    rounds = parser.parse_args().rounds
    out_of_reach = "1000000000/hour"
    with tempfile.TemporaryDirectory() as name, Services() as services:
        root = Path(name)
        root.chmod(0o755)
        told = {
            "DATABASE_URL": services.database_url(), "REDIS_URL": services.redis_url(),
            "PANEL_JUDGES": "rubric", "DATA_DIR": name, "SECRET_KEY": "0123456789" * 6,
            "LOGINS_PER_NETWORK": out_of_reach, "LOGINS_PER_NAME": out_of_reach,
            "SUBSCRIPTIONS_PER_NETWORK": out_of_reach, "SUBSCRIPTIONS_PER_ADDRESS": out_of_reach,
        }  # fmt: skip
        os.environ |= {**told, "DJANGO_SETTINGS_MODULE": "reviewsite.settings"}
        django.setup()
        for command in (("migrate",), ("collectstatic", "--noinput"), ("shell", "-c", PEOPLE)):
            done = manage(root, *command, "--verbosity=0")
            assert done.returncode == 0, done.stderr
        web = Web(root, root / "pages")
        try:
            door = Door(web.port)
            told_by = {
                "log in": measured(door.sign_in, rounds),
                "subscribe": measured(door.subscribe, rounds),
            }
        finally:
            web.kill()
    return report(told_by, rounds)


def report(told_by: dict[str, dict[str, list[float]]], rounds: int) -> int:
    table = Table(title=f"Known or unknown, {rounds} times each, ms (median)")
    for column in ("door", "known", "unknown", "tells", "noise"):
        table.add_column(column, justify="left" if column == "door" else "right")
    results, worst = {}, 0.0
    for door, found in told_by.items():
        medians = [statistics.median(found[kind]) for kind in ("known", "unknown")]
        told, noise = tells(found["known"], found["unknown"]), tells(found["again"], found["unknown"])
        worst = max(worst, abs(told - 0.5) - abs(noise - 0.5))
        table.add_row(door, *(f"{each:.2f}" for each in medians), f"{told:.3f}", f"{noise:.3f}")
        results[door] = {"known": medians[0], "unknown": medians[1], "tells": told, "noise": noise}
    Console().print(table)
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "enumeration.json").write_text(json.dumps(results, indent=2), encoding="utf-8")
    return 0 if worst <= MOST else 1


if __name__ == "__main__":
    sys.exit(main())
