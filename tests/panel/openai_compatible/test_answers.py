"""What the server is asked, what it answers, and what that costs."""

from decimal import Decimal

import pytest
from django.core.exceptions import ImproperlyConfigured

from panel.costs import Price
from panel.providers.openai_compatible_setup import Setup
from tests.panel.asking import KEY, PATIENT, QUESTION, Form
from tests.panel.openai_compatible.asking import judge_of, setup_of


def test_an_answer_fits_the_form_and_says_what_it_took(judge):
    answer = judge.ask(QUESTION)
    filled = Form.model_validate_json(answer.text)
    assert (filled.score >= 60) == (filled.verdict == "ship")
    assert answer.served_model == "local-model"
    assert (answer.finish_reason, answer.http_status) == ("stop", 200)
    assert answer.tokens_in > answer.tokens_cached > 0
    assert answer.tokens_out > 0
    assert 0 <= answer.latency_ms < PATIENT * 1000
    assert answer.raw_request.startswith(b"POST ")


def test_the_request_carries_the_prompt_the_form_and_every_setting(fake, judge):
    judge.ask(QUESTION)
    assert fake.calls[0].body == {
        "model": "local-model",
        "messages": [
            {"role": "system", "content": "You are a reviewer."},
            {"role": "user", "content": "The card: naïve."},
        ],
        "response_format": {
            "type": "json_schema",
            "json_schema": {"name": "Form", "strict": True, "schema": Form.model_json_schema()},
        },
        "temperature": 0.2,
        "seed": 7,
        "max_tokens": 1400,
        "stream": False,
    }


@pytest.mark.parametrize("given", ["{}/v1", "{}/v1/", "{}/", "{}"])
def test_the_version_in_a_server_address_does_no_harm(fake, given):
    for judge in judge_of(given.format(fake.url)):
        judge.ask(QUESTION)
    assert [call.target for call in fake.calls] == ["/v1/chat/completions"]


def test_settings_name_all_that_changes_what_is_said_and_no_secret(fake, judge):
    assert judge.settings() == {
        "kind": "openai_compatible",
        "model": "local-model",
        "digest": "",
        "host": f"127.0.0.1:{fake.port}",
        "temperature": 0.2,
        "seed": 7,
        "max_tokens": 1400,
    }
    assert KEY not in f"{judge!r}{judge.setup!r}"


@pytest.mark.parametrize("meets", ["null", "no_choices"])
def test_no_text_is_an_empty_answer_for_the_reader_to_complain_of(fake, judge, meets):
    fake.script([meets])
    answer = judge.ask(QUESTION)
    assert answer.text == ""
    assert answer.tokens_in > 0


def test_of_chunks_only_the_text_counts(fake, judge):
    plain = judge.ask(QUESTION).text
    fake.script(["chunks", "unknown_chunks", "no_id"])
    assert [judge.ask(QUESTION).text for _ in range(3)] == [plain] * 3


def test_an_answer_cut_short_says_so_and_gets_half_as_much_room_again(fake, judge):
    fake.script(["length"])
    assert judge.ask(QUESTION).finish_reason == "length"
    judge.ask(QUESTION.repaired("It stops in mid-sentence.", longer=True))
    assert fake.calls[1].body["max_tokens"] == 2100


def test_a_call_costs_what_the_settings_say_and_never_more_than_was_reserved(fake, judge):
    answer = judge.ask(QUESTION)
    usd = (answer.tokens_in * Decimal("0.50") + answer.tokens_out * Decimal("1.50")) / 1_000_000
    assert judge.cost_usd(answer) == pytest.approx(usd, abs=Decimal("0.000001"))
    fake.script(["no_usage"])
    uncounted = judge.ask(QUESTION)
    assert uncounted.tokens_in == 0
    assert judge.cost_usd(answer) < judge.cost_usd(uncounted)
    assert judge.cost_usd(answer) < judge.reserve_usd(QUESTION)


def test_a_server_of_ones_own_costs_nothing(fake):
    for judge in judge_of(fake.url, price=Price(Decimal(0), Decimal(0))):
        assert judge.reserve_usd(QUESTION) == judge.cost_usd(judge.ask(QUESTION)) == 0


def test_it_is_made_from_the_site_settings(settings):
    assert Setup.from_settings() is None
    settings.OPENAI_COMPATIBLE_URL = "http://gpu.example:8000/v1"
    with pytest.raises(ImproperlyConfigured, match="OPENAI_COMPATIBLE_MODEL"):
        Setup.from_settings()
    settings.OPENAI_COMPATIBLE_MODEL = "qwen3"
    settings.OPENAI_COMPATIBLE_USD_IN = Decimal(2)
    made = Setup.from_settings()
    assert (made.model, made.host, made.price.usd_in) == ("qwen3", "gpu.example:8000", Decimal(2))


def test_settings_that_could_never_work_are_refused_by_name():
    with pytest.raises(ImproperlyConfigured, match="OPENAI_COMPATIBLE_URL") as caught:
        setup_of("https://me:secret@host.example")
    assert "secret" not in str(caught.value)
    with pytest.raises(ImproperlyConfigured, match="OPENAI_COMPATIBLE_API_KEY"):
        setup_of("https://host.example", key="two words")
