"""How fast pages are: `python -m tests.bench.pages [--seconds 1] [--rounds 9]`.

One core serves, the other loads it. Everything stands beside nginx handing out the same compressed bytes as a
plain file, in the same run, in short turns; medians of the rounds. What is compared are answers per second of
CPU time that the server took: on a core of its own that is its rate, and on a machine shared with others it
stays much the same, unlike the rate.

Of a cold page's parts this design keeps one kind: what was made of a review, by the review's own text, which
each of a card's pages shows. "Nothing kept" forgets those before each page. There is no other cache to
measure: the page itself is what is kept.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

import tests.conftest  # noqa: F401 - starts PostgreSQL and Redis, and sets Django up

from django.core.management import call_command  # isort: skip
from django.db import connection  # isort: skip

from comparisons.counterpoints.models import Counterpoint  # isort: skip
from comparisons.pairings.models import Pairing  # isort: skip
from comparisons.people.visitor import Visitor  # isort: skip
from comparisons.votes.actions import cast  # isort: skip
from tests.factories.cards import make_card, make_offer  # isort: skip
from tests.factories.reviews import make_verdict  # isort: skip
from tests.publishing.webs import NGINX, Nginx, Process, Web, ask, environment, free_port, manage, our_config  # isort: skip

RESULTS = Path(__file__).parent / "results"
URL = "/compare/alpha-vs-beta/"
SERVES, LOADS = "0", "1"
CONNECTIONS = 16
FEW = 2  # for what is slow: requests under way when the time is over cost the server, but are not counted
TRIVIAL = """
import os
os.environ["DJANGO_SETTINGS_MODULE"] = "reviewsite.settings"
from django.core.wsgi import get_wsgi_application
from django.http import HttpResponse
from django.urls import path
from reviewsite.heap import settle
application = get_wsgi_application()
from comparisons.pairings import bench, scorecard
from comparisons.pairings.views import comparison
import reviewsite.urls

def forgetful(request, slug):
    bench.spoken.cache_clear(), scorecard.review_html.cache_clear()
    return comparison(request, slug)
reviewsite.urls.urlpatterns[:0] = [
    path("trivial/", lambda request: HttpResponse("ok")), path("forgetful/<slug:slug>/", forgetful),
]
settle()  # as reviewsite/wsgi.py
"""


def on(core: str) -> tuple[str, ...]:
    return ("taskset", "-c", core) if shutil.which("taskset") and (os.cpu_count() or 1) > 1 else ()


# --- load ---------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Rate:
    """Answers a second, and answers per second of the server's CPU time."""

    wall: float
    cpu: float


def rate(
    server: Process,
    path: str,
    *,
    seconds: float,
    headers: dict[str, str] | None = None,
    connections: int = CONNECTIONS,
) -> Rate:
    """Over persistent connections."""
    before, begun = cpu_seconds(server), time.perf_counter()
    answers = load(server.port, path, seconds=seconds, headers=headers, connections=connections)
    return Rate(answers / (time.perf_counter() - begun), answers / (cpu_seconds(server) - before))


def cpu_seconds(server: Process) -> float:
    parent = psutil.Process(server.process.pid)
    times = [each.cpu_times() for each in (parent, *parent.children(recursive=True))]
    return sum(each.user + each.system for each in times)


def load(
    port: int, path: str, *, seconds: float, headers: dict[str, str] | None = None, connections: int
) -> int:
    """How many answers came."""
    asked = {"Accept-Encoding": "gzip", **(headers or {})}
    expected = 304 if "If-None-Match" in asked else 200
    assert ask(port, path, headers=asked).status == expected
    if wrk := shutil.which("wrk"):
        options = [option for name, value in asked.items() for option in ("-H", f"{name}: {value}")]
        argv = [
            *on(LOADS),
            wrk,
            "-t1",
            f"-c{connections}",
            f"-d{seconds}s",
            *options,
            f"http://127.0.0.1:{port}{path}",
        ]
        told = subprocess.run(argv, capture_output=True, text=True, check=True).stdout
        found = re.search(r"(\d+) requests in", told)
        assert found and "Non-2xx" not in told, told
        return int(found[1])
    return _own_load(port, path, asked, seconds)


