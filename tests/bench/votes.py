"""Votes over HTTP: `python -m tests.bench.votes [--votes 10000] [--rounds 3]`.

One granian process as `manage.py up` starts it, a PostgreSQL that syncs to disk and a Redis, all of this
bench's own; 64 connections, each vote from a visitor of its own. Beside it, in turns, behind the same
middleware: a trivial view (the floor) and the naive vote (`update_or_create` and `F()` in a transaction).
The limits count every vote as in life; their rates are out of reach, since all of them come from here.
After each round rows and counters must equal the answers that were given. Medians of the rounds.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

import django
import psutil
import psycopg
from django.core.management import call_command
from rich.console import Console
from rich.table import Table

from tests.bench import crowd
from tests.flows.backing import Services
from tests.publishing.webs import ROOT, Process, environment, free_port

RESULTS = Path(__file__).parent / "results"
CHOICES = ("left", "right", "both", "neither")
CONNECTIONS = 64
PAIRINGS = 100
OUT_OF_REACH = {"VOTES_PER_NETWORK": "1000000000/hour"}
BESIDE = """
import os
os.environ["DJANGO_SETTINGS_MODULE"] = "reviewsite.settings"
from reviewsite.wsgi import application
from django.db import transaction
from django.db.models import F
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import path
from django.utils import timezone
from comparisons.pairings.models import Pairing
from comparisons.people.origin import same_origin_writes
from comparisons.people.visitor import Visitor
from comparisons.votes.models import Vote, VoteCount, voter_key
import reviewsite.urls

def trivial(request):
    return HttpResponse("ok")

@same_origin_writes
def naive(request, slug):
    pairing = get_object_or_404(Pairing, slug=slug)
    visitor, choice, now = Visitor.acting(request), request.POST["choice"], timezone.now()
    said = {"choice": choice, "changed_at": now}
    with transaction.atomic():
        Vote.objects.update_or_create(
            pairing=pairing, voter_key=voter_key(pairing, visitor),
            defaults=said, create_defaults={**said, "created_at": now},
        )
        VoteCount.objects.get_or_create(pairing=pairing, shard=0)
        VoteCount.objects.filter(pairing=pairing, shard=0).update(**{choice: F(choice) + 1})
    return visitor.remember(HttpResponseRedirect("/", status=303))

