"""Keeps programs running: shows their lines, starts them again when they die, stops them in order.

One thread and one loop. Reading, waiting and starting take turns in `tend`, so there is nothing to lock,
and every child is started by the main thread, as `processes.spawn` asks.
"""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import IO, cast

from reviewsite.console import Console
from reviewsite.processes import Program, describe_end, has_ended, kill_group, record, spawn

TICK = 0.1
# The others use these, so these go last. The numbers: by which second after the request to stop the first
# ones, and then all, are gone or killed.
SERVICES = ("redis", "postgres")
OTHERS_GONE_BY, ALL_GONE_BY = 6.0, 9.0
LONGEST_LINE = 8192


class StopRequested(Exception):
    """Ctrl-C, SIGTERM or a closed terminal."""


class GaveUp(Exception):
    """What was waited for did not come, or a step that must succeed failed."""


@dataclass
class Backoff:
    """0.5 s, doubled at every death up to 30 s, forgotten after a minute of life."""

    first: float = 0.5
    most: float = 30.0
    settled: float = 60.0
    _next: float = 0.5

    def after(self, lived: float) -> float:
        """How long to wait before the next start, given how long the last one lived."""
        if lived >= self.settled:
            self._next = self.first
        delay, self._next = self._next, min(self._next * 2, self.most)
        return delay


@dataclass
class Child:
    program: Program
    keep: bool  # start again when it ends
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    due: float | None = None  # when it is to be started again
    backoff: Backoff = field(default_factory=Backoff)
    returncode: int | None = None


class Supervisor:
    def __init__(self, console: Console, *, notes: Path, clock: Callable[[], float] = time.monotonic) -> None:
        self._console = console
        self._notes = notes
        self._clock = clock
        self._children: dict[str, Child] = {}
        self._pipes = selectors.DefaultSelector()
        self._partial: dict[int, bytes] = {}
        self._stop_requested = False
        self._stopping = False

    # --- what others ask for ----------------------------------------------------------------------
    def listen_to_signals(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._on_signal)

    def start(self, program: Program) -> None:
        """Runs it from now on, again and again if need be."""
        child = self._children[program.name] = Child(program, keep=True)
        self._launch(child)

    def begin(self, program: Program) -> Child:
        """Runs it once; `finish` waits for it."""
        child = self._children[program.name] = Child(program, keep=False)
        self._launch(child)
        return child

    def finish(self, child: Child) -> None:
        """Tends all until `child` has ended; GaveUp if it failed."""
        while child.process is not None:
            self.tend()
        if child.returncode != 0:
            raise GaveUp(f"{' '.join(child.program.argv[1:3])} failed; its own words are above.")

    def wait_for(self, condition: Callable[[], bool], *, seconds: float, otherwise: str) -> None:
        deadline = self._clock() + seconds
        while not condition():
            if self._clock() > deadline:
                raise GaveUp(otherwise)
            self.tend()

    def tend(self) -> None:
        """One round: shows what was said, notices who died, starts who is due. StopRequested if asked."""
        if self._stop_requested and not self._stopping:
            raise StopRequested
        self._show(TICK)
        for child in list(self._children.values()):
            if child.process is not None and has_ended(child.process):
                self._bury(child)
            elif child.due is not None and self._clock() >= child.due and not self._stopping:
                self._launch(child)

    def stop(self) -> None:
        """Ends all within ten seconds, whatever they do: the last started first, the services at the end."""
        self._stopping = True
        begun = self._clock()
        others = [child for name, child in reversed(self._children.items()) if name not in SERVICES]
        services = [self._children[name] for name in SERVICES if name in self._children]
        for children, by in ((others, OTHERS_GONE_BY), (services, ALL_GONE_BY)):
            for child in children:
                child.due = None
                if child.process is not None:
                    with contextlib.suppress(ProcessLookupError):
                        child.process.send_signal(child.program.stop)
            while self._alive(children) and self._clock() - begun < by:
                self.tend()
            for child in self._alive(children):
                self._console.line(child.program.name, "does not stop by itself: ended by force")
                kill_group(child.process.pid)  # type: ignore[union-attr]
            while self._alive(children):
                self.tend()
        self._notes.unlink(missing_ok=True)

    # --- how --------------------------------------------------------------------------------------
    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self._stop_requested = True  # a second one changes nothing: the order is already under way

    def _alive(self, children: Sequence[Child]) -> list[Child]:
        return [child for child in children if child.process is not None]

    def _launch(self, child: Child) -> None:
        child.due, child.started, child.returncode = None, self._clock(), None
        try:
            child.process = spawn(child.program)
        except (OSError, subprocess.SubprocessError) as error:
            self._console.line(child.program.name, f"cannot be started: {error}")
            self._died(child, 127)
            return
        pipe = child.process.stdout
        assert pipe is not None
        os.set_blocking(pipe.fileno(), False)
        self._pipes.register(pipe, selectors.EVENT_READ, child.program)
        self._note()

    def _bury(self, child: Child) -> None:
        assert child.process is not None
        self._show(0)
        if child.process.stdout is not None:
            self._close(child.process.stdout, child.program)
        code = child.process.returncode
        child.process = None
        self._note()
        self._died(child, code)

    def _died(self, child: Child, code: int) -> None:
        child.returncode = code
        if child.keep and not self._stopping:
            delay = child.backoff.after(self._clock() - child.started)
            child.due = self._clock() + delay
            self._console.line(
                child.program.name, f"ended ({describe_end(code)}); starting again in {delay:g} s"
            )

    def _note(self) -> None:
        record(
            self._notes,
            [
                (name, child.process.pid)
                for name, child in self._children.items()
                if child.process is not None
            ],
        )

    def _show(self, wait: float) -> None:
        for key, _ in self._pipes.select(wait):
            pipe, program = cast(IO[bytes], key.fileobj), cast(Program, key.data)
            try:
                read = os.read(key.fd, 65536)
            except BlockingIOError:
                continue
            if not read:
                self._close(pipe, program)
                continue
            *lines, rest = (self._partial.pop(key.fd, b"") + read).split(b"\n")
            if len(rest) > LONGEST_LINE:
                lines.append(rest)
                rest = b""
            self._partial[key.fd] = rest
            for line in lines:
                self._say(program, line)

    def _close(self, pipe: IO[bytes], program: Program) -> None:
        if pipe.closed:  # it closed its output before it ended
            return
        if rest := self._partial.pop(pipe.fileno(), b""):
            self._say(program, rest)
        self._pipes.unregister(pipe)
        pipe.close()

    def _say(self, program: Program, line: bytes) -> None:
        text = line.decode("utf-8", "replace").rstrip()
        if program.hush is None or not program.hush.search(text):
            self._console.line(program.name, text)
