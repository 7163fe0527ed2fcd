"""Text in a picture: letters that the font can draw, sizes that fit. Pure but for the font Pillow ships."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from PIL import ImageFont

# The font that Pillow carries (Aileron) knows ASCII and a little more. It is there on every machine, which
# cannot be said of any system font; so what it does not know is folded, and a name that stays unreadable
# gives way to its slug.
FOLDED = str.maketrans(
    {
        "–": "-", "—": "-", "−": "-", "‐": "-", "‑": "-", "×": "x", "→": ">", "æ": "ae", "Æ": "AE", "œ": "oe",
        "Œ": "OE", "ß": "ss", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ð": "d", "þ": "th",
        "ı": "i", "€": "EUR", "≥": ">=", "≤": "<=",
    }
)  # fmt: skip
NOWHERE = "\uffff"  # no font has it, so what is drawn for it is the box of a missing letter


@lru_cache(maxsize=64)
def font(size: int) -> ImageFont.FreeTypeFont:
    found = ImageFont.load_default(size)
    assert isinstance(found, ImageFont.FreeTypeFont)  # it would be a bitmap font only without FreeType
    return found


@lru_cache(maxsize=4096)
def _known(letter: str) -> bool:
    return letter == " " or bytes(font(40).getmask(letter)) != bytes(font(40).getmask(NOWHERE))


def drawable(text: str, *, otherwise: str = "") -> str:
    """`text` in letters the font has, accents dropped; `otherwise` when a letter has no such likeness."""
    plain = unicodedata.normalize("NFKD", " ".join(text.split()).translate(FOLDED)).translate(FOLDED)
    letters = [letter for letter in plain if not unicodedata.combining(letter)]
    known = "".join(letter for letter in letters if _known(letter))
    return (otherwise or " ".join(known.split())) if len(known) != len(letters) else known


def width(text: str, size: int) -> float:
    return font(size).getlength(text)


@dataclass(frozen=True, slots=True)
class Block:
    """Lines of one size."""

    lines: tuple[str, ...]
    size: int

    @property
    def leading(self) -> int:
        return round(self.size * 1.22)

    @property
    def height(self) -> int:
        return self.leading * len(self.lines)


def fitted(text: str, *, room: int, sizes: Sequence[int], lines: int) -> Block:
    """`text` in the largest of `sizes` that takes at most `lines` of `room` px, else cut short."""
    for size in sizes:
        wrapped = wrap(text, room=room, size=size)
        if len(wrapped) <= lines:
            return Block(tuple(wrapped), size)
    last = wrapped[lines - 1]
    while last and width(f"{last}…", size) > room:
        last = last[:-1]
    return Block((*wrapped[: lines - 1], f"{last.rstrip(' -_/.(,')}…"), size)


def wrap(text: str, *, room: int, size: int) -> list[str]:
    """Lines of at most `room` px; a word wider than that is broken where the room ends."""
    lines = [""]
    for word in text.split():
        rest = word
        while rest:
            joined = f"{lines[-1]} {rest}".strip()
            if width(joined, size) <= room:
                lines[-1], rest = joined, ""
            elif lines[-1] and width(rest, size) <= room:
                lines.append("")
            else:
                left = room - (width(f"{lines[-1]} ", size) if lines[-1] else 0)
                taken = _taken(rest, room=left, size=size)
                if lines[-1] and taken < 4:  # a stump of a word at the end of a line helps nobody
                    lines.append("")
                    continue
                lines[-1] = f"{lines[-1]} {rest[:taken]}".strip()
                rest = rest[taken:]
                lines += [""] if rest else []
    return lines


def _taken(word: str, *, room: float, size: int) -> int:
    """How many letters of `word` fit, broken after a hyphen or the like where there is one; 1 at least."""
    fits = 0
    while fits < len(word) and width(word[: fits + 1], size) <= room:
        fits += 1
    joint = max(word[:fits].rfind(sign) for sign in "-_/.") + 1
    return max(joint if joint > fits // 2 else fits, 1) if room > 0 else 0
