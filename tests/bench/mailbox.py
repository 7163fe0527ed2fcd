"""A mail server for the digest's bench, as fast as Python makes one: `python -m tests.bench.mailbox PORT MS`.

It takes every mail and counts them; each answer comes MS milliseconds after its question, however many are
asked at once, as on a line of that round trip. With a certificate and its key as further words it speaks TLS.
Prints how many it took at its end.
"""

from __future__ import annotations

import asyncio
import ssl
import sys
from collections import Counter
from typing import cast

REPLIES = {b"MAIL": b"250 OK\r\n", b"RCPT": b"250 OK\r\n", b"RSET": b"250 OK\r\n", b"DATA": b"354 go on\r\n"}
END = b"\r\n.\r\n"
taken: Counter[str] = Counter()


class Mailbox(asyncio.Protocol):
    def __init__(self, delay: float) -> None:
        self.delay, self.waiting, self.in_text = delay, b"", False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self._say(b"220 ready\r\n")

    def data_received(self, data: bytes) -> None:
        if self.delay:
            asyncio.get_running_loop().call_later(self.delay / 2, self._read, data)
        else:
            self._read(data)

    def _read(self, data: bytes) -> None:
        self.waiting += data
        said = b""
        while True:
            if self.in_text:
                _, found, rest = self.waiting.partition(END)
                if not found:
                    break
                self.waiting, self.in_text = rest, False
                taken.update(["mail"])
                said += b"250 taken\r\n"
                continue
            line, found, rest = self.waiting.partition(b"\r\n")
            if not found:
                break
            self.waiting = rest
            said += self._answer(line[:4].upper())
        if said:
            self._say(said)

    def _answer(self, word: bytes) -> bytes:
        if word == b"EHLO":
            return b"250-mailbox\r\n250-PIPELINING\r\n250 8BITMIME\r\n"
        self.in_text = word == b"DATA"
        return REPLIES.get(word, b"221 bye\r\n")

    def _say(self, words: bytes) -> None:
        if self.delay:
            asyncio.get_running_loop().call_later(self.delay / 2, self.transport.write, words)
        else:
            self.transport.write(words)


async def main(port: int, milliseconds: float, certificate: list[str]) -> None:
    context = None
    if certificate:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(*certificate)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Mailbox(milliseconds / 1000), "127.0.0.1", port, ssl=context)
    print("listening", flush=True)
    async with server:
        await loop.run_in_executor(None, sys.stdin.read)
    print(taken.total(), flush=True)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), float(sys.argv[2]), sys.argv[3:]))
