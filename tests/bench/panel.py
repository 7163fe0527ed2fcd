"""How well the panel keeps a provider busy, and what a call costs: `python -m tests.bench.panel [--quick]`.

Real PostgreSQL, Redis, Celery workers and beat, all of this bench's own; the provider is a process that
answers after 500 ms ± 150 ms. Busy is what the provider saw: its busy seconds ÷ (slots × seconds from the
first call to the last). Possible is what a queue without any delay between two calls would have reached with
the same answers: a run's last slots always wait for its last call. Under a limit busy is the share of the
calls that were allowed. CPU is the workers' user + system. Each row is printed when it is measured.
"""

from __future__ import annotations

import argparse
import heapq
import json
import os
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from itertools import combinations, groupby
from pathlib import Path
from typing import Any

import psutil
from rich.console import Console
from rich.table import Table

from tests.flows.backing import Services
from tests.flows.worker import CELERY, ROOT, Process, Worker, panel_environment

RESULTS = Path(__file__).parent / "results"
LATENCY = 0.5  # seconds
CARDS = {100: 5, 400: 10, 784: 14}  # all pairings of five cards are a hundred calls: 20 reviews, 80 picks


@dataclass(frozen=True)
class Case:
    name: str
    slots: int = 16
    calls: int = 400
    processes: int = 1
    errors: float = 0.0
    per_minute: int = 0  # the provider's limit
    told: int = 0  # what MISTRAL_CALLS_PER_MINUTE says of it
    cap: int = 0  # concurrent calls the provider lets in
    target: float | None = None

    @property
    def workers(self) -> tuple[int, int, int]:
        """Cases that agree in this are measured with the same workers: starting them costs seconds."""
        return self.slots, self.processes, self.told

    @property
    def script(self) -> dict[str, float]:
        return {"500": self.errors, "cap": self.cap, "per_minute": self.per_minute}


@dataclass
class Measured:
    busy: list[float] = field(default_factory=list)
    possible: list[float] = field(default_factory=list)
    cpu_ms: list[float] = field(default_factory=list)
    memory_mb: list[float] = field(default_factory=list)
    postgres_ms: list[float] = field(default_factory=list)
    transactions: list[float] = field(default_factory=list)
    refused: list[int] = field(default_factory=list)
    lost: list[int] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    load: list[float] = field(default_factory=list)  # of the machine, over the last minute

    def median(self, name: str) -> float:
        return statistics.median(getattr(self, name))


CASES = (
    Case("400 calls", 8, target=0.95),
    Case("100 calls", 8, 100, target=0.93),
    Case("2 % errors 500", 8, errors=0.02, target=0.95),
    Case("400 calls", 16, target=0.95),
    Case("100 calls", 16, 100),  # no target: six calls a slot, of which a queue without any delay makes 0.92
    Case("2 % errors 500", 16, errors=0.02, target=0.95),
    Case("600/min, untold", 16, per_minute=600, target=0.95),
    Case("cap of 8, untold", 16, cap=8, target=0.95),
    Case("600/min, told", 16, per_minute=600, told=600, target=0.95),
    Case("400 calls", 32, target=0.95),
    Case("2 % errors 500", 32, errors=0.02, target=0.95),
    Case("two workers, 400 calls", 32, processes=2),
    Case("784 calls", 64, 784),
)
SLOW = {"two workers, 400 calls", "784 calls"}  # nothing to reach, and two more starts of workers
QUICK = {("400 calls", 16), ("100 calls", 16), ("2 % errors 500", 32), ("cap of 8, untold", 16)}


