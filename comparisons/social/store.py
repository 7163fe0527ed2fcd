"""Drawn cards on disk, by what they say: the same words and numbers are drawn once.

The folder is bounded. Any two models have a card, and a crawler that asks for half a million must not fill
the disk; so each of 4,096 folders keeps the few pictures that were drawn last.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from django.conf import settings

KEPT = 4  # pictures a folder; 4,096 × 4 × 20 KB is 330 MB at the very most


def key_of(*said: object) -> str:
    """The name of a picture: a hash of everything that it says."""
    return hashlib.sha256(repr(said).encode("utf-8", "backslashreplace")).hexdigest()


def kept(key: str, draw: Callable[[], bytes]) -> bytes:
    """The picture of this name, drawn if it is not there. A disk that fails costs time, not the answer."""
    path = settings.DATA_DIR / "og" / key[:3] / f"{key[3:]}.png"
    try:
        return bytes(path.read_bytes())
    except OSError:
        pass
    drawn = draw()
    try:
        _keep(path, drawn)
    except OSError:
        pass
    return drawn


def _keep(path: Path, drawn: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    # Written beside and moved in, so that no reader sees half a picture.
    handle, name = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(handle, "wb") as file:
        file.write(drawn)
    Path(name).replace(path)
    newest_first = sorted(path.parent.iterdir(), key=lambda each: each.stat().st_mtime_ns, reverse=True)
    for old in newest_first[KEPT:]:
        old.unlink(missing_ok=True)
