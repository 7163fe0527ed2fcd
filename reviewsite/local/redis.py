"""A Redis of one's own: a doorbell that remembers nothing, on a private unix socket."""

from __future__ import annotations

import os
import re
import shlex
from pathlib import Path

import redis

from reviewsite.local.places import Places
from reviewsite.local.programs import redis_program
from reviewsite.processes import Program

HUSH = re.compile(
    r"oO0OoO0OoO0Oo|bits=|just started|Configuration loaded|Server initialized|overcommit|shutdown\.\.\.|"
    r"bye bye|monotonic clock|Transparent Huge|TCP backlog|^\s*$"
)


class RedisServer:
    def __init__(self, places: Places) -> None:
        self._data = places.data / "redis"
        self._socket = places.sockets / "redis" / "redis.sock"
        self._program = redis_program()

    def make(self) -> None:
        self._data.mkdir(mode=0o700, exist_ok=True)

    def program(self) -> Program:
        return Program(
            name="redis",
            argv=(
                str(self._program),
                *("--unixsocket", str(self._socket), "--dir", str(self._data), "--save", ""),
                *shlex.split("--port 0 --unixsocketperm 700 --appendonly no --databases 64"),
                *shlex.split("--loglevel warning --daemonize no"),
            ),
            env={"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"},
            cwd=Path("/"),
            hush=HUSH,
        )

    def url(self, database: int = 0) -> str:
        return f"unix://{self._socket}?db={database}"

    def answers(self) -> bool:
        try:
            with redis.Redis(unix_socket_path=str(self._socket), socket_timeout=2) as client:
                return bool(client.ping())
        except redis.RedisError:
            return False