class Bench:
    def __init__(self, services: Services) -> None:
        self.services = services
        self.log = services.data / "bench.log"

    def prepare(self) -> None:
        from django.core.management import call_command

        from comparisons.cards.models import Card
        from comparisons.pairings.models import Pairing
        from tests.flows.catalogue import fill_catalogue

        call_command("migrate", verbosity=0)
        fill_catalogue(1_000, pairings=999)  # the first card with every other
        some = Card.objects.order_by("pk")[: max(CARDS.values())]
        for one, other in combinations(some, 2):
            Pairing.objects.between(one, other)

    def growth(self) -> list[dict[str, float]]:
        """Hearings that N cards need when one of them meets every other: nobody is asked."""
        from comparisons.pairings.models import Pairing
        from panel.actions.convene import estimate

        self._forget()
        rows = []
        for cards in (10, 100, 1_000):
            started = time.monotonic()
            found = estimate(
                Pairing.objects.with_cards()
                .filter(left__slug="card-0000", right__slug__lt=f"card-{cards:04}")
                .order_by("pk")
                .iterator(chunk_size=200)
            )
            rows.append(
                {
                    "cards": cards,
                    "pairings": found.pairings,
                    "hearings": found.new,
                    "for_reviews": 4 * cards,
                    "all_pairings": 4 * cards + 8 * cards * (cards - 1) // 2,
                    "usd_at_most": float(found.cost_usd),
                    "seconds": time.monotonic() - started,
                }
            )
        return rows

    @contextmanager
    def provider(self) -> Iterator[str]:
        """Its address."""
        with subprocess.Popen(
            [sys.executable, "-m", "tests.bench.provider"], cwd=ROOT, stdout=subprocess.PIPE, text=True
        ) as provider:
            assert provider.stdout
            try:
                yield provider.stdout.readline().strip()
            finally:
                provider.terminate()

    def run(self, cases: list[Case], url: str, *, times: int) -> Iterator[tuple[Case, Measured]]:
        """Measures cases that share their workers, one after the other."""
        slots, processes, told = cases[0].workers
        environment = panel_environment(
            database_url=self.services.database_url(),
            redis_url=self.services.redis_url(),
            mistral_url=url,
            DATA_DIR=str(self.services.data),
            PANEL_JUDGES="mistral",
            PANEL_LEASE_SECONDS=60,
            PANEL_CONCURRENCY=slots // processes,
            PANEL_STALE_PER_HOUR=0,  # nobody else convenes
            MISTRAL_CALLS_PER_MINUTE=told,
        )
        beat = Process(environment, self.log, *CELERY, "beat", "-s", str(self.services.data / "beat"))
        logs = [self.services.data / f"worker-{number}.log" for number in range(processes)]
        for log in logs:
            log.unlink(missing_ok=True)
        workers = [Worker(environment, log, name=f"bench{n}") for n, log in enumerate(logs)]
        try:
            for worker in workers:
                worker.wait_until_ready()
            self._warm_up(url, slots)
            for case in cases:
                measured = Measured()
                for _ in range(times):
                    self._forget()
                    self._measure(case, url, workers, measured)
                yield case, measured
        finally:
            for process in (*workers, beat):
                process.kill()

    def _warm_up(self, url: str, slots: int) -> None:
        """Every thread has connected, and the SDK is loaded: three calls a slot, in the order of pairings."""
        self._forget()
        tell(url, {})
        self._convene("card-0500", f"card-{500 + -(-3 * slots // 12):04}")

    def _measure(self, case: Case, url: str, workers: list[Worker], measured: Measured) -> None:
        tell(url, case.script)
        cpu, postgres, transactions = cpu_of(workers), self._postgres(), self._transactions()
        calls, lost = self._convene("card-0000", f"card-{CARDS[case.calls]:04}", all_pairings=True)
        cpu, postgres = cpu_of(workers) - cpu, self._postgres() - postgres
        counts = ask(url)
        slots = case.cap or case.slots
        measured.busy.append(counts["busy_seconds"] / (slots * counts["seconds"]))
        measured.possible.append(possible(counts["timeline"], slots))
        if case.per_minute:
            # A second's worth was saved up when the first call came.
            allowed = case.per_minute / 60 * (1 + counts["seconds"])
            measured.busy[-1], measured.possible[-1] = counts["served"] / allowed, 1.0
        measured.cpu_ms.append(1000 * cpu / counts["calls"])
        measured.postgres_ms.append(1000 * postgres / counts["calls"])
        measured.transactions.append((self._transactions() - transactions) / counts["calls"])
        measured.memory_mb.append(max(memory_of(worker) for worker in workers))
        measured.refused.append(counts["refused"])
        measured.lost.append(lost + abs(calls - case.calls))
        measured.seconds.append(counts["seconds"])
        measured.load.append(os.getloadavg()[0])
        (RESULTS / "panel-timeline.json").write_text(json.dumps(counts["timeline"]))

    def _convene(self, first: str, beyond: str, *, all_pairings: bool = False) -> tuple[int, int]:
        """(hearings answered, hearings not answered) of a run over some cards, when it is over."""
        from comparisons.pairings.models import Pairing
        from panel.actions.convene import convene
        from panel.models import Hearing, Run

        pairings = Pairing.objects.with_cards().filter(right__slug__gte=first, right__slug__lt=beyond)
        if all_pairings:
            pairings = pairings.filter(left__slug__gte=first)
        run = convene(pairings.order_by("pk"), scope="bench")
        deadline = time.monotonic() + 180
        while Run.objects.get(pk=run.pk).state == Run.State.RUNNING:
            assert time.monotonic() < deadline, self.log.read_text(encoding="utf-8")[-3000:]
            time.sleep(0.1)
        done = Hearing.objects.filter(state="done").count()
        lost = Hearing.objects.exclude(state="done")
        for hearing in lost[:3]:
            print(f"not heard: {hearing}, {hearing.last_error}", file=sys.stderr)
        return done, lost.count()

    def _forget(self) -> None:
        """Nobody was heard yet, nothing was learned about the provider."""
        import redis
        from django.conf import settings
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute("UPDATE comparisons_pairing SET verdict_id = NULL WHERE verdict_id IS NOT NULL")
            cursor.execute("UPDATE panel_hearing SET receipt_id = NULL, answer = NULL, state = 'dead'")
            for table in (
                "comparisons_verdict_reviews", "comparisons_verdict_picks", "panel_sitting_hearings",
                "panel_sitting", "panel_attempt", "panel_hearing", "panel_run", "panel_breakerevent",
                "panel_breaker", "comparisons_verdict", "comparisons_review", "comparisons_pick",
            ):  # fmt: skip
                cursor.execute(f"DELETE FROM {table}")
            cursor.execute(
                "VACUUM ANALYZE panel_hearing, panel_attempt, panel_sitting, panel_sitting_hearings"
            )
        with redis.Redis.from_url(settings.LIMITER_URL) as store:
            for key in store.scan_iter("panel:limiter:*"):
                store.delete(key)

    def _transactions(self) -> int:
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT xact_commit + xact_rollback FROM pg_stat_database WHERE datname = current_database()"
            )
            return int(cursor.fetchone()[0])

    def _postgres(self) -> float:
        total = 0.0
        for process in psutil.process_iter(["name", "cmdline"]):
            try:
                if process.name() == "postgres" and str(self.services.data) in " ".join(process.cmdline()):
                    for one in (process, *process.children()):
                        times = one.cpu_times()
                        total += times.user + times.system
            except psutil.Error:
                continue
        return total


