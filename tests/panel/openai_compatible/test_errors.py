"""Everything a server can do to a call, and what the panel is told of it."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from panel.providers import Misconfigured, NotYet, Refused, line
from tests.fakes.openai_compatible import FakeOpenAICompatible
from tests.panel.asking import (
    DEADLINE,
    KEY,
    NO_ANSWERS,
    QUESTION,
    SLOW,
    STATUSES,
    check_any_order,
    check_deadline,
    check_found_again,
    check_no_answer,
    check_status,
    error_of,
)
from tests.panel.openai_compatible.asking import judge_of


@pytest.mark.parametrize(("meets", "kind", "says"), STATUSES)
def test_a_status_becomes_the_error_that_says_what_to_do(fake, judge, meets, kind, says):
    check_status(fake, judge, meets, kind, says)


@pytest.mark.parametrize(("meets", "says"), NO_ANSWERS)
def test_an_answer_that_is_none_may_be_on_the_bill(fake, judge, meets, says):
    error = check_no_answer(fake, judge, meets, says)
    assert judge.cost_usd(error) == error.may_have_cost == judge.reserve_usd(QUESTION) > 0


@pytest.mark.parametrize("meets", SLOW)
def test_the_deadline_is_kept_however_slowly_bytes_come(fake, meets):
    for hasty in judge_of(fake.url, deadline=DEADLINE):
        check_deadline(fake, hasty, meets)


def test_the_key_goes_to_its_own_server_and_a_redirect_is_not_followed(fake, judge):
    with FakeOpenAICompatible() as elsewhere:
        fake.script([f"redirect:{elsewhere.url}/v1/chat/completions"])
        error = error_of(judge)
        assert elsewhere.connections == 0
    assert type(error) is Refused
    assert f"redirects to 127.0.0.1:{elsewhere.port} (307)" in str(error)
    assert fake.calls[0].headers["authorization"] == f"Bearer {KEY}"


def test_without_a_key_none_is_sent(fake, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    for judge in judge_of(fake.url, key=""):
        judge.ask(QUESTION)
    assert "authorization" not in fake.calls[0].headers


def test_a_server_that_repeats_the_key_does_not_get_it_into_the_receipt(fake, judge):
    fake.script(["echo"])
    error = error_of(judge)
    assert type(error) is Misconfigured
    assert "Bearer [key]" in str(error)


def test_a_server_that_is_down_costs_nothing_and_is_found_again(fake, judge):
    check_found_again(fake, judge)


def test_no_more_calls_at_once_than_the_setup_allows_and_whoever_waits_too_long_goes_back(fake, monkeypatch):
    fake.latency = 0.3
    for judge in judge_of(fake.url, connections=2):
        with ThreadPoolExecutor(6) as pool:
            list(pool.map(judge.ask, [QUESTION] * 6))
        assert fake.most_at_once == 2
        monkeypatch.setattr(line, "TURN_SECONDS", 0.01)
        with ThreadPoolExecutor(3) as pool:
            asked = [pool.submit(judge.ask, QUESTION) for _ in range(3)]
            errors = [call.exception() for call in asked if call.exception()]
    assert [type(error) for error in errors] == [NotYet]
    assert "is busy with 2 of our calls" in str(errors[0])
    assert len(fake.calls) == 8


@pytest.mark.parametrize("seed", range(3))
def test_whatever_comes_in_whatever_order_is_an_answer_or_a_known_error(fake, judge, seed):
    check_any_order(fake, judge, seed)
