"""The key goes to one server and into nothing else."""

import logging

import httpx2
import pytest
from django.core.exceptions import ImproperlyConfigured

from panel.providers import Misconfigured
from panel.providers.wire import Cut, Wire, exchange
from tests.fakes.mistral import FakeMistral
from tests.panel.asking import DEADLINE, KEY, QUESTION, error_of
from tests.panel.mistral.asking import judge_of, setup_of


def test_the_key_goes_to_the_configured_server(fake, judge):
    judge.ask(QUESTION)
    assert fake.calls[0].headers["authorization"] == f"Bearer {KEY}"


def test_without_a_key_none_is_found_elsewhere(fake, tmp_path, monkeypatch):
    token = tmp_path / "token"
    token.write_text("a-service-account")
    monkeypatch.setenv("MISTRAL_API_KEY", KEY)
    monkeypatch.setenv("MISTRAL_SA_TOKEN_PATH", str(token))
    for judge in judge_of(fake.url, key=""):
        judge.ask(QUESTION)
    assert "authorization" not in fake.calls[0].headers


def test_without_a_key_mistrals_own_server_is_not_even_called():
    for judge in judge_of("https://api.mistral.ai/v1", key=""):
        error = error_of(judge)
    assert type(error) is Misconfigured
    assert "set MISTRAL_API_KEY" in str(error)
    assert error.raw_request == b""


def test_a_server_that_repeats_the_key_does_not_get_it_into_the_receipt(fake, judge):
    fake.script(["echo"])
    error = error_of(judge)
    assert type(error) is Misconfigured
    assert "Bearer [key]" in str(error)
    assert b"Bearer [key]" in error.raw_response


def test_a_placeholder_key_does_not_eat_letters_of_the_receipt(fake):
    for judge in judge_of(fake.url, key="e"):
        assert b"chat.completion" in judge.ask(QUESTION).raw_response


def test_the_key_shows_in_no_repr_and_no_log(fake, judge, monkeypatch, caplog):
    monkeypatch.setenv("MISTRAL_DEBUG", "1")
    caplog.set_level(logging.DEBUG)
    judge.ask(QUESTION)
    chat = judge._connected().chat
    assert KEY not in f"{judge!r}{judge.setup!r}{judge.settings()}{chat.sdk_configuration!r}{caplog.text}"


@pytest.mark.parametrize("key", ["two words", "line\nbreak", "schlüssel", "tab\t"])
def test_a_key_that_no_header_can_carry_is_refused_by_name(key):
    with pytest.raises(ImproperlyConfigured, match="MISTRAL_API_KEY") as caught:
        setup_of("https://api.mistral.ai", key=key)
    assert key not in str(caught.value)


def test_a_call_to_another_server_is_stopped_before_it_starts(fake):
    wire = Wire(fake.url, key=KEY, connections=1)
    with FakeMistral() as elsewhere, exchange(DEADLINE), pytest.raises(Cut, match="another server"):
        wire.handle_request(httpx2.Request("POST", f"{elsewhere.url}/v1/chat/completions", json={}))
    assert elsewhere.connections == 0
    wire.close()