def _own_load(port: int, path: str, headers: dict[str, str], seconds: float) -> int:
    """Without wrk: processes of our own, slow enough to be the limit themselves, which the table says."""
    code = (
        "import http.client,json,sys,time\n"
        "port,path,headers,seconds=json.loads(sys.argv[1])\n"
        "line=http.client.HTTPConnection('127.0.0.1',port)\n"
        "until,n=time.monotonic()+seconds,0\n"
        "while time.monotonic()<until:\n"
        "    line.request('GET',path,headers=headers);line.getresponse().read();n+=1\n"
        "print(n)\n"
    )
    argv = [*on(LOADS), sys.executable, "-c", code, json.dumps([port, path, headers, seconds])]
    running = [subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    return sum(int(process.communicate()[0]) for process in running)


# --- what is measured ---------------------------------------------------------------------------
class Stage:
    """The servers of one run, each pinned to the same core, on one database."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.servers: list[Process] = []

    def start(self) -> None:
        done = manage(self.home, "collectstatic", "--noinput", "--verbosity=0")
        assert done.returncode == 0, done.stderr
        self.web = Web(self.home, self.home / "store", before=on(SERVES))
        self.servers.append(self.web)
        self._warm()
        self.front = self._nginx(our_config_for(self.web, self.home))
        self.file = self._nginx(self._plain_file())
        self.cold = self._cold()

    def _warm(self) -> None:
        until = time.monotonic() + 20
        while not (self.web.store / "html/compare/alpha/beta.html.gz").exists():
            assert time.monotonic() < until, self.web.log
            self.web.get(URL)
            time.sleep(0.2)

    def _nginx(self, made: tuple[str, int]) -> Process | None:
        if not NGINX:
            return None
        config, port = made
        self.servers.append(server := Nginx(self.home / f"nginx-{port}", config, port, before=on(SERVES)))
        return server

    def _plain_file(self) -> tuple[str, int]:
        """The measure: the same bytes, compressed beforehand, and nothing else in the configuration."""
        root, port = self.home / "plain", free_port()
        root.mkdir()
        for name in ("beta.html", "beta.html.gz"):
            shutil.copyfile(self.web.store / "html/compare/alpha" / name, root / name)
        return f"server {{ listen 127.0.0.1:{port}; root {root}; gzip_static on; }}", port

    def _cold(self) -> Process:
        """Django alone: no store, and a trivial view beside ours."""
        (self.home / "trivial.py").write_text(TRIVIAL, encoding="utf-8")
        port = free_port()
        argv = [
            *on(SERVES), sys.executable, "-m", "granian", "--interface", "wsgi", "--workers", "1",
            "--blocking-threads", "8", "--no-ws", "--no-access-log", "--port",
            str(port), "trivial:application",
        ]  # fmt: skip
        env = environment(self.home, PYTHONPATH=f"{self.home}:{Path.cwd()}")
        self.servers.append(server := Process(argv, port, self.home / "cold.log", env))
        return server

    def stop(self) -> None:
        for server in self.servers:
            server.stop()


def our_config_for(web: Web, home: Path) -> tuple[str, int]:
    port = free_port()
    return our_config(port=port, app=web.port, store=web.store, static=home / "static"), port


def fill() -> Pairing:
    """A full page: offers, picks, an earlier verdict, related pairings, counterpoints, votes."""
    offers = {
        s: [make_offer(f"provider-{n}", f"{s}-{n}", price_in="1.5", price_out="6") for n in range(8)]
        for s in ("alpha", "beta")
    }
    alpha, beta = (make_card(slug, offers=offers[slug]) for slug in ("alpha", "beta"))
    pairing = Pairing.objects.between(alpha, beta)
    scores = (88, 82, 85, 78), (84, 78, 80, 55)
    prose = {
        "paragraph": "It does what its card says, and the card says what matters. " * 6,
        "answers": {"first": "A plain answer. " * 8},
    }
    make_verdict(
        pairing,
        *scores,
        picks=("left",) * 4,
        left={**prose, "judge": "mistral", "label": "m"},
        right={**prose, "judge": "mistral", "label": "m"},
    )
    make_verdict(pairing, *scores, picks=("left", "left", "left", "right"), left=prose, right=prose)
    for n in range(6):
        other = make_card(f"other-{n}")
        make_verdict(
            Pairing.objects.between(alpha if n % 2 else beta, other), *scores, left=prose, right=prose
        )
    for n in range(5):
        Counterpoint.objects.create(
            pairing=pairing, kind="extend", body="x" * 400, body_html=f"<p>{'A thought. ' * 40}</p>",
            author_key="a" * 64, form_nonce=str(n), state="approved", decided_at="2026-11-01T00:00Z",
        )  # fmt: skip
    for n in range(40):
        cast(pairing=pairing, visitor=Visitor(f"v{n}"), choice=("left", "right", "both", "neither")[n % 4])  # type: ignore[arg-type]
    return Pairing.objects.get(pk=pairing.pk)


def commit_to_fresh(web: Web, pairing: Pairing, *, times: int) -> list[float]:
    """Milliseconds from a counterpoint's commit, by somebody else than the web process, to the kept page that
    has it; spaced so that each is the first change for a while."""
    file = web.store / "html/compare/alpha/beta.html"
    took = []
    for n in range(times):
        web.get(URL)
        time.sleep(1.0)
        words = f"Fresh thought number {n}."
        row = Counterpoint.objects.create(
            pairing=pairing, kind="extend", body="x" * 40, body_html=f"<p>{words}</p>", author_key="b" * 64,
            form_nonce=f"fresh {n}", state="approved", decided_at="2026-11-01T00:00Z",
        )  # fmt: skip
        at = time.perf_counter()
        while words not in file.read_text(encoding="utf-8"):
            assert time.perf_counter() - at < 5
            time.sleep(0.0005)
        took.append((time.perf_counter() - at) * 1000)
        row.delete()
        time.sleep(1.0)
    return took


def vote_to_fresh(web: Web, *, times: int) -> list[float]:
    """Milliseconds from a vote's answer, over HTTP, to the kept page that counts it."""
    file = web.store / "html/compare/alpha/beta.html"
    took = []
    for _ in range(times):
        web.get(URL)
        time.sleep(1.0)
        before = re.search(r"\d+ community vote", file.read_text(encoding="utf-8"))
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "Sec-Fetch-Site": "same-origin",
            "HX-Request": "true",
        }
        assert ask(web.port, f"{URL}vote/", method="POST", body="choice=left", headers=headers).status == 200
        at = time.perf_counter()
        while not file.exists() or (before and before[0] in file.read_text(encoding="utf-8")):
            assert time.perf_counter() - at < 5
            time.sleep(0.0005)
        took.append((time.perf_counter() - at) * 1000)
    return took


