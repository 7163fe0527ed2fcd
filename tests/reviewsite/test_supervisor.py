"""What keeps the programs running, tried on small programs of every temper."""

from __future__ import annotations

import io
import os
import re
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from reviewsite import supervisor as module
from reviewsite.console import Console
from reviewsite.processes import Program, describe_end, end_recorded, has_ended, record, spawn
from reviewsite.supervisor import Backoff, GaveUp, StopRequested, Supervisor


def program(name: str, code: str) -> Program:
    return Program(name, (sys.executable, "-u", "-c", code), env=dict(os.environ), cwd=Path("/"))


class Stage:
    """A supervisor, and what it wrote on its terminal."""

    def __init__(self, notes: Path) -> None:
        self.screen = io.StringIO()
        self.notes = notes
        self.supervisor = Supervisor(Console(self.screen), notes=notes)

    def tend_until(self, condition: Callable[[], bool]) -> None:
        self.supervisor.wait_for(condition, seconds=30, otherwise=f"never:\n{self.lines}")

    @property
    def lines(self) -> list[str]:
        return self.screen.getvalue().splitlines()


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    stage = Stage(tmp_path / "children.json")
    yield stage
    stage.supervisor.stop()


# --- back-off -------------------------------------------------------------------------------------
def test_backoff_doubles_up_to_half_a_minute() -> None:
    backoff = Backoff()
    assert [backoff.after(1) for _ in range(8)] == [0.5, 1, 2, 4, 8, 16, 30, 30]


def test_a_minute_of_life_starts_the_backoff_over() -> None:
    backoff = Backoff()
    assert [backoff.after(lived) for lived in (1, 1, 59.9, 60, 1)] == [0.5, 1, 2, 0.5, 1]


# --- lines ----------------------------------------------------------------------------------------
def test_every_line_says_whose_it_is(stage: Stage) -> None:
    child = stage.supervisor.begin(program("web", "print('one'); print('two', end='')"))
    stage.supervisor.finish(child)
    assert stage.lines == ["web      | one", "web      | two"]


def test_hushed_lines_stay_away(stage: Stage) -> None:
    loud = program("web", "print('banner'); print('news')")
    quiet = Program(loud.name, loud.argv, loud.env, loud.cwd, hush=re.compile("^banner$"))
    stage.supervisor.finish(stage.supervisor.begin(quiet))
    assert stage.lines == ["web      | news"]


def test_broken_bytes_and_endless_lines_are_shown_all_the_same(stage: Stage) -> None:
    code = "import sys; sys.stdout.buffer.write(b'\\xff' + b'x' * 100_000)"
    stage.supervisor.finish(stage.supervisor.begin(program("web", code)))
    assert (
        "".join(line.removeprefix("web      | ") for line in stage.lines)
        == "\N{REPLACEMENT CHARACTER}" + "x" * 100_000
    )


def test_a_closed_terminal_stops_nothing(tmp_path: Path) -> None:
    stage = Stage(tmp_path / "children.json")
    stage.screen.close()
    stage.supervisor.finish(stage.supervisor.begin(program("web", "print('lost')")))
    stage.supervisor.stop()


# --- deaths ---------------------------------------------------------------------------------------
def test_a_step_that_fails_is_reported(stage: Stage) -> None:
    with pytest.raises(GaveUp, match="failed; its own words are above"):
        stage.supervisor.finish(stage.supervisor.begin(program("setup", "raise SystemExit(3)")))


def test_who_dies_is_started_again_and_it_is_said_why(stage: Stage, tmp_path: Path) -> None:
    code = (
        f"import os, pathlib; pathlib.Path({str(tmp_path)!r}, str(os.getpid())).touch(); raise SystemExit(7)"
    )
    stage.supervisor.start(program("beat", code))
    stage.tend_until(lambda: len([path for path in tmp_path.iterdir() if path.name.isdigit()]) == 2)
    assert stage.lines[0] == "beat     | ended (exit code 7); starting again in 0.5 s"


def test_a_program_that_is_not_there_is_said_and_tried_again(stage: Stage) -> None:
    stage.supervisor.start(Program("web", ("/nowhere/to/be/found",), env={}, cwd=Path("/")))
    assert "cannot be started" in stage.lines[0]
    assert "starting again in 0.5 s" in stage.lines[1]