def cpu_of(workers: list[Worker]) -> float:
    times = [psutil.Process(worker.process.pid).cpu_times() for worker in workers]
    return sum(one.user + one.system for one in times)


def memory_of(worker: Worker) -> float:
    return psutil.Process(worker.process.pid).memory_info().rss / 1e6


def tell(url: str, rates: dict[str, float]) -> None:
    body = json.dumps({"script": rates}).encode()
    with urllib.request.urlopen(urllib.request.Request(f"{url}/fake", data=body, method="POST")):
        pass


def ask(url: str) -> dict[str, Any]:
    with urllib.request.urlopen(f"{url}/fake") as answer:
        return dict(json.load(answer))


def possible(timeline: list[tuple[float, float]], slots: int) -> float:
    """Busy, had every slot taken the next call the moment it came free."""
    free = [0.0] * slots
    for started, ended in timeline:
        heapq.heapreplace(free, free[0] + ended - started)
    return sum(ended - started for started, ended in timeline) / (slots * max(free))


COLUMNS = ("case", "slots", "calls", "busy", "possible", "target", "CPU ms/call", "PostgreSQL ms/call",
           "transactions/call", "MB/worker", "429s", "lost", "load")  # fmt: skip


def row_of(case: Case, found: Measured) -> list[str]:
    return [
        case.name, str(case.slots), str(case.calls), f"{found.median('busy'):.3f}",
        f"{found.median('possible'):.3f}", f"{case.target:.2f}" if case.target else "",
        f"{found.median('cpu_ms'):.1f}", f"{found.median('postgres_ms'):.1f}",
        f"{found.median('transactions'):.1f}", f"{found.median('memory_mb'):.0f}",
        f"{found.median('refused'):.0f}", str(sum(found.lost)), f"{found.median('load'):.1f}",
    ]  # fmt: skip


