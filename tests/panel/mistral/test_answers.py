"""What Mistral is asked, what it answers, and what that costs."""

from dataclasses import replace
from decimal import Decimal

import pytest

from panel import costs
from tests.fakes.mistral import FakeMistral
from tests.panel.asking import KEY, PATIENT, QUESTION, Form
from tests.panel.mistral.asking import judge_of


def test_an_answer_fits_the_form_and_says_what_it_took(fake, judge):
    answer = judge.ask(QUESTION)
    filled = Form.model_validate_json(answer.text)
    assert (filled.score >= 60) == (filled.verdict == "ship")
    assert len(filled.paragraph.split()) >= 40
    assert answer.served_model == "mistral-medium-2604"
    assert (answer.finish_reason, answer.http_status) == ("stop", 200)
    assert answer.tokens_in > answer.tokens_cached > 0
    assert answer.tokens_out > 0
    assert 0 <= answer.latency_ms < PATIENT * 1000


def test_the_request_carries_the_prompt_the_form_and_every_setting(fake, judge):
    judge.ask(QUESTION)
    body = fake.calls[0].body
    assert body.pop("messages") == [
        {"role": "system", "content": "You are a reviewer."},
        {"role": "user", "content": "The card: naïve."},
    ]
    form = body.pop("response_format")
    assert form["type"] == "json_schema"
    assert form["json_schema"]["strict"] is True
    assert form["json_schema"]["schema"]["additionalProperties"] is False
    assert body == {
        "model": "mistral-medium-2604",
        "temperature": 0.2,
        "random_seed": 7,
        "max_tokens": 1400,
        "stream": False,
    }


def test_settings_name_all_that_changes_what_is_said_and_nothing_else(judge):
    assert judge.settings() == {
        "kind": "mistral",
        "model": "mistral-medium-2604",
        "digest": "",
        "temperature": 0.2,
        "seed": 7,
        "max_tokens": 1400,
    }
    assert judge.label == judge.model
    assert judge.sdk_version.startswith("mistralai 3.")


def test_an_answer_that_ran_out_of_tokens_is_repaired_with_half_as_many_again(fake, judge):
    longer = QUESTION.repaired("It stops in mid-sentence.", longer=True)
    judge.ask(longer)
    judge.ask(longer.repaired("Still not."))
    judge.ask(QUESTION.repaired("No score."))
    assert [call.body["max_tokens"] for call in fake.calls] == [2100, 2100, 1400]
    assert "It stops in mid-sentence." in fake.calls[0].body["messages"][1]["content"]


def test_a_receipt_holds_both_sides_of_the_call(fake, judge):
    answer = judge.ask(QUESTION)
    assert answer.raw_request.startswith(f"POST {fake.url}/v1/chat/completions\n".encode())
    assert b'"random_seed":7' in answer.raw_request
    assert answer.raw_response.startswith(b"HTTP 200\n")
    assert b'"chat.completion"' in answer.raw_response
    for secret in (KEY.encode(), b"uthorization", b"visitor-17"):
        assert secret not in answer.raw_request + answer.raw_response


def test_no_cookie_ties_one_hearing_to_the_next(fake, judge):
    judge.ask(QUESTION)
    judge.ask(QUESTION)
    assert all("cookie" not in call.headers for call in fake.calls)


@pytest.mark.parametrize("meets", ["null", "no_choices"])
def test_no_text_is_an_empty_answer_for_the_reader_to_complain_of(fake, judge, meets):
    fake.script([meets])
    answer = judge.ask(QUESTION)
    assert answer.text == ""
    assert answer.tokens_in > 0


def test_of_chunks_only_the_text_counts(fake, judge):
    plain = judge.ask(QUESTION).text
    fake.script(["chunks", "unknown_chunks"])
    assert judge.ask(QUESTION).text == plain
    assert judge.ask(QUESTION).text == plain


def test_an_answer_cut_short_says_so(fake, judge):
    fake.script(["length"])
    answer = judge.ask(QUESTION)
    assert answer.finish_reason == "length"
    assert answer.tokens_out > 0


def test_another_form_is_the_readers_affair(fake, judge):
    fake.script(["wrong_schema"])
    assert judge.ask(QUESTION).text == '{"mood": "fine", "score": "eleven"}'


def test_token_counts_that_cannot_be_are_not_believed(fake, judge):
    fake.script(["no_usage"])
    answer = judge.ask(QUESTION)
    assert (answer.tokens_in, answer.tokens_out, answer.tokens_cached) == (0, 0, 0)
    assert judge.cost_usd(answer) > judge.cost_usd(judge.ask(QUESTION))


def test_a_line_that_a_column_could_not_hold_is_made_fit():
    with FakeMistral(answer=lambda body: "{}") as fake:
        for judge in judge_of(fake.url, model="odd\0" + "x" * 300):
            served = judge.ask(QUESTION).served_model
    assert served == "odd " + "x" * 116


def test_a_reservation_is_never_exceeded(fake, judge):
    answer = judge.ask(QUESTION)
    assert 0 < judge.cost_usd(answer) < judge.reserve_usd(QUESTION)
    assert judge.reserve_usd(QUESTION) < judge.reserve_usd(QUESTION.repaired("", longer=True))


def test_an_alias_is_charged_as_the_model_that_answered(judge, fake):
    answer = judge.ask(QUESTION)
    for alias in judge_of(fake.url, model="mistral-large-latest"):
        assert alias.cost_usd(answer) == judge.cost_usd(answer)
        unsaid = replace(answer, served_model="mistral-large-latest")
        dearest = costs.cost(answer.tokens_in, answer.tokens_out, 0, "mistral-large-2411")
        assert alias.cost_usd(unsaid) == dearest > Decimal(0)
