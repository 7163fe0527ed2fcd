"""SMTP as servers really speak it: encrypted, signed in, garbled, rude. A script says each answer."""

from __future__ import annotations

import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from ssl import PROTOCOL_TLS_SERVER, SSLContext

import pytest
from aiosmtpd.smtp import AuthResult

from comparisons.digest.sending.answers import Answer, Lost, Unreachable
from comparisons.digest.sending.smtp import Line
from tests.fakes.smtp import Sink

HELLO = [b"220 ready\r\n", b"250-server\r\n250 PIPELINING\r\n"]
MAIL = b"Subject: x\r\n\r\nx\r\n"


@contextmanager
def scripted(*answers: bytes) -> Iterator[tuple[int, bytearray]]:
    """A server that says one of `answers` after each read, whatever was asked, and hangs up at the end."""
    heard = bytearray()
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                connection.sendall(answers[0])
                for answer in answers[1:]:
                    heard.extend(connection.recv(65536))
                    connection.sendall(answer)
                # What was sent on the way is not reset: the answers must be read first.
                connection.shutdown(socket.SHUT_WR)
                while data := connection.recv(65536):
                    heard.extend(data)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield server.getsockname()[1], heard
        thread.join(5)


@pytest.fixture
def line_to(settings):
    def line(port: int, **told: object) -> Line:
        plain = {
            "HOST": "127.0.0.1", "PORT": port, "HOST_USER": "", "HOST_PASSWORD": "", "USE_TLS": False,
            "USE_SSL": False, "TIMEOUT": 5,
        }  # fmt: skip
        for name, value in (plain | told).items():
            setattr(settings, f"EMAIL_{name}", value)
        return Line()

    return line


def test_a_refused_reader_and_a_server_that_wants_the_text_all_the_same(line_to):
    """RFC 2920: the text is then a lonely dot, and nobody gets it."""
    answers = (b"250 ok\r\n550 5.1.1 nobody\r\n354 go on\r\n", b"554 no valid recipients\r\n")
    again = (b"250 reset\r\n250 ok\r\n250 ok\r\n354 go on\r\n", b"250 taken\r\n")
    with scripted(*HELLO, *answers, *again) as (port, heard):
        line = line_to(port)
        line.offer("gone@example.org")
        assert line.answer_to_offer() == Answer("rcpt", 550, "5.1.1 nobody")
        line.offer("ada@example.org")
        assert line.answer_to_offer() is None
        assert line.text(MAIL, None) == Answer("end", 250, "taken")
        line.close()
    assert b"DATA\r\n.\r\nRSET\r\nMAIL FROM:<digest@127.0.0.1>" in bytes(heard)
    assert heard.endswith(MAIL + b".\r\n")


@pytest.mark.parametrize("answer", [b"hello?\r\n", b"250 " + b"x" * 10_000 + b"\r\n", b""])
def test_what_is_no_smtp_after_the_text_leaves_it_open_and_before_it_does_not(line_to, answer):
    offered = b"250 ok\r\n250 ok\r\n354 go on\r\n"
    for script, maybe in (((offered, answer), True), ((answer,), False)):
        with scripted(*HELLO, *(part for part in script if part)) as (port, _):
            line = line_to(port)
            line.offer("ada@example.org")
            with pytest.raises(Lost) as lost:
                line.answer_to_offer()
                line.text(MAIL, None)
            assert lost.value.maybe_taken is maybe


def test_a_line_that_breaks_while_the_text_is_sent_has_not_delivered_it(line_to):
    with scripted(*HELLO, b"250 ok\r\n250 ok\r\n354 go on\r\n") as (port, heard):
        line = line_to(port)
        line.offer("ada@example.org")
        assert line.answer_to_offer() is None
        line._smtp.sock.shutdown(socket.SHUT_WR)
        with pytest.raises(Lost) as lost:
            line.text(MAIL, None)
        assert not lost.value.maybe_taken
        line.quit()
    assert b"Subject" not in heard


def test_a_server_that_says_it_closes_is_heard(line_to):
    with scripted(*HELLO, b"250 ok\r\n250 ok\r\n354 go on\r\n", b"250 taken\r\n421 closing\r\n") as (port, _):
        line = line_to(port)
        line.offer("ada@example.org")
        line.answer_to_offer()
        assert line.text(MAIL, "bob@example.org").code == 250
        assert not line.closing
        with pytest.raises(Lost) as lost:
            line.answer_to_offer()
        assert line.closing and not lost.value.maybe_taken
        line.close()


def test_a_server_that_does_not_greet_is_not_reached(line_to):
    with scripted(b"554 go away\r\n") as (port, _), pytest.raises(Unreachable, match="go away"):
        line_to(port)


# --- encrypted ------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("certificate")
    names = folder / "certificate.pem", folder / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=IP:127.0.0.1", "-out", names[0], "-keyout", names[1]],
        check=True, capture_output=True,
    )  # fmt: skip
    return names


@pytest.fixture
def encrypted(certificate) -> SSLContext:
    context = SSLContext(PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    return context


def login(server, session, envelope, mechanism, data) -> AuthResult:
    return AuthResult(success=(data.login, data.password) == (b"ada", b"secret"), handled=False)


def send_one(line: Line) -> Answer:
    line.offer("ada@example.org")
    assert line.answer_to_offer() is None
    answer = line.text(MAIL, None)
    line.quit()
    return answer


def test_starttls_and_a_login_and_no_waiting_for_acknowledgments(
    line_to, encrypted, certificate, monkeypatch
):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    with Sink(tls_context=encrypted, auth_required=True, authenticator=login) as sink:
        told = {"USE_TLS": True, "HOST_USER": "ada", "HOST_PASSWORD": "secret"}
        line = line_to(sink.port, **told)
        assert line._smtp.sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        begun = time.monotonic()
        assert send_one(line).code == 250
        assert time.monotonic() - begun < 5
        with pytest.raises(Unreachable, match="SMTPAuthenticationError"):
            line_to(sink.port, **told | {"HOST_PASSWORD": "wrong"})


def test_a_certificate_that_nobody_vouches_for_is_refused(line_to, encrypted, monkeypatch):
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    with Sink(tls_context=encrypted) as sink, pytest.raises(Unreachable, match="CERTIFICATE_VERIFY_FAILED"):
        line_to(sink.port, USE_TLS=True)


def test_tls_from_the_first_byte(line_to, encrypted, certificate, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    with Sink(ssl_context=encrypted) as sink:
        assert send_one(line_to(sink.port, USE_SSL=True)).code == 250
        assert sink.copies() == {"ada@example.org": 1}
