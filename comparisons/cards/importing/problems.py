"""What is wrong with a file or a record, said in one sentence."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One field of one record that cannot be meant; `sentence` starts after the colon."""

    file: str
    record: str
    field: str
    sentence: str

    def __str__(self) -> str:
        return f"{', '.join(part for part in (self.file, self.record, self.field) if part)}: {self.sentence}"


class UnusableFile(Exception):
    """Nothing of the file can be read; the message is one line that starts with its name."""
