"""A mail as bytes with gaps: built once for thousands of readers, filled in for each. Pure.

Building a message with Python's email package costs as much as sending it. What differs between two readers
of one edition is the address, the Message-ID, the date and the token in their links; everything else is
encoded once.
"""

from __future__ import annotations

import quopri
import re
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email.header import Header
from email.utils import formataddr, parseaddr
from enum import Enum

# Stands in rendered text where a reader's token belongs. As long as a token, of the same letters, and never
# the same in two processes: nobody can write it into a counterpoint.
MARKER = f"slot{secrets.token_hex(14)}"


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a mail says, with MARKER in place of the token."""

    subject: str
    text: str
    html: str


class Slot(Enum):
    TO = "To"
    MESSAGE_ID = "Message-ID"
    DATE = "Date"
    TOKEN = "token"  # noqa: S105 - a name


@dataclass(frozen=True, slots=True)
class Pattern:
    """The message as SMTP carries it, without the last dot: CRLF, dots doubled, ends with a line end."""

    pieces: tuple[bytes | Slot, ...]

    def fill(self, values: Mapping[Slot, bytes]) -> bytes:
        return b"".join(piece if isinstance(piece, bytes) else values[piece] for piece in self.pieces)


def pattern(sheet: Sheet, *, sender: str, headers: Mapping[str, str]) -> Pattern:
    """`headers` may hold MARKER in their values and must be ASCII."""
    boundary = f"=_{secrets.token_hex(12)}"
    name, address = parseaddr(sender)
    subject = Header(sheet.subject, "us-ascii" if sheet.subject.isascii() else "utf-8", header_name="Subject")
    lines = [
        f"From: {formataddr((name, address))}",
        f"Subject: {subject.encode(linesep=CRLF)}",
        *(f"{header}: {value}" for header, value in headers.items()),
        "MIME-Version: 1.0",
        f'Content-Type: multipart/alternative; boundary="{boundary}"',
        "",
    ]
    head = CRLF.join(lines) + CRLF
    parts = (("text/plain", sheet.text), ("text/html", sheet.html))
    body = "".join(
        f"--{boundary}{CRLF}Content-Type: {kind}; charset=utf-8{CRLF}"
        f"Content-Transfer-Encoding: quoted-printable{CRLF}{CRLF}{quoted_printable(text)}{CRLF}"
        for kind, text in parts
    )
    whole = f"{head}{body}--{boundary}--{CRLF}"
    # RFC 5321, 4.5.2: a dot at the start of a line would end the message.
    stuffed = re.sub(r"^\.", "..", whole, flags=re.MULTILINE)
    return Pattern((*_opening(), *_gaps(stuffed)))


CRLF = "\r\n"


def quoted_printable(text: str) -> str:
    """With MARKER whole on a line of its own between two soft line ends, wherever it stood."""
    pieces = text.replace("\r\n", "\n").split(MARKER)
    encoded = [quopri.encodestring(piece.encode()).decode("ascii") for piece in pieces]
    return f"=\n{MARKER}=\n".join(encoded).replace("\n", CRLF)


def _opening() -> Iterator[bytes | Slot]:
    yield b"To: "
    yield Slot.TO
    yield b"\r\nMessage-ID: "
    yield Slot.MESSAGE_ID
    yield b"\r\nDate: "
    yield Slot.DATE
    yield b"\r\n"


def _gaps(whole: str) -> Iterator[bytes | Slot]:
    first, *rest = whole.encode("ascii").split(MARKER.encode())
    yield first
    for piece in rest:
        yield Slot.TOKEN
        yield piece
