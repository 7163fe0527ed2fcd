"""Starting a program so that it never outlives the launcher, and ending what outlived it all the same."""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from reviewsite.local.places import Account

PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None

# For MALLOC_ARENA_MAX: left alone, glibc lets a worker's threads fill sixteen heaps, and gives back none.
ARENAS = "2"


@dataclass(frozen=True)
class Program:
    """One program to run: what, as whom, how it is asked to stop, and which of its lines say nothing."""

    name: str
    argv: tuple[str, ...]
    env: Mapping[str, str]
    cwd: Path
    stop: signal.Signals = signal.SIGTERM
    account: Account | None = None
    hush: re.Pattern[str] | None = field(default=None, compare=False)


def spawn(program: Program, *, output: int | None = subprocess.PIPE) -> subprocess.Popen[bytes]:
    """Starts it in a session of its own. Call from the main thread only: on Linux the kernel's promise to
    end the child with its parent is about the *thread* that started it."""
    options = program.account.popen_options() if program.account else {}
    return subprocess.Popen(  # noqa: S603 - argv is ours
        program.argv,
        env=dict(program.env),
        cwd=program.cwd,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        # Ctrl-C reaches the launcher alone, which then stops the others in order.
        start_new_session=True,
        # Runs last of all in the child, after the change of account, which would undo it.
        preexec_fn=_end_with_parent(os.getpid(), program.stop),  # noqa: PLW1509 - no other threads here
        **options,
    )


def _end_with_parent(parent: int, ask: signal.Signals) -> Callable[[], None] | None:
    if _LIBC is None:
        return None
    prctl = _LIBC.prctl

    def prepare() -> None:
        prctl(PR_SET_PDEATHSIG, int(ask), 0, 0, 0)
        if os.getppid() != parent:  # it died between fork and here
            os._exit(1)

    return prepare


def has_ended(process: subprocess.Popen[bytes]) -> bool:
    """Whether it ended; if so, what is left of its session's first group is ended before the id is freed."""
    if process.returncode is not None:
        return True
    try:
        if os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
            return False
    except ChildProcessError:
        pass
    # A web server killed hard leaves its worker behind, and that one holds the port.
    kill_group(process.pid)
    process.wait()
    return True


def kill_group(leader: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)


def describe_end(returncode: int) -> str:
    if returncode >= 0:
        return f"exit code {returncode}"
    try:
        return signal.Signals(-returncode).name
    except ValueError:
        return f"signal {-returncode}"


# --- what a killed launcher left behind -----------------------------------------------------------
def record(path: Path, processes: Iterable[tuple[str, int]]) -> None:
    """Writes down names and ids of running children, with their birth times: ids are used again."""
    rows = []
    for name, pid in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            rows.append({"name": name, "pid": pid, "created": psutil.Process(pid).create_time()})
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps(rows, indent=1), encoding="utf-8")
    fresh.replace(path)


def end_recorded(path: Path, *, patience: float = 5.0) -> list[str]:
    """Ends what `record` wrote down and still lives, with all of its session; the names of those."""
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))
        born = {int(row["pid"]): (str(row["name"]), float(row["created"])) for row in rows}
    except (OSError, ValueError, KeyError, TypeError):
        return []  # never written, or torn by a power cut: then the processes are gone as well
    left: dict[psutil.Process, str] = {}
    for process in psutil.process_iter():
        try:
            name, created = born[os.getsid(process.pid)]
            # A session is named after its first process, so nobody else's can carry a recorded id unless
            # that id was given out again, later than the record says.
            older = process.create_time() < created - 1
            if lives(process) and not older and _session_is(os.getsid(process.pid), created):
                left[process] = name
        except (KeyError, psutil.Error, ProcessLookupError, PermissionError):
            continue
    end_all(list(left), asks=(signal.SIGTERM, signal.SIGKILL), patience=patience)
    path.unlink(missing_ok=True)
    return sorted(set(left.values()))


def _session_is(leader: int, created: float) -> bool:
    try:
        born: float = psutil.Process(leader).create_time()
    except psutil.NoSuchProcess:
        return True
    return abs(born - created) < 1


def end_all(processes: list[psutil.Process], *, asks: tuple[signal.Signals, ...], patience: float) -> None:
    """Sends one signal after the other, with some patience after each, until all are gone."""
    for ask in asks:
        for process in processes:
            with contextlib.suppress(psutil.Error):
                process.send_signal(ask)
        deadline = time.monotonic() + patience
        while processes := [process for process in processes if lives(process)]:
            if time.monotonic() > deadline:
                break
            time.sleep(0.02)


def lives(process: psutil.Process) -> bool:
    """Whether it still runs. In a container whose first process reaps nothing, the dead stay listed."""
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