def test_what_a_dead_program_started_dies_too(stage: Stage, tmp_path: Path) -> None:
    note = tmp_path / "grandchild"
    code = (
        "import subprocess, sys, pathlib, os, signal\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        f"pathlib.Path({str(note)!r}).write_text(str(child.pid))\n"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    with pytest.raises(GaveUp):
        stage.supervisor.finish(stage.supervisor.begin(program("web", code)))
    assert gone(int(note.read_text(encoding="utf-8")))


def test_waiting_ends(stage: Stage) -> None:
    with pytest.raises(GaveUp, match="too late"):
        stage.supervisor.wait_for(lambda: False, seconds=0.2, otherwise="too late")


# --- the end --------------------------------------------------------------------------------------
def test_a_request_to_stop_ends_the_round(stage: Stage) -> None:
    stage.supervisor.start(program("web", "import time; time.sleep(600)"))
    stage.supervisor._on_signal(signal.SIGTERM, None)
    with pytest.raises(StopRequested):
        stage.supervisor.tend()


def test_services_are_stopped_after_those_who_use_them(stage: Stage) -> None:
    code = (
        "import signal, sys, time\n"
        "def stop(*_):\n    time.sleep(0.3); print('stopped'); sys.exit()\n"
        "signal.signal(signal.SIGTERM, stop); print('up'); time.sleep(600)"
    )
    for name in ("postgres", "redis", "panel"):
        stage.supervisor.start(program(name, code))
    stage.tend_until(lambda: len(stage.lines) == 3)
    stage.supervisor.stop()
    stopped = [line.split()[0] for line in stage.lines if line.endswith("stopped")]
    assert stopped[0] == "panel" and set(stopped[1:]) == {"postgres", "redis"}
    assert not stage.notes.exists()


def test_who_does_not_stop_is_ended_by_force(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "OTHERS_GONE_BY", 0.3)
    stubborn = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up'); time.sleep(600)"
    )
    stage.supervisor.start(program("web", stubborn))
    stage.tend_until(lambda: stage.lines == ["web      | up"])
    begun = time.monotonic()
    stage.supervisor.stop()
    assert time.monotonic() - begun < 5
    assert stage.lines[-1] == "web      | does not stop by itself: ended by force"


# --- what a killed launcher left ------------------------------------------------------------------
def test_recorded_children_are_ended_with_their_children(tmp_path: Path) -> None:
    code = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'import time; time.sleep(600)'])"
    process = spawn(program("web", code))
    record(tmp_path / "children.json", [("web", process.pid)])
    family = psutil.Process(process.pid)
    while not family.children():
        time.sleep(0.02)
    grandchild = family.children()[0].pid
    assert end_recorded(tmp_path / "children.json") == ["web"]
    assert has_ended(process) and gone(grandchild)
    process.stdout.close()
    assert not (tmp_path / "children.json").exists()


def test_a_recorded_id_that_now_belongs_to_another_is_left_alone(tmp_path: Path) -> None:
    process = spawn(program("web", "import time; time.sleep(600)"))
    notes = tmp_path / "children.json"
    notes.write_text(f'[{{"name": "web", "pid": {process.pid}, "created": 12345.0}}]', encoding="utf-8")
    assert end_recorded(notes) == []
    assert not has_ended(process)
    process.kill()
    process.wait()
    process.stdout.close()


@pytest.mark.parametrize("text", ["", "[", '[{"name": "web"}]', '{"pid": 1}'])
def test_torn_notes_are_no_reason_not_to_start(tmp_path: Path, text: str) -> None:
    (tmp_path / "children.json").write_text(text, encoding="utf-8")
    assert end_recorded(tmp_path / "children.json") == []


@pytest.mark.parametrize(
    ("returncode", "words"), [(0, "exit code 0"), (2, "exit code 2"), (-9, "SIGKILL"), (-99, "signal 99")]
)
def test_ends_have_names(returncode: int, words: str) -> None:
    assert describe_end(returncode) == words


def gone(pid: int) -> bool:
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        try:
            if psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
                return True
        except psutil.NoSuchProcess:
            return True
        time.sleep(0.02)
    return False
