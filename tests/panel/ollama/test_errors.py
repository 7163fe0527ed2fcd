"""Everything an Ollama server can do to a call, and what the panel is told of it."""

import pytest

from panel.providers import Misconfigured, Refused, Throttled, Unavailable
from panel.providers.ollama_shelf import shelf
from tests.fakes.ollama import FakeOllama
from tests.fakes.replies import Reply
from tests.panel.asking import (
    DEADLINE,
    NO_ANSWERS,
    SLOW,
    check_any_order,
    check_deadline,
    check_found_again,
    check_no_answer,
    check_status,
    error_of,
)
from tests.panel.ollama.asking import MODEL, judge_of


@pytest.mark.parametrize(
    ("meets", "kind", "says"),
    [
        ("400", Refused, "the input length exceeds the context length"),
        ("404", Refused, "has no qwen2.5:7b (404); run: ollama pull qwen2.5:7b"),
        ("413", Refused, "Status 413"),
        ("422", Refused, "Status 422"),
        ("401", Misconfigured, "Status 401"),
        ("403", Misconfigured, "Status 403"),
        ("429", Throttled, "Status 429"),
        ("503", Throttled, "asks to slow down (503). It says: server busy"),
        ("503:7", Throttled, "server busy"),
        ("408", Unavailable, "failed (408)"),
        ("500", Unavailable, "failed (500)"),
        ("502", Unavailable, "failed (502)"),
    ],
)
def test_a_status_becomes_the_error_that_says_what_to_do(fake, judge, meets, kind, says):
    check_status(fake, judge, meets, kind, says)


def test_a_503_of_somebody_in_between_is_no_full_queue(fake, judge, monkeypatch):
    monkeypatch.setattr(fake, "look", lambda route: Reply(503, b"<p>busy", {"content-type": "text/html"}))
    fake.path = "/elsewhere"
    assert type(error_of(judge)) is Unavailable


@pytest.mark.parametrize(
    ("meets", "says"), [*NO_ANSWERS, ("no_choices", "It sent JSON that is no completion.")]
)
def test_an_answer_that_is_none_is_said_and_costs_nothing(fake, judge, meets, says):
    error = check_no_answer(fake, judge, meets, says)
    assert judge.cost_usd(error) == 0


@pytest.mark.parametrize("meets", SLOW)
def test_the_deadline_is_kept_however_slowly_bytes_come(fake, meets):
    for hasty in judge_of(fake.url, deadline=DEADLINE):
        check_deadline(fake, hasty, meets)


def test_a_redirect_is_not_followed_and_no_key_is_sent_anywhere(fake, judge, monkeypatch):
    monkeypatch.setenv("OLLAMA_API_KEY", "a-key-for-somebody-else")
    with FakeOllama() as elsewhere:
        fake.script([f"redirect:{elsewhere.url}/api/chat"])
        error = error_of(judge)
        assert elsewhere.connections == 0
    assert type(error) is Refused
    assert f"redirects to 127.0.0.1:{elsewhere.port} (307)" in str(error)
    assert "authorization" not in fake.calls[0].headers


def test_a_server_that_is_down_is_found_again(fake, judge):
    check_found_again(fake, judge)


def test_a_model_that_is_gone_is_looked_for_again_at_once(fake, judge):
    assert shelf(fake.url).digest_of(MODEL)
    fake.digests.clear()
    assert "ollama pull" in str(error_of(judge))
    assert shelf(fake.url).digest_of(MODEL) == ""


@pytest.mark.parametrize("seed", range(3))
def test_whatever_comes_in_whatever_order_is_an_answer_or_a_known_error(fake, judge, seed):
    check_any_order(fake, judge, seed)
