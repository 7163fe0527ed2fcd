"""Mail as files: what Django's backend writes where no server is named, and what staff read of it."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage as Parsed
from email.policy import default as modern
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.message import EmailMessage

NAME = r"[0-9]{8}-[0-9]{6}-[0-9a-f]{12}\.eml"
SHOWN = 200


class NotWritten(OSError):
    """The folder cannot be written to: the mail is nowhere, provably."""


class Folder(BaseEmailBackend):
    """One .eml file a message, whole or not there at all."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._folder = folder()

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        for message in email_messages:
            now = datetime.now(UTC)
            file = self._folder / f"{now:%Y%m%d-%H%M%S}-{secrets.token_hex(6)}.eml"
            try:
                self._folder.mkdir(parents=True, exist_ok=True)
                draft = file.with_suffix(".part")
                draft.write_bytes(message.message().as_bytes())
                draft.rename(file)
            except OSError as error:
                raise NotWritten(f"{self._folder}: {error.strerror or error}") from error
        return len(email_messages)


@dataclass(frozen=True, slots=True)
class Kept:
    """One message of the folder."""

    name: str
    subject: str
    to: str
    date: str
    headers: tuple[tuple[str, str], ...]
    text: str
    html: str


def folder() -> Path:
    # Another backend names no folder; what an earlier one wrote may still be read.
    return Path(getattr(settings, "EMAIL_FILE_PATH", None) or settings.DATA_DIR / "mail")


def kept() -> list[Kept]:
    """The newest, newest first."""
    found = sorted((file.name for file in _files()), reverse=True)
    return [message for name in found[:SHOWN] if (message := read(name)) is not None]


def read(name: str) -> Kept | None:
    """None when there is no such message."""
    if not re.fullmatch(NAME, name):
        return None
    try:
        raw = (folder() / name).read_bytes()
    except OSError:
        return None
    message = message_from_bytes(raw, policy=modern)
    assert isinstance(message, Parsed)
    return Kept(
        name=name,
        subject=str(message["Subject"] or ""),
        to=str(message["To"] or ""),
        date=str(message["Date"] or ""),
        headers=tuple((key, str(value)) for key, value in message.items()),
        text=_part(message, "plain"),
        html=_part(message, "html"),
    )


def erase(address: str) -> int:
    """Removes every message to an address; how many."""
    gone = 0
    for file in _files():
        message = read(file.name)
        if message is not None and message.to.lower() == address.lower():
            file.unlink(missing_ok=True)
            gone += 1
    return gone


def _files() -> Iterator[Path]:
    place = folder()
    return (file for file in place.iterdir() if re.fullmatch(NAME, file.name)) if place.is_dir() else iter(())


def _part(message: Parsed, kind: str) -> str:
    part = message.get_body(preferencelist=(kind,))
    return str(part.get_content()) if part is not None else ""
