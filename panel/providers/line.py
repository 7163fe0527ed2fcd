"""The line to a judge's server: one a process, and a plain way to call along it without an SDK."""

from __future__ import annotations

import os
import threading
import weakref
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Generic, NamedTuple, TypeVar

import httpx2

from panel.providers import NotYet
from panel.providers.setup import Setup
from panel.providers.wire import Cut, Exchange, Wire, exchange

TURN_SECONDS = 60.0  # how long a call waits for an earlier one to end; beyond, the hearing goes back

T = TypeVar("T")


class Line(Generic[T]):
    """What this process calls through, made at the first call and shared by its threads."""

    def __init__(self, dial: Callable[[], T], hang_up: Callable[[T], None]) -> None:
        self._dial, self._hang_up = dial, hang_up
        self._open: tuple[int, T, weakref.finalize[Any, Any]] | None = None
        self._lock = threading.Lock()

    def dialed(self) -> T:
        """This process's own: one made before a fork would share its sockets with the parent's."""
        with self._lock:
            if self._open is None or self._open[0] != os.getpid():
                made = self._dial()
                # At the latest when the judge is forgotten or the process ends.
                self._open = os.getpid(), made, weakref.finalize(self, self._hang_up, made)
            return self._open[1]

    def close(self) -> None:
        """Drops the connections; the next call makes new ones."""
        with self._lock:
            line, self._open = self._open, None
        if line is not None:
            line[2]()


class _Desk(NamedTuple):
    wire: Wire
    free: threading.Semaphore


class PlainLine:
    """Posts JSON, as many calls at once as the setup has connections."""

    def __init__(self, setup: Setup) -> None:
        self._setup = setup
        self._line = Line(partial(_dial, setup), _hang_up)
        self.close = self._line.close

    def post(self, path: str, body: Mapping[str, Any]) -> tuple[Exchange, str]:
        """What came, and why it ended early, "" when it did not. Raises NotYet when all lines are busy.

        A server on one graphics card takes calls one after the other. Left to queue there they would run into
        their deadlines and look like a server that is down.
        """
        setup, desk = self._setup, self._line.dialed()
        if not desk.free.acquire(timeout=TURN_SECONDS):
            raise NotYet(f"{setup.host} is busy with {setup.connections} of our calls.")
        try:
            with exchange(setup.deadline) as seen:
                desk.wire.handle_request(httpx2.Request("POST", f"{setup.server}{path}", json=dict(body)))
                return seen, ""
        except Cut as cut:
            return seen, str(cut)
        finally:
            desk.free.release()


def _dial(setup: Setup) -> _Desk:
    wire = Wire(setup.server, key=setup.key, connections=setup.connections)
    return _Desk(wire, threading.Semaphore(setup.connections))


def _hang_up(desk: _Desk) -> None:
    desk.wire.close()
