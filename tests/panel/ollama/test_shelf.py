"""What an Ollama server has, and how often it is asked."""

import socket
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from panel.providers import ollama_shelf
from panel.providers.ollama_shelf import forget, shelf
from tests.fakes.ollama import FakeOllama, digest_of
from tests.fakes.replies import HUGE_BYTES, Reply, as_json
from tests.panel.asking import LEEWAY


def test_it_knows_the_version_and_every_digest(fake):
    fake.digests["llama3.2:latest"] = digest_of("llama")
    found = shelf(fake.url)
    assert found.version == "0.12.6"
    assert found.digest_of("qwen2.5:7b") == digest_of("qwen2.5:7b")
    assert found.digest_of("qwen3") == ""
    assert found.digest_of("llama3.2") == found.digest_of("llama3.2:latest") == digest_of("llama")


def test_it_is_asked_once_in_a_while_by_however_many_threads(fake, monkeypatch):
    with ThreadPoolExecutor(16) as pool:
        assert len(set(pool.map(lambda _: shelf(fake.url), range(64)))) == 1
    assert fake.looks == 1
    monkeypatch.setattr(ollama_shelf, "FRESH_SECONDS", 0.0)
    forget(fake.url)
    assert [shelf(fake.url) is None for _ in range(3)] == [False] * 3
    assert fake.looks == 4


def test_a_server_that_is_away_is_remembered_as_such_for_as_long(fake):
    fake.down()
    assert shelf(fake.url) is None
    fake.up()
    assert shelf(fake.url) is None
    forget(fake.url)
    assert shelf(fake.url) is not None


def test_one_that_does_not_answer_costs_a_second():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        forget(url)
        started = time.monotonic()
        assert shelf(url) is None
        assert 1.0 <= time.monotonic() - started < 1.0 + LEEWAY


@pytest.mark.parametrize(
    "reply",
    [
        Reply(200, b"<!doctype html><p>Another server lives here.", {"content-type": "text/html"}),
        as_json(200, {"models": [{"name": 7}]}),
        as_json(200, []),
        as_json(500, {"error": "out of memory"}),
        as_json(200, {"version": "0.12.6", "models": [], "padding": "x" * HUGE_BYTES}),
        Reply(302, b"", {"location": "http://127.0.0.1:1/"}),
    ],
)
def test_what_is_no_ollama_is_none(fake, monkeypatch, reply):
    monkeypatch.setattr(FakeOllama, "look", lambda self, route: reply)
    assert shelf(fake.url) is None


def test_one_without_models_is_still_one(fake, monkeypatch):
    reply = as_json(200, {"version": "0.12.6", "models": None})
    monkeypatch.setattr(FakeOllama, "look", lambda self, route: reply)
    assert shelf(fake.url).digests == ()
