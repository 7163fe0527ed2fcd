"""One SMTP connection for many mails, which always knows how far it came.

smtplib connects, greets, encrypts and signs in; the mails themselves are told here, for two reasons. Its
`sendmail` raises the same error whether the connection broke before the text or after it, and that is the
difference between "again" and "perhaps twice". And it waits for each of four answers, where PIPELINING (RFC
2920) needs one wait a mail: the next envelope leaves with the dot that ends this text.
"""

from __future__ import annotations

import smtplib
import socket
import ssl
from email.utils import parseaddr
from typing import Any

from django.conf import settings
from django.core.mail.utils import DNS_NAME

from comparisons.digest.sending.answers import Answer, Lost, Phase, Unreachable

READY, CLOSING = 354, 421


class Line:
    """Offer, answer, text, answer; in this order. Raises Lost, and is of no use after that."""

    def __init__(self) -> None:
        self._smtp = _connected()
        self._pipelines = self._smtp.has_extn("pipelining")
        self._sender = parseaddr(settings.MAIL_FROM)[1]
        self._commands: list[tuple[Phase, bytes]] = []  # of the envelope, not answered yet
        self._reset = False  # the server still holds a refused envelope
        self.closing = False  # it has said so

    def offer(self, recipient: str) -> None:
        """Sends the envelope; `answer_to_offer` says what came back."""
        commands = self._envelope(recipient)
        if self._pipelines:
            self._send(b"".join(command for _, command in commands), maybe_taken=False)

    def answer_to_offer(self) -> Answer | None:
        """None when the server waits for the text; else the refusal."""
        refusal: Answer | None = None
        while self._commands:
            phase, command = self._commands.pop(0)
            if not self._pipelines:
                self._send(command, maybe_taken=False)
            answer = self._read(phase, maybe_taken=False)
            if command == RESET:
                continue
            fits = answer.code == READY if phase == "data" else 200 <= answer.code < 300
            if fits and refusal is not None and phase == "data":
                self._send_nothing()
            if fits or refusal is not None:
                continue
            refusal, self._reset = answer, True
            if not self._pipelines:
                self._commands.clear()
        return refusal

    def text(self, message: bytes, then: str | None) -> Answer:
        """Sends what a mail says and the envelope of the next; the server's answer to this one.

        The dot goes out by itself: as long as it has not, the server cannot have taken the mail.
        """
        self._send(message, maybe_taken=False)
        envelope = (
            b"".join(command for _, command in self._envelope(then)) if then and self._pipelines else b""
        )
        self._send(b".\r\n" + envelope, maybe_taken=True)
        answer = self._read("end", maybe_taken=True)
        if then and not self._pipelines:
            self._envelope(then)
        return answer

    def close(self) -> None:
        """Without a word: an envelope without its text ends with the connection."""
        self._smtp.close()

    def quit(self) -> None:
        try:
            self._smtp.quit()
        except (smtplib.SMTPException, OSError):
            self._smtp.close()

    def _envelope(self, recipient: str) -> list[tuple[Phase, bytes]]:
        self._commands = [
            ("mail", f"MAIL FROM:<{self._sender}>\r\n".encode("ascii")),
            ("rcpt", f"RCPT TO:<{recipient}>\r\n".encode("ascii")),
            ("data", b"DATA\r\n"),
        ]
        if self._reset:
            self._commands.insert(0, ("mail", RESET))
            self._reset = False
        return self._commands

    def _send_nothing(self) -> None:
        """RFC 2920, 3.1: a server that wants the text though it refused everybody gets an empty one."""
        self._send(b".\r\n", maybe_taken=False)
        self._read("end", maybe_taken=False)

    def _send(self, data: bytes, *, maybe_taken: bool) -> None:
        assert self._smtp.sock is not None
        try:
            self._smtp.sock.sendall(data)
        except OSError as error:
            self._smtp.close()
            raise Lost(f"{type(error).__name__} while sending", maybe_taken=maybe_taken) from error

    def _read(self, phase: Phase, *, maybe_taken: bool) -> Answer:
        try:
            code, text = self._smtp.getreply()
        except (smtplib.SMTPException, OSError) as error:
            self._smtp.close()
            raise Lost(
                f"{type(error).__name__} while waiting for an answer", maybe_taken=maybe_taken
            ) from error
        if code < 0:  # no SMTP: where its answers begin and end is anybody's guess from here on
            self._smtp.close()
            raise Lost("an answer that is not SMTP", maybe_taken=maybe_taken)
        self.closing = self.closing or code == CLOSING
        return Answer(phase, code, text.decode("utf-8", "replace"))


RESET = b"RSET\r\n"


def _connected() -> smtplib.SMTP:
    """Connected, greeted, encrypted and signed in as settings say. Raises Unreachable."""
    place = (settings.EMAIL_HOST, settings.EMAIL_PORT)
    told: dict[str, Any] = {"local_hostname": DNS_NAME.get_fqdn(), "timeout": settings.EMAIL_TIMEOUT}
    smtp: smtplib.SMTP | None = None
    try:
        if settings.EMAIL_USE_SSL:
            # smtplib's own default checks no certificate.
            smtp = smtplib.SMTP_SSL(*place, context=ssl.create_default_context(), **told)
        else:
            smtp = smtplib.SMTP(*place, **told)
        smtp.ehlo_or_helo_if_needed()
        if settings.EMAIL_USE_TLS:
            smtp.starttls(context=ssl.create_default_context())
            smtp.ehlo()
        if settings.EMAIL_HOST_USER:
            smtp.login(settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD)
    except (smtplib.SMTPException, OSError) as error:
        if smtp is not None:
            smtp.close()
        raise Unreachable(f"{type(error).__name__}: {error}"[:300]) from error
    assert smtp.sock is not None
    # Without it a small command waits for the last one's acknowledgment, 40 ms each: 15 × slower over TLS.
    smtp.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return smtp
