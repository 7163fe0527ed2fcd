"""A real SMTP server that takes what it is given and does harm on request: aiosmtpd, in a thread of its own.

`harm(phase, recipient)` is asked at "mail", "rcpt", "data" and "end", and may answer a reply like "451 4.3.0
later", or "drop" to hang up, or at the end "drop taken": taken, and hung up before saying so.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default as modern
from threading import Lock
from typing import Any, Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP

Harm = Callable[[str, str], str | None]


@dataclass
class Taken:
    recipient: str
    raw: bytes
    at: float = field(default_factory=time.monotonic)

    @property
    def message(self) -> EmailMessage:
        return message_from_bytes(self.raw, policy=modern)  # type: ignore[return-value]

    @property
    def text(self) -> str:
        return self._part("plain")

    @property
    def html(self) -> str:
        return self._part("html")

    def _part(self, kind: str) -> str:
        part = self.message.get_body(preferencelist=(kind,))
        assert part is not None
        return str(part.get_content())


class Sink:
    """Started on `with`. Keeps every mail that it took, in order."""

    def __init__(
        self, harm: Harm = lambda phase, recipient: None, *, pipelining: bool = True, **told: Any
    ) -> None:
        self.harm, self.pipelining, self.told = harm, pipelining, told
        self.taken: list[Taken] = []
        self.offered: list[str] = []
        self.connections = 0
        self._lock = Lock()

    def __enter__(self) -> Self:
        sink = self

        class Server(SMTP):
            def connection_made(self, transport: asyncio.BaseTransport) -> None:
                sink.connections += 1
                super().connection_made(transport)

        class Listening(Controller):
            def factory(self) -> SMTP:
                return Server(self.handler, **self.SMTP_kwargs)

            def _trigger_server(self) -> None:
                # It asks itself whether it is up on the port that it was told, not on the one it got.
                self.port = self.server.sockets[0].getsockname()[1]
                super()._trigger_server()

        self._controller = Listening(self, hostname="127.0.0.1", port=0, ready_timeout=20, **self.told)
        self._controller.start()
        self.port, self.connections = int(self._controller.port), 0
        return self

    def __exit__(self, *_: object) -> None:
        self._controller.stop()

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}/"

    def copies(self) -> Counter[str]:
        with self._lock:
            return Counter(taken.recipient for taken in self.taken)

    # --- what aiosmtpd calls -----------------------------------------------------------------------
    async def handle_EHLO(
        self, server: Any, session: Any, envelope: Any, name: str, told: list[str]
    ) -> list[str]:
        session.host_name = name
        return [*told[:-1], "250-PIPELINING", told[-1]] if self.pipelining else told

    async def handle_MAIL(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        return await self._harmed(server, "mail", "") or self._accept(envelope, address, options)

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        with self._lock:
            self.offered.append(address)
        if harmed := await self._harmed(server, "rcpt", address):
            return harmed
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        [recipient] = envelope.rcpt_tos
        harm = await asyncio.to_thread(self.harm, "end", recipient)
        if harm is None or harm == "drop taken":
            with self._lock:
                self.taken.append(Taken(recipient, envelope.content))
        if harm is None:
            return "250 2.0.0 taken"
        if harm.startswith("drop"):
            server.transport.abort()
            return "250 nobody hears this"
        return harm

    def _accept(self, envelope: Any, address: str, options: Any) -> str:
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 OK"

    async def _harmed(self, server: Any, phase: str, recipient: str) -> str | None:
        harm = await asyncio.to_thread(self.harm, phase, recipient)
        if harm == "drop":
            server.transport.abort()
            return "421 gone"
        return harm
