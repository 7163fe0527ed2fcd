"""`manage.py up` as a person meets it: one command, two refusals, three kinds of death, a clean end."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
PATIENCE = 60.0  # generous: two cores, and other tests beside these
OURS = {"DATABASE_URL", "REDIS_URL", "SECRET_KEY", "SECRET_KEY_FILE", "DATABASE_POOL", "SITE_URL", "PORT"}

pytestmark = [pytest.mark.flow, pytest.mark.xdist_group("up")]


def lives(process: psutil.Process) -> bool:
    with contextlib.suppress(psutil.NoSuchProcess):
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    return False


def wait_for(condition: Callable[[], bool], what: str, *, seconds: float = PATIENCE) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def command(data: Path, *arguments: str, **told: str) -> dict[str, object]:
    """What Popen and run take to call manage.py as a person would, apart from this run's own services."""
    environment = {name: value for name, value in os.environ.items() if name not in OURS} | told
    environment["DATA_DIR"] = str(data)
    return {"args": [sys.executable, "manage.py", *arguments], "env": environment, "cwd": ROOT}


def refused(data: Path, *arguments: str, **told: str) -> str:
    done = subprocess.run(
        **command(data, *arguments, **told),
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    return done.stderr


class Up:
    """One running `manage.py up`."""

    def __init__(self, data: Path, port: int, **told: str) -> None:
        self.port, self.data = port, data
        self._log = data.parent / f"log-{time.monotonic_ns()}"
        with self._log.open("wb") as log:
            self.process = subprocess.Popen(
                **command(data, "up", "--port", str(port), **told), stdout=log, stderr=subprocess.STDOUT
            )
        try:
            wait_for(lambda: self.says("is ready") or self.process.poll() is not None, "never ready")
            assert self.process.poll() is None, self.output()
        except AssertionError:
            self.kill()
            raise

    def output(self) -> str:
        return self._log.read_text(encoding="utf-8")

    def says(self, text: str) -> bool:
        return text in self.output()

    def status(self, path: str) -> int:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=5) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            return 0

    def family(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)

    def child(self, name: str) -> psutil.Process:
        """By the launcher's own notes: Redis cuts its title short where the path is long."""
        notes = json.loads((self.data / "children.json").read_text(encoding="utf-8"))
        return psutil.Process(next(note["pid"] for note in notes if note["name"] == name))

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


class House:
    """A data folder and whatever runs on it now. Its name holds what names of folders may hold."""

    def __init__(self, home: Path) -> None:
        home.chmod(0o711)  # as root, PostgreSQL's account has to pass
        self.data = home / "a folder, with 100% of it"
        self.up = self.first = Up(self.data, free_port())


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    home = Path(tempfile.mkdtemp(prefix="second-opinion-up-"))
    try:
        house = House(home)
        yield house
        house.up.kill()
        subprocess.run(**command(house.data, "reset", "--yes"), check=True, capture_output=True)
        assert not house.data.exists()
    finally:
        shutil.rmtree(home)


@pytest.fixture
def site(house: House) -> Up:
    """A running instance; started again if the test before stopped it."""
    if house.up.process.poll() is not None:
        house.up = Up(house.data, free_port())
    return house.up


def test_the_first_start_makes_an_admin_and_shows_the_password_once(house: House) -> None:
    password = (house.data / "admin_password").read_text(encoding="utf-8").strip()
    assert len(password) >= 12
    assert house.first.output().count(password) == 1
    for name in ("admin_password", "secret_key"):
        assert (house.data / name).stat().st_mode & 0o777 == 0o600
    key = (house.data / "secret_key").read_text(encoding="utf-8").strip()
    assert not house.first.says(key)


def test_it_says_what_runs_and_who_will_speak(site: Up) -> None:
    assert f"http://127.0.0.1:{site.port}/" in site.output()
    assert str(site.data) in site.output()
    assert re.search(r"judge +no key found: the rule-based rubric reviews; set MISTRAL", site.output())


def test_the_site_answers_and_is_ready(site: Up) -> None:
    assert site.status("/healthz/") == 200
    assert site.status("/readyz/") == 200
    assert site.status("/") == 200


def test_commands_in_another_terminal_work_on_it(site: Up) -> None:
    """`migrate --check` asks the database, so it has found it."""
    done = subprocess.run(
        **command(site.data, "migrate", "--check"), check=False, capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert (site.data / "running.json").stat().st_mode & 0o777 == 0o600


def test_a_second_instance_is_refused(site: Up) -> None:
    line = refused(site.data, "up", "--port", str(free_port()))
    assert f"pid {site.process.pid}, http://127.0.0.1:{site.port}" in line
    assert site.status("/healthz/") == 200


def test_a_reset_is_refused_while_it_runs(site: Up) -> None:
    assert "Another instance" in refused(site.data, "reset", "--yes")
    assert site.status("/readyz/") == 200


@pytest.mark.parametrize("ask", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_even_twice_stops_all_of_it(site: Up, ask: signal.Signals) -> None:
    family = site.family()
    assert len(family) >= 5  # postgres with its own, redis, web, worker, beat
    begun = time.monotonic()
    site.process.send_signal(ask)
    time.sleep(0.2)
    site.process.send_signal(ask)
    assert site.process.wait(PATIENCE) == 0
    assert time.monotonic() - begun < 10
    wait_for(lambda: not any(map(lives, family)), "something is left behind", seconds=2)
    assert not (site.data / "children.json").exists()
    assert not (site.data / "running.json").exists()


def test_a_killed_child_is_started_again(site: Up) -> None:
    names = ("web", "panel", "beat", "redis", "postgres")
    for child in [site.child(name) for name in names]:
        child.kill()
    for name in names:
        ended = re.compile(rf"{name} +\| ended \(SIGKILL\); starting again")
        wait_for(lambda ended=ended: bool(ended.search(site.output())), f"{name} is not missed")
    wait_for(lambda: site.status("/readyz/") == 200, "not ready again")


def test_a_killed_launcher_keeps_nobody_from_starting_again(house: House, site: Up) -> None:
    family = site.family()
    site.kill()
    house.up = again = Up(site.data, site.port)  # at once, on the same port
    assert again.status("/readyz/") == 200
    assert not any(map(lives, family))
    assert not again.says("password ")  # shown at the first start only


def test_a_new_folder_on_a_database_that_has_everything_already(house: House, site: Up) -> None:
    """Restored from a backup, or moved to another machine: its admin's password is in no file here."""
    note = json.loads((site.data / "running.json").read_text(encoding="utf-8"))
    other = Up(house.data.parent / "other", free_port(), DATABASE_URL=note["DATABASE_URL"])
    try:
        assert other.says(f"http://127.0.0.1:{other.port}/admin/ with an account of this database\n")
        assert other.status("/readyz/") == 200
    finally:
        other.process.send_signal(signal.SIGINT)
        assert other.process.wait(PATIENCE) == 0


def test_a_taken_port_is_refused_before_anything_starts(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        assert f"Port {port} on 127.0.0.1" in refused(tmp_path, "up", "--port", str(port))


def test_a_data_folder_that_cannot_be_written_is_refused() -> None:
    assert "/dev/null/data" in refused(Path("/dev/null/data"), "up", "--port", str(free_port()))


def test_reset_leaves_a_folder_of_somebody_else_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("ten years", encoding="utf-8")
    assert str(tmp_path) in refused(tmp_path, "reset", "--yes")
    assert (tmp_path / "thesis.txt").exists()
