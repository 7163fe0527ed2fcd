"""The wire to a judge's server: a deadline by the clock, a cap on size, a key that stays home, a record."""

from __future__ import annotations

import ipaddress
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from ssl import SSLContext
from typing import IO, Any
from urllib.request import getproxies, proxy_bypass

import httpcore2
import httpx2

MOST_BYTES = 1_000_000  # a review is 4,000
CONNECT_SECONDS = 10.0  # an address; a name may have several, and each is tried
IDLE_SECONDS = 20.0  # how long an unused connection is kept
SECRET_LENGTH = 8  # a shorter key is a placeholder ("x"), and taking every x out of a receipt helps nobody
OK = 200
NEVER_KEPT = frozenset({b"authorization", b"proxy-authorization", b"cookie", b"set-cookie"})


class Cut(httpx2.TransportError):
    """No whole answer came; the message is a sentence for the receipt."""


@dataclass(slots=True)
class Exchange:
    """One call as the wire saw it, whatever the client above makes of it."""

    seconds: float  # how long it may take
    started: float = field(default_factory=time.monotonic)
    sent: bool = False  # at least a byte of the request left: from here on it may be on the bill
    status: int | None = None
    headers: httpx2.Headers = field(default_factory=httpx2.Headers)
    body: bytes = b""  # as much as came
    request: bytes = b""  # for the receipt: request line, headers but the secret ones, body
    response: bytes = b""  # likewise

    @property
    def left(self) -> float:
        return self.started + self.seconds - time.monotonic()

    @property
    def latency_ms(self) -> int:
        return round((time.monotonic() - self.started) * 1000)


# Below the client every step of a call happens in the thread that made it.
_exchange: ContextVar[Exchange] = ContextVar("exchange")


@contextmanager
def exchange(seconds: float) -> Iterator[Exchange]:
    """Calls made inside share one deadline and leave their record here."""
    current = Exchange(seconds)
    token = _exchange.set(current)
    try:
        yield current
    finally:
        _exchange.reset(token)


def _seconds_left() -> float:
    left = _exchange.get().left
    if left <= 0:
        raise httpcore2.ReadTimeout
    return left


class _Stream(httpcore2.NetworkStream):
    """A socket whose every wait ends at the call's deadline.

    The timeouts of the HTTP library start anew at each read, so a server that sends a byte now and then holds
    a worker for ever; in the headers not even reading the body piece by piece would notice.
    """

    def __init__(self, inner: httpcore2.NetworkStream) -> None:
        self._inner = inner

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, _seconds_left())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        left = _seconds_left()
        _exchange.get().sent = True
        self._inner.write(buffer, left)

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        return _Stream(self._inner.start_tls(ssl_context, server_hostname, _seconds_left()))

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


class _Network(httpcore2.SyncBackend):
    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.NetworkStream:
        seconds = min(_seconds_left(), CONNECT_SECONDS)
        return _Stream(super().connect_tcp(host, port, seconds, local_address, socket_options))


