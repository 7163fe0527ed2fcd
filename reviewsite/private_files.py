"""Files for their owner's eyes only. Without the `local` extra: production may make its first admin too."""

from __future__ import annotations

import os
import secrets
from pathlib import Path


def kept_secret(path: Path, *, length: int) -> str:
    """The secret in `path`, made at the first call; nobody else may read the file."""
    try:
        return path.read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        pass
    value = secrets.token_urlsafe(length)
    write_private(path, f"{value}\n")
    return value


def write_private(path: Path, text: str) -> None:
    """Puts the file there whole or not at all, for its owner's eyes only from the first byte."""
    fresh = path.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    fresh.replace(path)
