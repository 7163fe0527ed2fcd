"""One data folder, one running instance: the lock, and the leftovers of a killed one."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import json
import os
import socket
from functools import cached_property
from pathlib import Path
from typing import TextIO

from reviewsite.local.places import LocalServiceError, Places, open_data_folder, places_of
from reviewsite.local.postgres import end_leftover_server
from reviewsite.private_files import write_private
from reviewsite.processes import end_recorded


class AnotherInstance(LocalServiceError):
    def __init__(self, data: Path, who: str) -> None:
        super().__init__(
            f"Another instance is running on this data folder ({who or 'just starting'}): {data}"
        )


class PortTaken(LocalServiceError):
    def __init__(self, host: str, port: int, reason: str) -> None:
        super().__init__(
            f"Port {port} on {host} cannot be used ({reason}): choose another with PORT or --port."
        )


class Instance:
    """A data folder that this process alone uses until it ends, however it ends."""

    def __init__(self, data: Path) -> None:
        open_data_folder(data)
        self.data = data
        self.children = data / "children.json"
        self.running = data / "running.json"  # read by settings
        self._lock = self._take_lock()

    @cached_property
    def places(self) -> Places:
        return places_of(self.data)

    def settle(self, url: str) -> None:
        """Says who holds the folder now, for the message that a second instance prints."""
        self._lock.seek(0)
        self._lock.truncate()
        self._lock.write(f"pid {os.getpid()}, {url}")
        self._lock.flush()

    def announce(self, environment: dict[str, str]) -> None:
        """Lets commands in other terminals find this instance's services."""
        write_private(self.running, json.dumps(environment))

    def end_leftovers(self, *, own_cluster: bool = True) -> list[str]:
        """Ends what a killed launcher left running; the names of what was found."""
        self.running.unlink(missing_ok=True)
        names = end_recorded(self.children)
        if own_cluster and end_leftover_server(self.places.home / "postgres"):
            names.append("postgres")
        return names

    def release(self) -> None:
        self.running.unlink(missing_ok=True)
        self._lock.truncate(0)
        self._lock.close()

    def _take_lock(self) -> TextIO:
        # The kernel drops this lock with the process, so a killed launcher leaves none; children do not
        # inherit it. The file itself stays: removing it would let two instances lock two files of one name.
        lock = (self.data / "lock").open("a+", encoding="utf-8")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.seek(0)
            who = lock.read().strip()
            lock.close()
            raise AnotherInstance(self.data, who) from None
        return lock


def check_port(host: str, port: int) -> None:
    """PortTaken unless a server can listen there now."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            probe.listen()
        except OSError as error:
            taken = error.errno == errno.EADDRINUSE
            raise PortTaken(host, port, "it is taken" if taken else (error.strerror or str(error))) from None


def fingerprint(files: list[Path]) -> str:
    """A hash of names, sizes and times: cheap enough for every start."""
    total = hashlib.sha256()
    for file in sorted(files):
        found = file.stat()
        total.update(f"{file}\0{found.st_size}\0{found.st_mtime_ns}\n".encode())
    return total.hexdigest()
