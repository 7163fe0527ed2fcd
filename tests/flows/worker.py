"""The site's processes as `manage.py up` starts them, for tests that kill them and start them again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from reviewsite.processes import ARENAS, Program, spawn

ROOT = Path(__file__).resolve().parent.parent.parent
CELERY = ("-W", "ignore:::celery.platforms", "-m", "celery", "-A", "reviewsite", "--quiet")
KEY = "a-key-for-tests"


def panel_environment(
    *, database_url: str, redis_url: str, mistral_url: str, **more: str | int
) -> dict[str, str]:
    """What the site's processes are told; without more, leases short enough for a test."""
    told: dict[str, str | int] = {
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "MISTRAL_SERVER_URL": mistral_url,
        "MISTRAL_API_KEY": KEY,
        "PANEL_LEASE_SECONDS": 2,
        "PANEL_CONCURRENCY": 4,
        "PANEL_DAILY_BUDGET_USD": 1000,
        "SITE_URL": "http://127.0.0.1:8000",
        "PYTHONUNBUFFERED": 1,
    }
    return (
        {"MALLOC_ARENA_MAX": ARENAS}
        | dict(os.environ)
        | {name: str(value) for name, value in (told | more).items()}
    )


class Process:
    """One process of the site; its words go to `log`."""

    def __init__(self, environment: Mapping[str, str], log: Path, *arguments: str) -> None:
        self.environment, self.log, self.arguments = environment, log, arguments
        self.starts = 0
        self.start()

    def start(self) -> None:
        self.starts += 1
        argv = (sys.executable, *self.arguments)
        # Ends with the test's process, however that one ends.
        program = Program(name="test", argv=argv, env=self.environment, cwd=ROOT, stop=signal.SIGKILL)
        with self.log.open("ab") as log:
            self.process = spawn(program, output=log.fileno())

    @property
    def has_ended(self) -> bool:
        return self.process.poll() is not None

    def kill(self) -> None:
        """As a kernel short of memory does it: at once, with everything it started."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.kill()

    def finish(self, seconds: float = 60) -> int:
        return self.process.wait(seconds)

    def words(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")


class Worker(Process):
    def __init__(self, environment: Mapping[str, str], log: Path, *, name: str = "panel") -> None:
        options = ("-l", "INFO", "-n", f"{name}@%h", "--without-gossip", "--without-mingle")
        super().__init__(environment, log, *CELERY, "worker", *options)

    def wait_until_ready(self, seconds: float = 60) -> None:
        deadline = time.monotonic() + seconds
        while "ready." not in self.words():
            assert time.monotonic() < deadline and not self.has_ended, self.words()
            time.sleep(0.05)


class Manage(Process):
    """`manage.py …`"""

    def __init__(self, environment: Mapping[str, str], log: Path, *arguments: str) -> None:
        super().__init__(environment, log, "manage.py", *arguments)