class Wire(httpx2.BaseTransport):
    """A pool of connections to one server, shared by the threads of one process.

    The client above never holds the key: the wire adds it to what goes to its own server and to nothing else,
    so no repr, debug log or environment variable of a library can give it away.
    """

    def __init__(self, server: str, *, key: str, connections: int, most_bytes: int = MOST_BYTES) -> None:
        self._home = _origin(httpx2.URL(server))
        self._key = key.encode("ascii")
        self._most_bytes = most_bytes
        self._pool = _pool(httpx2.URL(server), connections)

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        seen = _exchange.get()
        with self._answered(request, seen) as response:
            parts, size = [], 0
            try:
                for part in response.iter_stream():
                    parts.append(part)
                    size += len(part)
                    if size > self._most_bytes:
                        raise Cut(f"The answer is larger than {self._most_bytes:,} bytes.")
            finally:
                seen.body = self.without_key(b"".join(parts)[: self._most_bytes])
                seen.response = self._record(f"HTTP {seen.status}", seen.headers, seen.body)
        return httpx2.Response(seen.status or 0, headers=seen.headers, content=seen.body, request=request)

    def spool(self, request: httpx2.Request, into: IO[bytes], *, most_bytes: int) -> None:
        """Writes the body of a 200 to a file as it comes; any other body is kept as usual. Raises Cut."""
        seen = _exchange.get()
        with self._answered(request, seen) as response:
            size, most = 0, most_bytes if seen.status == OK else self._most_bytes
            for part in response.iter_stream():
                size += len(part)
                if size > most:
                    raise Cut(f"The answer is larger than {most:,} bytes.")
                if seen.status == OK:
                    into.write(part)
                else:
                    seen.body = self.without_key(seen.body + part)

    @contextmanager
    def _answered(self, request: httpx2.Request, seen: Exchange) -> Iterator[httpcore2.Response]:
        """The response once its headers are there. What goes wrong until the end of `with` becomes a Cut."""
        seen.request = self._record(f"{request.method} {request.url}", request.headers, request.read())
        if _origin(request.url) != self._home:
            raise Cut("A call to another server than the configured one was stopped.")
        headers = request.headers.copy()
        headers.pop("Authorization", None)
        headers["Accept-Encoding"] = "identity"  # a few kilobytes of zipped bytes can unpack to gigabytes
        if self._key:
            headers["Authorization"] = f"Bearer {self._key.decode()}"
        try:
            response = self._pool.handle_request(
                httpcore2.Request(
                    method=request.method,
                    url=str(request.url),
                    headers=headers.raw,
                    content=request.content,
                    extensions={"timeout": {"pool": seen.left}},  # all other waits are the stream's
                )
            )
            try:
                seen.status, seen.headers = response.status, httpx2.Headers(response.headers)
                seen.response = self._record(f"HTTP {seen.status}", seen.headers, b"")
                if seen.headers.get("Content-Encoding", "identity") != "identity":
                    raise Cut("The answer came packed, which was not asked for.")
                yield response
            finally:
                response.close()  # drops the connection unless the answer was read to its end
        except httpcore2.TimeoutException as error:
            raise Cut(f"No whole answer within {seen.seconds:g} seconds.") from error
        except (httpcore2.NetworkError, httpcore2.ProtocolError, httpcore2.ProxyError) as error:
            # What broke the protocol may be quoted here, and may quote us.
            detail = self.without_key(f"{type(error).__name__}: {error}".encode()).decode()
            raise Cut(f"The connection failed: {detail}"[:200]) from error

    def close(self) -> None:
        self._pool.close()

    def _record(self, first_line: str, headers: httpx2.Headers, body: bytes) -> bytes:
        kept = [b"%s: %s" % (name, value) for name, value in headers.raw if name.lower() not in NEVER_KEPT]
        return self.without_key(b"\n".join([first_line.encode(), *kept, b"", body]))

    def without_key(self, text: bytes) -> bytes:
        """Servers have been seen to repeat the key they refuse."""
        return text.replace(self._key, b"[key]") if len(self._key) >= SECRET_LENGTH else text


def _origin(url: httpx2.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port


def _pool(server: httpx2.URL, connections: int) -> httpcore2.ConnectionPool:
    """Through the proxy of the environment where there is one, but never to this very machine."""
    proxies = getproxies()
    proxy = proxies.get(server.scheme) or proxies.get("all")
    common: dict[str, Any] = {
        "max_connections": connections,
        "keepalive_expiry": IDLE_SECONDS,
        "network_backend": _Network(),
        # Made once: without it every connection would read the certificate store anew.
        "ssl_context": httpx2.create_ssl_context() if server.scheme == "https" else None,
    }
    if proxy and not is_loopback(server.host) and not proxy_bypass(server.host):
        parsed = httpx2.Proxy(proxy)
        return httpcore2.HTTPProxy(str(parsed.url), proxy_auth=parsed.raw_auth, **common)
    return httpcore2.ConnectionPool(**common)


def is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
