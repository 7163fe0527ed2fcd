"""Everything a server can do to a call, and what the panel is told of it."""

import socket
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from panel import costs
from panel.providers import Refused, Unavailable
from tests.fakes.mistral import FakeMistral
from tests.panel.asking import (
    DEADLINE,
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
from tests.panel.mistral.asking import judge_of


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
        error = check_deadline(fake, hasty, meets)
        assert hasty.cost_usd(error) == error.may_have_cost == hasty.reserve_usd(QUESTION) > 0


def test_an_answer_the_sdk_chokes_on_is_charged_at_what_it_says_it_took(fake, judge):
    fake.script(["no_id"])
    error = error_of(judge)
    assert error.tokens_in > 0
    assert error.may_have_cost == 0
    assert judge.cost_usd(error) == costs.cost(error.tokens_in, error.tokens_out, 0, judge.model)


def test_a_redirect_is_not_followed_and_the_key_stays(fake, judge):
    with FakeMistral() as elsewhere:
        fake.script([f"redirect:{elsewhere.url}/v1/chat/completions"])
        error = error_of(judge)
        assert len(elsewhere.calls) == 0
    assert type(error) is Refused
    assert f"redirects to 127.0.0.1:{elsewhere.port} (307)" in str(error)


def test_a_redirect_to_nowhere_is_still_a_sentence(fake, judge):
    fake.script(["redirect"])
    assert "redirects to elsewhere" in str(error_of(judge))


def test_a_server_that_is_down_costs_nothing_and_is_found_again(fake, judge):
    check_found_again(fake, judge)


def test_a_server_that_goes_down_during_the_call_may_be_on_the_bill(fake, judge):
    fake.script(["hang"])
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(error_of, judge)
        while not fake.calls:
            time.sleep(0.01)
        fake.down()
        error = asked.result()
    assert type(error) is Unavailable
    assert error.may_have_cost > 0


def test_speaking_tls_to_a_plain_server_sends_nothing(fake):
    for judge in judge_of(fake.url.replace("http:", "https:"), deadline=DEADLINE):
        error = error_of(judge)
    assert type(error) is Unavailable
    assert judge.cost_usd(error) == 0
    assert len(fake.calls) == 0


def test_a_handshake_nobody_answers_ends_at_the_deadline():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        for judge in judge_of(f"https://127.0.0.1:{silent.getsockname()[1]}", deadline=DEADLINE):
            assert "No whole answer" in str(error_of(judge))


def test_a_deadline_that_has_passed_before_a_byte_was_sent_costs_nothing(fake):
    for judge in judge_of(fake.url, deadline=0.0):
        error = error_of(judge)
    assert (type(error), judge.cost_usd(error)) == (Unavailable, 0)
    assert len(fake.calls) == 0


def test_a_mistake_of_ours_is_not_blamed_on_the_server(fake):
    for judge in judge_of(fake.url, model=None):
        with pytest.raises(ValueError, match="model"):
            judge.ask(QUESTION)
    assert len(fake.calls) == 0


@pytest.mark.parametrize("seed", range(3))
def test_whatever_comes_in_whatever_order_is_an_answer_or_a_known_error(fake, judge, seed):
    check_any_order(fake, judge, seed)
