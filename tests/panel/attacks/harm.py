"""What must never be read on a page, looked for without any of the code that takes it out."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any

LINK = re.compile(
    r"[a-z]+://|www\.\w|\]\(|\b(?:javascript|vbscript|mailto|tel):\S|\bdata:\w+/|\S@\w+\.\w|evil\.example/\w",
    re.I,
)
TAG = re.compile(r"<[a-z!/?]|&(?:lt|#\d+|#x[0-9a-f]+);", re.I)
UNSEEN = set("\u034f\u115f\u1160\u2028\u2029\u2800\u3164\uffa0") | {chr(0xFE00 + n) for n in range(16)}


def harm_in(text: str, canary: str) -> set[str]:
    """Which kinds of harm a text would do to a reader: link, tag, canary, unseen."""
    letters = re.sub(r"[^0-9a-z]", "", unicodedata.normalize("NFKC", text).casefold())
    return {
        kind
        for kind, found in {
            "link": LINK.search(text),
            "tag": TAG.search(text),
            "canary": canary in letters or canary in letters[::-1],
            "unseen": any(unicodedata.category(c) in {"Cc", "Cf", "Cs", "Co"} or c in UNSEEN for c in text),
        }.items()
        if found
    }


def texts_of(value: Any) -> Iterable[str]:
    """Every piece of text in a record, however deep."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for part in value.values():
            yield from texts_of(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from texts_of(part)