def show(rows: list[tuple[Case, Measured]], growth: list[dict[str, float]]) -> None:
    table = Table(title=f"panel before a provider of {LATENCY * 1000:.0f} ms ± 150 ms (medians)")
    for head in COLUMNS:
        table.add_column(head, justify="left" if head == "case" else "right")
    for case, found in rows:
        table.add_row(*row_of(case, found))
    for row in growth:
        table.add_row(
            f"{row['cards']:,.0f} cards, one against all", "", f"{row['hearings']:,.0f}",
            *[""] * 9, f"{row['seconds']:.1f} s",
        )  # fmt: skip
    Console(width=150).print(table)


def keep(rows: list[tuple[Case, Measured]], growth: list[dict[str, float]]) -> None:
    record = {"cases": [{**asdict(case), **asdict(found)} for case, found in rows], "growth": growth}
    (RESULTS / "panel.json").write_text(json.dumps(record, indent=1))


def measure(bench: Bench, chosen: list[Case], *, times: int, growing: bool) -> None:
    rows: list[tuple[Case, Measured]] = []
    with bench.provider() as url:
        for _, cases in groupby(chosen, key=lambda case: case.workers):
            for row in bench.run(list(cases), url, times=times):
                rows.append(row)
                told = zip(COLUMNS, row_of(*row), strict=True)
                print("  ".join(f"{head} {figure}" for head, figure in told if figure), flush=True)
                keep(rows, [])  # a bench that is cut off keeps what it has
    growth = bench.growth() if growing else []
    keep(rows, growth)
    show(rows, growth)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one case of a kind")
    parser.add_argument("--all", action="store_true", help="more slots and processes too")
    parser.add_argument("--only", default="", help="only cases with this in their name")
    parser.add_argument("--slots", type=int, help="only cases with so many")
    parser.add_argument("--times", type=int, default=1, help="runs a case; the medians are shown")
    given = parser.parse_args()
    RESULTS.mkdir(exist_ok=True)
    with Services(careless=False) as services:
        os.environ |= panel_environment(
            database_url=services.database_url(),
            redis_url=services.redis_url(),
            mistral_url="http://127.0.0.1:9",  # nobody is asked from this process
            DATA_DIR=str(services.data),
            PANEL_JUDGES="mistral",
            SECRET_KEY="known to everybody, so good for benches only",
        )
        os.environ["DJANGO_SETTINGS_MODULE"] = "reviewsite.settings"
        import django

        django.setup()
        bench = Bench(services)
        bench.prepare()
        chosen = [
            case
            for case in CASES
            if given.only in case.name
            and given.slots in {None, case.slots}
            and (not given.quick or (case.name, case.slots) in QUICK)
            and (given.all or case.name not in SLOW)
        ]
        measure(bench, chosen, times=given.times, growing=not (given.only or given.slots))
        from django.db import connection

        connection.close()
        connection.close_pool()


if __name__ == "__main__":
    main()
