"""What an examination says."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum


class State(StrEnum):
    OK = "ok"
    WARN = "warn"  # it works, and somebody should look
    FAIL = "fail"  # something that readers or staff need does not work


@dataclass(frozen=True, slots=True)
class Finding:
    about: str
    state: State
    said: str
    mend: str = ""

    def record(self) -> dict[str, str]:
        return {name: str(value) for name, value in asdict(self).items()}


def ok(about: str, said: str) -> Finding:
    return Finding(about, State.OK, said)


def warn(about: str, said: str, mend: str) -> Finding:
    return Finding(about, State.WARN, said, mend)


def fail(about: str, said: str, mend: str) -> Finding:
    return Finding(about, State.FAIL, said, mend)