reviewsite.urls.urlpatterns[:0] = [path("trivial/", trivial), path("naive/<slug:slug>/", naive)]
"""


@dataclass(frozen=True)
class Rate:
    """Answers a second, and per second of CPU time that the web process, PostgreSQL and Redis took."""

    wall: float
    cpu: float


def visits(n: int, *paths: str, htmx: bool = False) -> Iterator[crowd.Visit]:
    """n visitors with one vote each, taking turns over `paths`."""
    status = 200 if htmx else 303
    for at in range(n):
        yield once(crowd.post(paths[at % len(paths)], htmx=htmx, choice=CHOICES[at % 4]), status)


def once(request: bytes, status: int) -> crowd.Visit:
    told = yield request
    assert told.status == status, f"{told.status} instead of {status}: {told.head}"


def measure(port: int, books: psycopg.Connection[Any], them: Iterator[crowd.Visit], n: int) -> Rate:
    before = cpu_seconds()
    seconds = crowd.send(port, them, connections=CONNECTIONS)
    return Rate(n / seconds, n / (cpu_seconds() - before))


def cpu_seconds() -> float:
    """Of everything this bench has started."""
    total = 0.0
    for each in psutil.Process().children(recursive=True):
        times = each.cpu_times()
        total += times.user + times.system + times.children_user + times.children_system
    return total


def empty(books: psycopg.Connection[Any]) -> None:
    books.execute(
        "TRUNCATE comparisons_vote, comparisons_votecount, comparisons_shipcount, comparisons_pagechange"
    )


def assert_exact(books: psycopg.Connection[Any], n: int) -> None:
    """n answers are n rows, and the counters say the same of each of the four."""
    rows = dict(books.execute("SELECT choice, count(*) FROM comparisons_vote GROUP BY choice").fetchall())
    sums = books.execute(
        'SELECT sum("left"), sum("right"), sum("both"), sum(neither), sum(set_aside)'
        " FROM comparisons_votecount"
    ).fetchone()
    assert sum(rows.values()) == n, f"{n} answers, but {rows}"
    assert sums is not None
    assert dict(zip(CHOICES, sums[:4], strict=True)) == rows, f"counted {sums}, but {rows}"
    assert not sums[4], "votes were set aside"


def assert_durable(books: psycopg.Connection[Any]) -> None:
    """A vote is answered after its commit, and a commit here waits for the disk."""
    for name in ("fsync", "synchronous_commit", "full_page_writes"):
        found = books.execute("SELECT current_setting(%s)", [name]).fetchone()
        assert found == ("on",), f"{name} is {found}"


def fill() -> list[str]:
    """Pairings with verdicts; their slugs."""
    from comparisons.pairings.models import Pairing
    from tests.factories.cards import make_card
    from tests.factories.reviews import make_verdict

    cards = [make_card(f"card-{n}") for n in range(15)]
    pairings = [Pairing.objects.between(*two) for two in list(combinations(cards, 2))[:PAIRINGS]]
    for pairing in pairings:
        make_verdict(pairing, (88, 82, 85, 78), (84, 78, 80, 55))
    return [pairing.slug for pairing in pairings]


def serve(services: Services) -> Process:
    home = services.data
    (home / "beside.py").write_text(BESIDE, encoding="utf-8")
    port = free_port()
    argv = [
        sys.executable, "-m", "granian", "--interface", "wsgi", "--workers", "1", "--blocking-threads", "8",
        "--no-ws", "--no-access-log", "--host", "127.0.0.1", "--port", str(port), "beside:application",
    ]  # fmt: skip
    more = {**OUT_OF_REACH, "PYTHONPATH": f"{home}:{ROOT}", "REDIS_URL": services.redis_url()}
    return Process(argv, port, home / "web.log", environment(home, DATABASE_POOL="40", **more))


def run(votes: int, rounds: int) -> dict[str, Any]:
    with Services(careless=False) as services:
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "reviewsite.settings",
            "DATABASE_URL": services.database_url(),
            "REDIS_URL": services.redis_url(),
            "DATA_DIR": str(services.data),
            "SECRET_KEY": "for a bench",
        }
        django.setup()
        call_command("migrate", verbosity=0)
        slugs = fill()
        web = serve(services)
        try:
            with psycopg.connect(services.database_url(), autocommit=True) as books:
                assert_durable(books)
                return rated(web.port, books, slugs, votes=votes, rounds=rounds)
        finally:
            web.kill()


def rated(
    port: int, books: psycopg.Connection[Any], slugs: list[str], *, votes: int, rounds: int
) -> dict[str, Any]:
    ours = [f"/compare/{slug}/vote/" for slug in slugs]
    runs: dict[str, Callable[[int], Iterator[crowd.Visit]]] = {
        "trivial view": lambda n: (once(crowd.get("/trivial/"), 200) for _ in range(n)),
        "naive vote, one pairing": lambda n: visits(n, f"/naive/{slugs[0]}/"),
        "vote, one pairing": lambda n: visits(n, ours[0]),
        "vote, 100 pairings": lambda n: visits(n, *ours),
        "vote, one pairing, answered by its ballot": lambda n: visits(n, ours[0], htmx=True),
    }
    for visit in runs.values():
        crowd.send(port, visit(200), connections=8)  # warm
    rates: dict[str, list[Rate]] = {name: [] for name in runs}
    for _ in range(rounds):
        for name, visit in runs.items():
            empty(books)
            rates[name].append(measure(port, books, visit(votes), votes))
            if name != "trivial view":
                assert_exact(books, votes)
    return {
        "votes": votes,
        "connections": CONNECTIONS,
        "rounds": rounds,
        "answers a second": {name: median(rate.wall for rate in found) for name, found in rates.items()},
        "answers per CPU second": {name: median(rate.cpu for rate in found) for name, found in rates.items()},
        "exact": True,  # or the run would have ended
        "targets": targets({name: median(rate.wall for rate in found) for name, found in rates.items()}),
    }


def median(values: Iterator[float]) -> float:
    return statistics.median(values)


def targets(walls: dict[str, float]) -> list[dict[str, Any]]:
    wanted = [
        ("vote, one pairing", "trivial view", 0.4),
        ("vote, one pairing", "naive vote, one pairing", 3.0),
        ("vote, one pairing", "vote, 100 pairings", 0.95),
    ]
    return [
        {
            "what": f"{one} ÷ {other}",
            "reached": round(walls[one] / walls[other], 3),
            "wanted": f"≥ {least}",
            "good": walls[one] / walls[other] >= least,
        }
        for one, other, least in wanted
    ]


def show(result: dict[str, Any]) -> None:
    table = Table(title=f"{result['votes']:,} votes, {CONNECTIONS} connections, every round exact")
    table.add_column("of")
    for name in ("answers a second", "answers per CPU second"):
        table.add_column(name, justify="right")
    for name, wall in result["answers a second"].items():
        table.add_row(name, f"{wall:,.0f}", f"{result['answers per CPU second'][name]:,.0f}")
    console = Console(width=110)
    console.print(table)
    for row in result["targets"]:
        word = "reached" if row["good"] else "MISSED"
        console.print(f"{word:<8} {row['what']:<52} {row['reached']:>8} {row['wanted']}", highlight=False)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--votes", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    result = run(options.votes, options.rounds)
    show(result)
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "votes.json").write_text(json.dumps(result, indent=1, ensure_ascii=False), encoding="utf-8")


if __name__ == "__main__":
    main()
