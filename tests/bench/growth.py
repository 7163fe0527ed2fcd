"""How queries grow with the site: `python -m tests.bench.growth [--cards 1000] [--few 1000] [--many 500000]`.

Every query of every public page, as PostgreSQL times it (EXPLAIN ANALYZE), first with few pairings,
then with all pairs of the same cards and a million votes, in one database. PostgreSQL makes the rows itself;
only the newest verdicts have their reviews and picks linked, because pages reach those by key.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tests.conftest  # noqa: F401 - starts PostgreSQL and Redis, and sets Django up

from django.conf import settings  # isort: skip
from django.core.management import call_command  # isort: skip
from django.db import connection  # isort: skip
from django.test import Client, override_settings  # isort: skip
from django.test.utils import CaptureQueriesContext  # isort: skip

from comparisons.cards.actions import save_cards  # isort: skip
from comparisons.cards.models import Card  # isort: skip
from tests.articles.conftest import make_article  # isort: skip
from tests.bench import growing  # isort: skip
from tests.bench.asking import EXCUSED, pages  # isort: skip
from tests.factories.cards import make_offer, make_record  # isort: skip
from tests.factories.reviews import make_reviewers  # isort: skip

RESULTS = Path(__file__).parent / "results"
LABS = ("acorn", "birch", "cedar", "dune", "elm", "fern", "grove", "heath", "iris", "juniper")
CATEGORIES = ("General", "Code", "Frontier", "Local", "Fast and cheap")
TIMES = 15
MOST, GROWTH = 1.0, 1.5  # ms, and times what it took with few
NOISE = 0.1  # ms; below that a ratio is that of two clocks
PLAIN = {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}


def make_cards(count: int) -> None:
    """Alder to zebra: names of three parts, so that a search finds some and not all."""
    kinds = ("Alder", "Bison", "Crane", "Delta", "Ember", "Falcon", "Gecko", "Heron", "Ibis", "Jay")
    records = [
        make_record(
            f"{kinds[n % 10].lower()}-{n}",
            name=f"{kinds[n % 10]} {n}",
            lab=_lab(n),
            category="Speech" if n % 250 == 9 else CATEGORIES[n % len(CATEGORIES)],
            context_tokens=1000 * (1 + n % 300),
            price_in=f"{n % 97 / 10}",
            offers=[make_offer(f"p-{at}", f"m-{n}", price_in=f"{(n + at) % 97 / 10}") for at in range(3)],
        )
        for n in range(count)
    ]
    save_cards(records)


def _lab(n: int) -> str:
    """Ten labs with a tenth each, and three with one, five and thirty of a thousand cards."""
    small = {
        500: "kelp",
        **dict.fromkeys(range(601, 606), "larch"),
        **dict.fromkeys(range(1, 991, 33), "moss"),
    }
    return small.get(n) or LABS[n * 7 % len(LABS)]


@dataclass(frozen=True)
class Asked:
    page: str
    number: int  # of the query on its page
    sql: str


def asked(only: str = "") -> list[Asked]:
    """What the pages whose name has `only` in it ask the database, word for word."""
    client, found = Client(), []
    for name, address in pages().items():
        if only not in name:
            continue
        client.get(address)  # the first time, what is written once is written
        with CaptureQueriesContext(connection) as captured:
            answer = client.get(address)
        assert answer.status_code == 200, (address, answer.status_code)
        queries = enumerate(captured.captured_queries, start=1)
        found += [Asked(name, number, query["sql"]) for number, query in queries]
    return found


def timed(sql: str) -> tuple[float, int]:
    """What PostgreSQL says it took in ms, planning apart, and how many rows it gave. The quickest of several:
    other work only adds."""
    took = []
    with connection.cursor() as cursor:
        for _ in range(TIMES + 1):
            cursor.execute(f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {sql}")
            (plan,) = cursor.fetchone()
            told = (plan if isinstance(plan, list) else json.loads(plan))[0]
            took.append(told["Execution Time"])
    return min(took[1:]), told["Plan"]["Actual Rows"]


def measured(only: str = "") -> dict[tuple[str, int], tuple[float, int, str]]:
    return {(each.page, each.number): (*timed(each.sql), each.sql) for each in asked(only)}


def rows(few: dict[Any, Any], many: dict[Any, Any]) -> list[dict[str, Any]]:
    found = []
    for (page, number), (ms, given, sql) in many.items():
        before, rows_before, _ = few.get((page, number), (None, 0, ""))
        limit = 200.0 if page.startswith("sitemap") else MOST
        # Of rows that were not there yet nobody can say how long they took.
        alike = before is not None and rows_before == given and not page.startswith("sitemap")
        grown = alike and ms > NOISE and ms > GROWTH * before
        good = ms <= limit and not grown
        found.append(
            {"page": page, "query": number, "few, ms": before, "many, ms": ms, "rows": given, "alike": alike,
             "good": good, "excused": None if good else excused(f"{page} [{number}]", ms), "sql": sql}
        )  # fmt: skip
    return sorted(found, key=lambda row: -row["many, ms"])


def excused(query: str, ms: float) -> int | None:
    """Which reason there is for it, by its place."""
    fitting = (at for at, (what, _, most) in enumerate(EXCUSED) if re.fullmatch(what, query) and ms <= most)
    return next(fitting, None)


def show(found: list[dict[str, Any]], *, all_of_them: bool) -> None:
    print(f"  {'query':<46} {'few, ms':>9} {'many, ms':>9} {'ratio':>7}")
    for row in found:
        if not all_of_them and row["good"] and row["many, ms"] < MOST / 2:
            continue
        few = row["few, ms"]
        ratio = f"{row['many, ms'] / few:.1f}" if few and row["alike"] else "–"
        reason = row["excused"]
        word = "" if row["good"] else "  MISSED" if reason is None else f"  reason {reason + 1}"
        what = f"{row['page']} [{row['query']}]"
        print(f"  {what:<46} {few or 0:>9.3f} {row['many, ms']:>9.3f} {ratio:>7}{word}")
    good = sum(row["good"] for row in found)
    print(f"  {good} of {len(found)} queries reach ≤ {MOST} ms and ≤ {GROWTH} × (sitemap files: 200 ms),")
    for at, (_, reason, most) in enumerate(EXCUSED):
        number = sum(row["excused"] == at for row in found)
        print(f"  {number} may take {most:g} ms for reason {at + 1}: {reason}")
    missed = sum(not row["good"] and row["excused"] is None for row in found)
    print(f"  {missed} miss. A ratio is said of equal numbers of rows only.")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cards", type=int, default=1000)
    parser.add_argument("--few", type=int, default=1000)
    parser.add_argument("--many", type=int, default=500_000)
    parser.add_argument("--all", action="store_true", help="show quick queries too")
    options = parser.parse_args()
    call_command("migrate", verbosity=0)
    make_reviewers()
    make_cards(options.cards)
    make_article("an-essay", cards=(Card.objects.earliest("pk").slug,))
    results = []
    with override_settings(
        STORAGES={**settings.STORAGES, **PLAIN}, ALLOWED_HOSTS=["*"], API_PER_NETWORK=(10**6, 3600)
    ):
        for count in (options.few, options.many):
            begun = time.monotonic()
            growing.grow(count)
            print(f"{count:,} pairings after {time.monotonic() - begun:.0f} s", file=sys.stderr)
            results.append(measured())
    found = rows(*results)
    show(found, all_of_them=options.all)
    RESULTS.mkdir(exist_ok=True)
    for row in found:
        row["sql"] = re.sub(r"\s+", " ", row["sql"])[:4000]
    (RESULTS / "growth.json").write_text(json.dumps(found, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