def p95(values: list[float]) -> float:
    return sorted(values)[max(0, round(0.95 * len(values)) - 1)]


def measure(stage: Stage, pairing: Pairing, *, seconds: float, rounds: int, changes: int) -> dict[str, Any]:
    tag = ask(stage.web.port, URL, headers={"Accept-Encoding": "gzip"}).headers["etag"]
    runs: dict[str, Callable[[], Rate]] = {
        "web process, warm": lambda: rate(stage.web, URL, seconds=seconds),
        "web process, 304": lambda: rate(stage.web, URL, seconds=seconds, headers={"If-None-Match": tag}),
        "Django, trivial view": lambda: rate(stage.cold, "/trivial/", seconds=seconds, connections=FEW),
        "Django, page, nothing kept": lambda: rate(
            stage.cold, "/forgetful/alpha-vs-beta/", seconds=seconds, connections=FEW
        ),
        "Django, page, its reviews kept": lambda: rate(stage.cold, URL, seconds=seconds, connections=FEW),
    }
    if stage.file and stage.front:
        file, front = stage.file, stage.front
        runs |= {
            "nginx, plain file": lambda: rate(file, "/beta.html", seconds=seconds),
            "nginx, our configuration": lambda: rate(front, URL, seconds=seconds),
            "nginx, our configuration, 304": lambda: rate(
                front, URL, seconds=seconds, headers={"If-None-Match": tag}
            ),
        }
    rates: dict[str, list[Rate]] = {name: [] for name in runs}
    for _ in range(rounds):
        for name, run in runs.items():
            rates[name].append(run())
    medians = {name: statistics.median(each.cpu for each in found) for name, found in rates.items()}
    walls = {name: statistics.median(each.wall for each in found) for name, found in rates.items()}
    page = (stage.web.store / "html/compare/alpha/beta.html.gz").stat().st_size
    fresh, voted = commit_to_fresh(stage.web, pairing, times=changes), vote_to_fresh(stage.web, times=changes)
    return {
        "answers per CPU second": medians,
        "answers per second": walls,
        "compressed bytes": page,
        "commit to fresh, ms": {"median": statistics.median(fresh), "p95": p95(fresh)},
        "vote to fresh, ms": {"median": statistics.median(voted), "p95": p95(voted)},
        "targets": targets(medians, fresh),
    }


