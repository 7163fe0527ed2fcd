"""The whole deployment without an engine: 2 web processes, 2 workers, a ticker and 2 beats behind nginx."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import threading
import time
from collections import Counter

import psycopg
import pytest
import redis

from tests.deployment.compose import ROOT
from tests.deployment.machine import SECRETS, Machine, status, wait_until
from tests.fakes.mistral import FakeMistral
from tests.flows.backing import Services
from tests.publishing.webs import NGINX, Answer, Nginx, ask, free_port, our_config

pytestmark = [
    pytest.mark.flow,
    pytest.mark.xdist_group("deployment"),
    pytest.mark.skipif(not NGINX, reason="nginx is neither on PATH nor in /usr/sbin"),
]
PAGE = "/compare/left-one-vs-right-one/"
FORM = {"Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin"}
CARDS = """
labs:
  - {slug: test-lab, name: Test Lab, url: "https://lab.example"}
cards:
  - {slug: left-one, lab: test-lab, name: Left One, category: Code, license: MIT, license_class: permissive,
     commercial_use: "yes", context_tokens: 128000, open_weights: true, entry_price: free}
  - {slug: right-one, lab: test-lab, name: Right One, category: Code, license_class: proprietary,
     commercial_use: "conditional", context_tokens: 32000, open_weights: false}
