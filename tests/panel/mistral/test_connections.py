"""Where calls go, and how many share one client."""

import os
import socket
import ssl
import subprocess
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Thread

import httpx2
import pytest
from django.core.exceptions import ImproperlyConfigured

from panel.providers.mistral import MistralProvider
from panel.providers.wire import Cut, Wire, exchange, is_loopback
from tests.fakes.mistral import FakeMistral
from tests.panel.asking import QUESTION
from tests.panel.mistral.asking import judge_of, setup_of


@pytest.mark.parametrize("given", ["{}/v1", "{}/v1/", "{}/", "{}"])
def test_the_version_in_a_server_address_does_no_harm(fake, given):
    for judge in judge_of(given.format(fake.url)):
        judge.ask(QUESTION)
    assert [call.target for call in fake.calls] == ["/v1/chat/completions"]


@pytest.mark.parametrize(
    "url",
    ["https://me:secret@host.example", "https://host.example/?a=1", "https://host.example/#x", "https://"],
)
def test_an_address_with_more_or_less_than_host_and_path_is_refused(url):
    with pytest.raises(ImproperlyConfigured, match="MISTRAL_SERVER_URL") as caught:
        setup_of(url)
    assert "secret" not in str(caught.value)


def test_the_proxy_of_the_environment_is_used(fake, monkeypatch):
    monkeypatch.setenv("http_proxy", fake.url)
    monkeypatch.setenv("no_proxy", "")
    for judge in judge_of("http://mistral.example"):
        judge.ask(QUESTION)
    assert fake.calls[0].target == "http://mistral.example/v1/chat/completions"
    assert fake.calls[0].headers["host"] == "mistral.example"


def test_this_machine_is_never_asked_through_a_proxy(fake, judge, monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.setenv("no_proxy", "")
    judge.ask(QUESTION)
    assert fake.calls[0].target == "/v1/chat/completions"


@pytest.fixture
def unvouched(tmp_path):
    """A server that would speak TLS with a certificate it made itself, and what readers told it."""
    names = [str(tmp_path / name) for name in ("certificate.pem", "key.pem")]
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=IP:127.0.0.1", "-out", names[0], "-keyout", names[1]],
        check=True, capture_output=True,
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*names)
    told: list[bytes] = []

    def answer() -> None:
        line, _ = listening.accept()
        with line:
            try:
                told.append(context.wrap_socket(line, server_side=True).recv(100))
            except (ssl.SSLError, ConnectionError):
                told.append(b"")

    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = Thread(target=answer)
        server.start()
        yield f"https://127.0.0.1:{listening.getsockname()[1]}", told, server


def test_a_server_whose_certificate_nobody_vouches_for_is_told_nothing(unvouched, monkeypatch):
    url, told, server = unvouched
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    wire = Wire(url, key="a-key-of-ours", connections=1)
    with exchange(10) as seen, pytest.raises(Cut, match="CERTIFICATE_VERIFY_FAILED"):
        wire.handle_request(httpx2.Request("GET", f"{url}/v1/models"))
    server.join(10)
    assert (seen.sent, told) == (False, [b""])


def test_loopback_has_many_names():
    assert all(map(is_loopback, ["localhost", "127.0.0.1", "127.8.8.8", "::1", "fake.localhost"]))
    assert not any(map(is_loopback, ["api.mistral.ai", "10.0.0.1", "localhost.example"]))


def test_it_is_made_from_the_site_settings(settings):
    settings.MISTRAL_MODEL, settings.MISTRAL_DEADLINE_SECONDS = "mistral-small-2603", 30
    settings.MISTRAL_SERVER_URL = "https://eu.example/v1"
    made = MistralProvider.from_settings()
    assert (made.label, made.host, made.setup.deadline) == ("mistral-small-2603", "eu.example", 30.0)


def test_thirty_two_threads_share_one_client_from_its_first_call_on(judge):
    with FakeMistral(latency=0.1) as slow:
        for shared in judge_of(slow.url):
            together = Barrier(32)

            def ask(_, shared=shared, together=together):
                together.wait()
                return shared.ask(QUESTION).text, id(shared._connected())

            with ThreadPoolExecutor(32) as pool:
                answers = set(pool.map(ask, range(64)))
        assert len(slow.calls) == 64
        assert slow.connections <= 32 < 2 * slow.most_at_once
    assert len(answers) == 1


def test_a_forked_process_makes_a_client_of_its_own(fake, judge, monkeypatch):
    parents = judge._connected()
    monkeypatch.setattr(os, "getpid", lambda: -1)
    assert judge._connected() is not parents
    assert judge._connected() is judge._connected()
    judge.ask(QUESTION)
    parents.wire.close()


def test_a_closed_client_is_made_anew(fake, judge):
    judge.ask(QUESTION)
    judge.close()
    judge.close()
    judge.ask(QUESTION)
    assert fake.connections == 2


def test_telemetry_is_off(judge):
    assert os.environ["MISTRAL_SDK_TELEMETRY"] == "false"
