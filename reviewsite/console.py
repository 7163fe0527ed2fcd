"""One terminal for several programs: each line says whose it is."""

from __future__ import annotations

import os
from typing import TextIO

RESET, BOLD = "\033[0m", "\033[1m"
COLORS = {"web": 32, "panel": 35, "beat": 36, "postgres": 34, "redis": 31, "setup": 33}
WIDTH = len("postgres")


class Console:
    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._colored = stream.isatty() and "NO_COLOR" not in os.environ

    def line(self, name: str, text: str) -> None:
        self._write(f"{self._paint(f'{name:<{WIDTH}} |', COLORS.get(name))} {text}")

    def block(self, title: str, rows: list[tuple[str, str]]) -> None:
        """A closing table: what runs, where."""
        width = max(len(label) for label, _ in rows)
        self._write("")
        self._write(f"  {BOLD}{title}{RESET}" if self._colored else f"  {title}")
        for label, text in rows:
            self._write(f"  {label:<{width}}  {text}")
        self._write("")

    def _paint(self, text: str, color: int | None) -> str:
        return f"\033[{color}m{text}{RESET}" if self._colored and color else text

    def _write(self, text: str) -> None:
        try:
            self._stream.write(f"{text}\n")
            self._stream.flush()
        except (OSError, ValueError):
            pass  # the terminal was closed; what runs shall still be stopped in order
