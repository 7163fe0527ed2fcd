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
from comparisons.pairings.listing import ORDERS, standing  # isort: skip
from comparisons.pairings.models import Pairing  # isort: skip
from tests.articles.conftest import make_article  # isort: skip
from tests.bench import growing  # isort: skip
from tests.factories.cards import make_offer, make_record  # isort: skip
from tests.factories.reviews import make_reviewers  # isort: skip

RESULTS = Path(__file__).parent / "results"
LABS = ("acorn", "birch", "cedar", "dune", "elm", "fern", "grove", "heath", "iris", "juniper")
CATEGORIES = ("General", "Code", "Frontier", "Local", "Fast and cheap")
TIMES = 7
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
            lab=LABS[n * 7 % len(LABS)],
            category=CATEGORIES[n % len(CATEGORIES)],
            context_tokens=1000 * (1 + n % 300),
            price_in=f"{n % 97 / 10}",
            offers=[make_offer(f"p-{at}", f"m-{n}", price_in=f"{(n + at) % 97 / 10}") for at in range(3)],
        )
        for n in range(count)
    ]
    save_cards(records)


@dataclass(frozen=True)
class Asked:
    page: str
    number: int  # of the query on its page
    sql: str


def pages() -> dict[str, str]:
    """Name → address. Deep pages begin in the middle of all."""
    pairing = Pairing.objects.filter(verdict__isnull=False).select_related("left", "right").latest("pk")
    left, right = pairing.left, pairing.right
    middle = standing().order_by("published_at")
    deep = middle[middle.count() // 2]
    lists = {
        "newest": "", "closest": "?sort=closest", "by name": "?sort=name",
        "of a lab": f"?lab={left.lab.slug}", "of a lab, closest": f"?lab={left.lab.slug}&sort=closest",
        "of a lab, by name": f"?lab={left.lab.slug}&sort=name",
        "of a category": "?category=Code", "of a category, closest": "?category=Code&sort=closest",
        "lab and category": f"?lab={left.lab.slug}&category={left.category}",
        "lab, category, closest": f"?lab={left.lab.slug}&category={left.category}&sort=closest",
        "clear": "?outcome=clear", "clear, closest": "?outcome=clear&sort=closest", "none": "?outcome=none",
        "clear, of a lab": f"?outcome=clear&lab={left.lab.slug}",
        "split, of a category": "?outcome=split&category=Local",
        "by a model": "?judge=model", "by the rubric": "?judge=rubric", "mixed": "?judge=mixed",
        "mixed, closest": "?judge=mixed&sort=closest", "mixed, of a lab": f"?judge=mixed&lab={left.lab.slug}",
        "search": f"?q={left.slug}", "search, many": "?q=falcon", "search, slip": "?q=falkonn",
        "search of two": f"?q={left.name}+vs+{right.name}".replace(" ", "+"),
        "search, closest": f"?q={left.slug}&sort=closest",
    }  # fmt: skip
    found = {f"/compare/, {name}": f"/compare/{query}" for name, query in lists.items()}
    for name, sort in (("newest", ""), ("closest", "closest"), ("by name", "name")):
        cursor = ORDERS[sort or "newest"].cursor(deep)
        found[f"/compare/, {name}, deep"] = f"/compare/?sort={sort}&after={cursor}"
    return found | {
        "home": "/",
        "comparison": f"/compare/{pairing.slug}/",
        "its vote": f"/compare/{pairing.slug}/vote/",
        "models": "/models/",
        "models, filtered": "/models/?weights=closed&context=128K&price=5&sort=price",
        "models, search": f"/models/?q={left.name}".replace(" ", "+"),
        "suggestions": "/models/suggest/?q=falc&for=a",
        "model": f"/models/{left.slug}/",
        "reviewers": "/reviewers/",
        "reviewer": "/reviewers/skeptic/",
        "articles": "/articles/",
        "article": "/articles/an-essay/",
        "feed": "/feeds/verdicts.atom",
        "price map": f"/models/price-and-score/{growing.RUBRIC}.svg",
        "sitemap": "/sitemap.xml",
        "sitemap, pages": "/sitemaps/pages.xml",
        "sitemap, a file": "/sitemaps/1.xml",
    }


def asked() -> list[Asked]:
    """What the pages ask the database, word for word."""
    client, found = Client(), []
    for name, address in pages().items():
        client.get(address)  # the first time, what is written once is written
        with CaptureQueriesContext(connection) as captured:
            answer = client.get(address)
        assert answer.status_code == 200, (address, answer.status_code)
        queries = enumerate(captured.captured_queries, start=1)
        found += [Asked(name, number, query["sql"]) for number, query in queries]
    return found


def milliseconds(sql: str) -> float:
    """What PostgreSQL says it took, planning apart. The quickest of several: other work only adds."""
    took = []
    with connection.cursor() as cursor:
        for _ in range(TIMES + 1):
            cursor.execute(f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {sql}")
            (plan,) = cursor.fetchone()
            took.append((plan if isinstance(plan, list) else json.loads(plan))[0]["Execution Time"])
    return min(took[1:])


def measured() -> dict[tuple[str, int], tuple[float, str]]:
    return {(each.page, each.number): (milliseconds(each.sql), each.sql) for each in asked()}


def rows(few: dict[Any, Any], many: dict[Any, Any]) -> list[dict[str, Any]]:
    found = []
    for (page, number), (ms, sql) in many.items():
        before = few.get((page, number), (None, ""))[0]
        limit = 200.0 if page.startswith("sitemap") else MOST
        grown = before is not None and ms > NOISE and ms > GROWTH * before and not page.startswith("sitemap")
        found.append(
            {"page": page, "query": number, "few, ms": before, "many, ms": ms,
             "good": ms <= limit and not grown, "sql": sql}
        )  # fmt: skip
    return sorted(found, key=lambda row: -row["many, ms"])


def show(found: list[dict[str, Any]], *, all_of_them: bool) -> None:
    print(f"  {'query':<34} {'few, ms':>9} {'many, ms':>9} {'ratio':>7}")
    for row in found:
        if not all_of_them and row["good"] and row["many, ms"] < MOST / 2:
            continue
        few = row["few, ms"]
        ratio = f"{row['many, ms'] / few:.1f}" if few else "–"
        word = "" if row["good"] else "  MISSED"
        what = f"{row['page']} [{row['query']}]"
        print(f"  {what:<34} {few or 0:>9.3f} {row['many, ms']:>9.3f} {ratio:>7}{word}")
    good = sum(row["good"] for row in found)
    print(f"  {good} of {len(found)} queries reach ≤ {MOST} ms and ≤ {GROWTH} × (sitemap files: 200 ms)")


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
    with override_settings(STORAGES={**settings.STORAGES, **PLAIN}, ALLOWED_HOSTS=["*"]):
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