def targets(medians: dict[str, float], fresh: list[float]) -> list[dict[str, Any]]:
    """[{what, reached, wanted}]; ratios, because machines differ."""
    wanted = [
        ("nginx, our configuration", "nginx, plain file", 0.9),
        ("web process, warm", "nginx, plain file", 0.45),
        ("Django, page, nothing kept", "Django, trivial view", 0.03),
        ("Django, page, its reviews kept", "Django, trivial view", 0.05),
        ("web process, 304", "web process, warm", 1.0),
        ("nginx, our configuration, 304", "nginx, our configuration", 1.0),
    ]
    rows: list[dict[str, Any]] = [
        {"what": f"{one} ÷ {other}", "reached": round(medians[one] / medians[other], 3),
         "wanted": f"≥ {least}", "good": medians[one] / medians[other] >= least}
        for one, other, least in wanted
        if one in medians and other in medians
    ]  # fmt: skip
    return [
        *rows,
        {
            "what": "commit to fresh, p95 ms",
            "reached": round(p95(fresh), 1),
            "wanted": "≤ 50",
            "good": p95(fresh) <= 50,
        },
    ]


def show(result: dict[str, Any]) -> None:
    print(f"  {'answers per second of':<34} {'CPU':>10} {'time':>10}")
    for name, value in result["answers per CPU second"].items():
        print(f"  {name:<34} {value:>10,.0f} {result['answers per second'][name]:>10,.0f}")
    for name in ("commit to fresh, ms", "vote to fresh, ms"):
        print(f"  {name:<34} {result[name]['median']:>10.1f} median, {result[name]['p95']:.1f} p95")
    print(f"  {'compressed bytes':<34} {result['compressed bytes']:>10,}")
    for row in result["targets"]:
        word = "reached" if row["good"] else "MISSED"
        print(f"  {word:<8} {row['what']:<58} {row['reached']:>8} {row['wanted']}")
    if not NGINX or not shutil.which("wrk"):
        print("  (nginx or wrk is missing: rows are left out, or the load is the limit)")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--changes", type=int, default=20)
    options = parser.parse_args()
    call_command("migrate", verbosity=0)
    pairing = fill()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    home = Path(tempfile.mkdtemp(prefix="second-opinion-bench-"))
    home.chmod(0o755)
    stage = Stage(home)
    try:
        stage.start()
        result = measure(
            stage, pairing, seconds=options.seconds, rounds=options.rounds, changes=options.changes
        )
    finally:
        stage.stop()
        shutil.rmtree(home, ignore_errors=True)
    show(result)
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "pages.json").write_text(json.dumps(result, indent=1, ensure_ascii=False), encoding="utf-8")


if __name__ == "__main__":
    main()