"""


class Readers:
    """Somebody who reads and votes all the time; every answer is counted."""

    def __init__(self, front: Nginx) -> None:
        self.front, self.seen, self._over = front, Counter[str](), threading.Event()
        self._threads = [threading.Thread(target=self._go, args=(each,)) for each in (self._read, self._vote)]

    def __enter__(self) -> Readers:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _go(self, deed) -> None:
        while not self._over.wait(0.02):
            for what, expected, answer in deed():
                fine = answer.status == expected
                self.seen["fine" if fine else f"{what}: {answer.status} {answer.body[:80]!r}"] += 1

    def _read(self):
        yield "page", 200, ask(self.front.port, PAGE)
        yield "list", 200, ask(self.front.port, "/models/?q=left")  # never kept, so a web process is asked
        yield "missing", 404, ask(self.front.port, "/nowhere/")

    def _vote(self):
        yield "vote", 303, vote(self.front, "right")


def vote(front: Nginx, choice: str) -> Answer:
    return ask(front.port, f"{PAGE}vote/", method="POST", body=f"choice={choice}", headers=FORM)


def manage(machine: Machine, container, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments], env=container.environment, cwd=ROOT,
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_what_the_file_starts_serves_votes_hears_and_is_renewed_without_a_gap(tmp_path):
    with FakeMistral(words="Spoken by the fake.", latency=0.05) as fake, Services() as services:
        told = {
            "MISTRAL_SERVER_URL": fake.url,
            "PANEL_JUDGES": "mistral,rubric",
            "VOTES_PER_NETWORK": "9999/hour",
        }
        with Machine(services, **told) as machine:
            store = machine.run("redis")
            wait_until(store.healthy, store)
            with redis.Redis(port=machine.redis_port) as stranger, pytest.raises(redis.AuthenticationError):
                stranger.ping()
            machine.run("migrate").finish()
            webs = [machine.run("web", number) for number in range(2)]
            workers = [machine.run("worker", number) for number in range(2)]
            ticker, beats = machine.run("ticker"), [machine.run("beat", number) for number in range(2)]
            everybody = [*webs, *workers, ticker, *beats]
            front = machine.front(webs)
            wait_until(lambda: all(status(web.port, "/readyz/") == 200 for web in webs), *everybody)

            # --- pages
            (tmp_path / "cards.yaml").write_text(CARDS, encoding="utf-8")
            manage(machine, ticker, "import_cards", str(tmp_path / "cards.yaml"))
            assert status(front.port, "/models/left-one/") == 200
            css = re.search(r"/static/site\.[0-9a-f]{12}\.css", ask(front.port, "/").text)
            assert css and status(front.port, css[0]) == 200

            # --- the panel: once, whoever rings
            manage(machine, ticker, "convene", "left-one", "right-one", "--queue")
            wait_until(lambda: "Spoken by the fake." in ask(front.port, PAGE).text, *everybody)
            assert len(fake.calls) == 16
            with psycopg.connect(machine.database) as line:
                doubled = line.execute(
                    "SELECT job, period FROM comparisons_tick GROUP BY 1, 2 HAVING count(*) > 1"
                ).fetchall()
                heard = line.execute("SELECT count(*), max(attempts) FROM panel_hearing").fetchone()
                who = line.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user").fetchone()
            assert (doubled, heard, who) == ([], (16, 1), (False,))

            # --- a vote, seen on the page that the front reads by itself
            assert vote(front, "left").status == 303
            assert "1 community vote" in ask(front.port, PAGE).text
            # What is rendered while the keeper deals with the vote is not kept; the next reader's is.
            pages = machine.root / "data" / "pages" / "html" / "compare" / "left-one"
            wanted, log = {"right-one.html", "right-one.html.gz"}, machine.root / "pages.log"

            def kept() -> bool:
                assert ask(front.port, PAGE).status == 200
                return {path.name for path in pages.glob("*")} == wanted and bool(log.read_text())

            wait_until(kept, *everybody)

            # --- all of them tell that they live
            wait_until(lambda: all(each.healthy() for each in everybody), *everybody)
            assert json.loads(ask(front.port, "/readyz/").body)["degraded"] == {}

            # --- the figures of a container are those of both its processes
            bearer = {"Authorization": f"Bearer {SECRETS['metrics_token']}"}
            for _ in range(20):
                assert status(webs[0].port, "/models/?q=counted") == 200  # a connection each
            scrapes = [ask(webs[0].port, "/metrics/", headers=bearer).text for _ in range(6)]
            wanted = 'site_request_seconds_count{method="GET",route="models",status="2xx"} '
            told = [line for text in scrapes for line in text.splitlines() if wanted in line]
            counts = {line.removeprefix(wanted) for line in told}
            assert len(counts) == 1 and float(counts.pop()) >= 20
            assert ask(front.port, "/metrics/").status == 401

            # --- renewed one after the other, while people read and vote
            with Readers(front) as readers:
                for web in webs:
                    assert web.stop() < 20
                    time.sleep(0.3)
                    web.start()
                    wait_until(lambda web=web: status(web.port, "/readyz/") == 200, web)
            assert set(readers.seen) == {"fine"}, readers.seen
            assert readers.seen["fine"] > 50

            # --- every line of ours is JSON, and none names the reader
            for container in (*webs, *workers, ticker, *beats):
                lines = [line for line in container.words.splitlines() if line.strip()]
                assert [line for line in lines if not line.startswith("{")] == []
                assert not any("127.0.0.1:" in line and '"request"' in line for line in lines)
            assert json.loads((machine.root / "pages.log").read_text().splitlines()[0])["event"] == "page"
            stopped = {each.service: each.stop() for each in (workers[0], ticker, beats[0], store)}
            assert max(stopped.values()) < 10


def test_while_no_web_process_lives_the_front_says_so(tmp_path):
    port = free_port()
    config = our_config(port=port, app=free_port(), store=tmp_path, static=tmp_path)
    front = Nginx(tmp_path / "nginx", config, port)
    try:
        answer = ask(port, "/models/")
        large = ask(port, "/models/", method="POST", body="x" * 1_100_000, headers=FORM)
    finally:
        front.stop()
    assert (answer.status, answer.headers["retry-after"]) == (503, "5")
    assert answer.text == "The site does not answer right now. Try again in a few seconds.\n"
    for each in (answer, large):
        assert each.headers["cache-control"] == "no-store"
        assert each.headers["content-security-policy"].startswith("default-src 'none'")
    assert large.status == 413
