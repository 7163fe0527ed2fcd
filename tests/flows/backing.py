"""A PostgreSQL and a Redis of a test's own, to be treated badly."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from signal import SIGKILL, SIGQUIT, Signals
from typing import Self

import psycopg
from psycopg import sql

from reviewsite.local.instance import Instance
from reviewsite.local.postgres import Cluster
from reviewsite.local.redis import RedisServer
from reviewsite.processes import has_ended, record, spawn

# As in tests/conftest.py, which clears away what a killed run leaves.
PREFIX = "second-opinion-tests-"


class Services:
    """Started on `with`; at its end nothing of them is left."""

    def __init__(self, *, careless: bool = True) -> None:
        self.data = Path(tempfile.mkdtemp(prefix=PREFIX))
        self._instance = Instance(self.data)
        self._instance.places.make()
        self._cluster = Cluster(self._instance.places, careless=careless)
        self._redis = RedisServer(self._instance.places)
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> Self:
        self._cluster.make()
        self._redis.make()
        self.start_postgres()
        self.start_redis()
        self._cluster.make_database()
        (self.data / "static").mkdir()  # WhiteNoise warns of a missing one
        return self

    def __exit__(self, *_: object) -> None:
        for name in list(self._running):
            self._end(name, SIGKILL if name == "redis" else SIGQUIT)
        self._instance.release()
        for folder in (*self._instance.places.outside, self.data):
            shutil.rmtree(folder, ignore_errors=True)

    def database_url(self, name: str = "second_opinion") -> str:
        return self._cluster.url(name)

    def redis_url(self, number: int = 0) -> str:
        return self._redis.url(number)

    def copy_database(self, name: str, *, of: str = "second_opinion") -> str:
        """A fresh database like `of`, which nobody is connected to; its address."""
        with psycopg.connect(self.database_url("postgres"), autocommit=True) as admin:
            fresh, old = sql.Identifier(name), sql.Identifier(of)
            admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(fresh))
            admin.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(fresh, old))
        return self.database_url(name)

    def start_postgres(self) -> None:
        self._start("postgres", self._cluster)

    def stop_postgres(self) -> None:
        """`pg_ctl stop -m immediate`: connections torn, what was not committed gone."""
        self._end("postgres", SIGQUIT)

    def start_redis(self) -> None:
        self._start("redis", self._redis)

    def stop_redis(self) -> None:
        """Its memory goes with it."""
        self._end("redis", SIGKILL)

    def _start(self, name: str, service: Cluster | RedisServer) -> None:
        with (self.data / "log").open("ab") as log:
            self._running[name] = spawn(service.program(), output=log.fileno())
        record(self._instance.children, [(name, child.pid) for name, child in self._running.items()])
        self._wait_for(service.answers)

    def _end(self, name: str, ask: Signals) -> None:
        child = self._running.pop(name)
        child.send_signal(ask)
        self._wait_for(lambda: has_ended(child))

    def _wait_for(self, condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + 60
        while not condition():
            assert time.monotonic() < deadline, (self.data / "log").read_text(encoding="utf-8")
            time.sleep(0.02)
