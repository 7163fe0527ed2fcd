"""Many visitors at once over HTTP: one thread, as many open connections as there are visitors in a row.

A visitor is a generator that yields requests and is sent the answers, so that what they do next may hang on
what they were told. Written by hand, because a client library would be slower than the server it measures.
"""

from __future__ import annotations

import selectors
import socket
import time
from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import urlencode


@dataclass(frozen=True, slots=True)
class Told:
    status: int
    head: str
    body: bytes

    @property
    def cookie(self) -> str:
        """The first cookie it sets, as a browser sends it back; "" for none."""
        found = self.head.partition("\r\nset-cookie: ")[2] or self.head.partition("\r\nSet-Cookie: ")[2]
        return found.partition("\r\n")[0].partition(";")[0]


Visit = Generator[bytes, Told, None]


def post(path: str, *, cookie: str = "", htmx: bool = False, **fields: str) -> bytes:
    body = urlencode(fields)
    lines = [
        f"POST {path} HTTP/1.1", "Host: 127.0.0.1", "Sec-Fetch-Site: same-origin",
        "Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(body)}",
        *([f"Cookie: {cookie}"] if cookie else []), *(["HX-Request: true"] if htmx else []),
    ]  # fmt: skip
    return ("\r\n".join(lines) + f"\r\n\r\n{body}").encode()


def get(path: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()


class _Connection:
    """One open connection, and the visitor who has it now."""

    def __init__(self, port: int, visits: Iterator[Visit]) -> None:
        self._visits = visits
        self._visit: Visit | None = None
        self._heard = b""
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def next_visitor(self) -> bool:
        """Whether there is one; their first request is on its way then."""
        self._visit = next(self._visits, None)
        if self._visit is None:
            self.socket.close()
            return False
        self.socket.sendall(next(self._visit))
        return True

    def heard(self) -> bool:
        """Whether there is still somebody who wants an answer."""
        part = self.socket.recv(262_144)
        assert part, "the server hung up"
        self._heard += part
        told = self._told()
        if told is None:
            return True
        assert self._visit is not None
        try:
            self.socket.sendall(self._visit.send(told))
        except StopIteration:
            return self.next_visitor()
        return True

    def _told(self) -> Told | None:
        head, found, rest = self._heard.partition(b"\r\n\r\n")
        if not found:
            return None
        words = head.decode("latin-1")
        length = int(words.lower().partition("content-length: ")[2].partition("\r\n")[0] or 0)
        if len(rest) < length:
            return None
        self._heard = rest[length:]
        return Told(int(words[9:12]), words, rest[:length])


def send(port: int, visits: Iterable[Visit], *, connections: int) -> float:
    """Lets all visitors in, `connections` at once; seconds it took."""
    queue = iter(visits)
    waiting = selectors.DefaultSelector()
    begun = time.perf_counter()
    open_ones = 0
    for _ in range(connections):
        line = _Connection(port, queue)
        if line.next_visitor():
            waiting.register(line.socket, selectors.EVENT_READ, line)
            open_ones += 1
    while open_ones:
        for key, _ in waiting.select():
            if not key.data.heard():
                waiting.unregister(key.fileobj)
                open_ones -= 1
    return time.perf_counter() - begun
