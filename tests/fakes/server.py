"""The server behind every fake judge: real HTTP, a script of faults, counts. What it says is its dialect's.

In a test:       with FakeMistral() as fake: fake.script(["500", "ok"]); ...; assert len(fake.calls) == 2
As a process:    python -m tests.fakes.mistral --port 0 --words "A sentence to recognize."
From elsewhere:  GET /fake tells the counts, POST /fake {"script": ["hang"]} sets the script.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import socket
import struct
import threading
import time
from collections import Counter
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any, Self, TypeVar
from urllib.parse import urlsplit

from tests.fakes.completions import COMPLETIONS
from tests.fakes.replies import Dialect, Reply, as_json, at_random, reply_to

DRIP_SECONDS = 0.02
T = TypeVar("T")
Script = Sequence[str] | Callable[[int, Mapping[str, Any]], str]


@dataclass(slots=True)
class Call:
    """One question. Header names in small letters, times by time.monotonic()."""

    number: int  # from 0
    target: str  # as in the request line
    headers: dict[str, str]
    body: dict[str, Any]
    meets: str
    started: float
    ended: float = 0.0  # 0.0 while it is under way


class FakeServer:
    """Serves from a thread of its own, for as long as the `with` lasts."""

    name = "server"
    path = "/v1/chat/completions"  # where questions are asked
    dialect: Dialect = COMPLETIONS

    def __init__(
        self,
        *,
        port: int = 0,
        words: str = "",
        latency: float = 0.0,  # seconds
        jitter: float = 0.0,
        seed: int = 0,
        cap: int | None = None,  # concurrent calls; one more gets 429
        key: str = "",  # the only one let in; "" lets in everybody
        answer: Callable[[Mapping[str, Any]], str | None] | None = None,  # the model's text, None: as usual
    ) -> None:
        self.port, self.words, self.latency, self.jitter, self.seed = port, words, latency, jitter, seed
        self.cap, self.key, self.answer = cap, key, answer
        self.calls: list[Call] = []
        self.busy = 0  # calls under way
        self.most_at_once = 0
        self.connections = 0  # ever accepted
        self._script: Script = ()
        self._script_from = 0  # the call the script begins with
        self._server: asyncio.Server | None = None
        self._talks: dict[asyncio.Task[None], asyncio.StreamWriter] = {}
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name=f"fake {self.name}", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self.up()

    def __exit__(self, *_: object) -> None:
        self.down()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def script(self, script: Script) -> Self:
        """A list is met call by call, then all is well; a callable is asked with (call number, body)."""
        self._script, self._script_from = script, len(self.calls)
        return self

    def up(self) -> Self:
        """Listens; after `down` on the same port as before."""
        self._do(self._listen())
        return self

    def down(self) -> int:
        """Nobody listens any more, and every call under way is torn; how many were."""
        return self._do(self._hang_up())

    def counts(self) -> dict[str, Any]:
        return {
            "calls": len(self.calls),
            "most_at_once": self.most_at_once,
            "connections": self.connections,
            "busy_seconds": sum(call.ended - call.started for call in self.calls if call.ended),
            "meets": dict(Counter(call.meets for call in self.calls)),
            **self.more_counts(),
        }

    def more_counts(self) -> dict[str, Any]:
        return {}

    # --- from here on in the server's thread ---

    def _do(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(60)

    async def _listen(self) -> None:
        if self._server is None:
            self._server = await asyncio.start_server(self._talk, "127.0.0.1", self.port, backlog=512)
            self.port = self._server.sockets[0].getsockname()[1]

    async def _hang_up(self) -> int:
        under_way = self.busy
        if self._server is not None:
            # In this order, or asyncio forgets the sockets of those that are being let in just now.
            door, self._server = self._server, None
            for sock in door.sockets:
                self._loop.remove_reader(sock.fileno())
            while any("_accept_connection" in str(task.get_coro()) for task in asyncio.all_tasks()):
                await asyncio.sleep(0)
            door.close()
        talks = dict(self._talks)
        for task, writer in talks.items():
            _tear(writer)
            task.cancel()
        await asyncio.gather(*talks, return_exceptions=True)
        await asyncio.sleep(0)  # sockets are closed one round after their talks
        return under_way

    def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # A task of our own: the one that asyncio would make complains aloud when it is canceled.
        if self._server is None:  # too late
            writer.transport.abort()
            return
        self.connections += 1
        task = self._loop.create_task(self._serve(reader, writer))
        self._talks[task] = writer
        task.add_done_callback(self._talks.pop)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
                method, target, _ = head[0].split(" ", 2)
                pairs = (line.split(":", 1) for line in head[1:] if line)
                headers = {name.strip().lower(): value.strip() for name, value in pairs}
                raw = await reader.readexactly(int(headers.get("content-length", 0)))
                await self._route(f"{method} {urlsplit(target).path}", target, headers, raw, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # the caller went away, as callers do
        finally:
            writer.close()

    async def _route(
        self, route: str, target: str, headers: dict[str, str], raw: bytes, writer: asyncio.StreamWriter
    ) -> None:
        if route == f"POST {self.path}":
            number, body = len(self.calls), json.loads(raw)
            call = Call(number, target, headers, body, self._meets(number, body), time.monotonic())
            self.calls.append(call)
            self.busy += 1
            self.most_at_once = max(self.most_at_once, self.busy)
            try:
                reply = await self._reply(call)
                if reply.manner == "whole":
                    self._end(call)  # before the answer is out, so that whoever has it finds it counted
                await _send(writer, reply)
            finally:
                self._end(call)
        elif route in {"GET /fake", "POST /fake"}:
            if raw:
                self.script(json.loads(raw)["script"])
            await _send(writer, as_json(200, self.counts()))
        else:
            await _send(writer, self.other(route, target, headers, raw) or self.dialect.refusal(404))

    def other(self, route: str, target: str, headers: Mapping[str, str], raw: bytes) -> Reply | None:
        """What it answers besides questions; None for 404."""
        return self.look(route)

    def look(self, route: str) -> Reply | None:
        """The same for what needs no more than method and path."""

    def _meets(self, number: int, body: Mapping[str, Any]) -> str:
        if callable(self._script):
            return self._script(number, body)
        step = number - self._script_from
        return self._script[step] if step < len(self._script) else "ok"

    def _end(self, call: Call) -> None:
        if not call.ended:
            self.busy -= 1
            call.ended = time.monotonic()

    async def _reply(self, call: Call) -> Reply:
        if self.key and call.headers.get("authorization") != f"Bearer {self.key}":
            return self.dialect.refusal(401)
        if self.cap is not None and self.busy > self.cap:
            return self.dialect.refusal(self.dialect.too_many)
        text = self.answer(call.body) if self.answer else None
        reply = reply_to(
            call.meets, call.headers, call.body, words=self.words, text=text, dialect=self.dialect
        )
        if self.latency:
            spread = Random(f"{self.seed}:{call.number}").uniform(-self.jitter, self.jitter)
            await asyncio.sleep(max(self.latency + spread, 0))
        return reply


async def _send(writer: asyncio.StreamWriter, reply: Reply) -> None:
    # The cookie of the front that the real API sits behind.
    headers = reply.headers | {"content-length": str(len(reply.body)), "set-cookie": "__front=visitor-17"}
    lines = [f"HTTP/1.1 {reply.status} As Scripted", *(f"{name}: {value}" for name, value in headers.items())]
    head = "\r\n".join([*lines, "", ""]).encode()
    match reply.manner:
        case "hang":
            await asyncio.Event().wait()
        case "reset":
            _tear(writer)
            raise ConnectionResetError
        case "babble":
            writer.write(reply.body)
            await writer.drain()
            raise ConnectionResetError
        case "short":
            writer.write(head + reply.body[:-1])
            await writer.drain()
            raise ConnectionResetError  # ends the talk politely, a byte too early
        case "drip" | "drip_headers":
            start = len(head) if reply.manner == "drip" else 0
            whole = head + reply.body
            writer.write(whole[:start])
            for at in range(start, len(whole)):
                writer.write(whole[at : at + 1])
                await writer.drain()
                await asyncio.sleep(DRIP_SECONDS)
        case _:
            writer.write(head + reply.body)
            await writer.drain()


def _tear(writer: asyncio.StreamWriter) -> None:
    """Ends the connection with a reset instead of a farewell."""
    sock: socket.socket | None = writer.get_extra_info("socket")
    if sock is not None and sock.fileno() >= 0:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


def serve(kind: type[FakeServer], **options: tuple[type, str]) -> None:
    """One of them as a process, until it is told to end. `options` are further numbers it is made with."""
    parser = argparse.ArgumentParser(description=f"A fake {kind.name} on this machine.")
    parser.add_argument("--port", type=int, default=8008, help="0 takes a free one")
    parser.add_argument("--words", default="", help="open every paragraph of an answer")
    parser.add_argument("--latency", type=float, default=0.0, help="seconds")
    parser.add_argument("--jitter", type=float, default=0.0, help="seconds, either way")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--cap", type=int, help="concurrent calls; one more gets 429")
    parser.add_argument("--key", default="", help="the only one let in")
    parser.add_argument("--script", default="", help="what calls meet, one after the other: 500,ok,429:2")
    parser.add_argument("--rates", default="{}", help='what calls meet by chance: {"500": 0.02}')
    for name, (number, meaning) in options.items():
        parser.add_argument(f"--{name.replace('_', '-')}", type=number, default=0, help=meaning)
    given = vars(parser.parse_args())
    # Blocked before any thread starts, so that only the sigwait below gets them.
    ends = {signal.SIGINT, signal.SIGTERM}
    signal.pthread_sigmask(signal.SIG_BLOCK, ends)
    script, rates = given.pop("script"), json.loads(given.pop("rates"))
    with kind(**given) as fake:
        if script or rates:
            fake.script(script.split(",") if script else at_random(fake.seed, rates))
        print(f"fake {kind.name} at {fake.url}", flush=True)
        signal.sigwait(ends)
