"""Shell that the guides show: blocks, and the commands in them."""

from __future__ import annotations

import re
import shlex
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
GUIDES = sorted([ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")])
FENCE = re.compile(r"(?ms)^( *)```([^\n]*)\n(.*?)^\1```$")
# `manage.py` as the guides write it: on this machine, in a container, wherever one is.
MANAGE = re.compile(r"^(?:\.venv/bin/python |docker compose exec web python )?manage\.py ")


@dataclass(frozen=True, slots=True)
class Command:
    """One command of a guide; `comment` is what the guide says of it on the same line."""

    guide: str  # "docs/api.md"
    text: str
    comment: str = ""

    @property
    def managed(self) -> list[str]:
        """What follows `manage.py`; nothing for any other program."""
        return shlex.split(MANAGE.sub("", self.text)) if MANAGE.match(self.text) else []


def fences(guide: Path) -> Iterator[tuple[str, str]]:
    """(language, text) of each fenced block, wherever it is indented to."""
    for match in FENCE.finditer(guide.read_text(encoding="utf-8")):
        yield match[2].strip(), textwrap.dedent(match[3])


def commands(guide: Path, language: str = "sh") -> list[Command]:
    """Every command of a guide's blocks: continued lines joined, comments apart."""
    found = []
    for name in (text for told, text in fences(guide) if told == language):
        for line in re.sub(r"\\\n\s*", "", name).splitlines():
            text, _, comment = re.sub(r"(^|\s)#\s", "\0", line, count=1).partition("\0")
            if text.strip():
                found.append(Command(str(guide.relative_to(ROOT)), text.strip(), comment.strip()))
    return found


def inline(guide: Path) -> Iterator[str]:
    """What stands between single backticks outside of blocks."""
    text = FENCE.sub("", guide.read_text(encoding="utf-8"))
    yield from (" ".join(found.split()) for found in re.findall(r"`([^`]+)`", text))
