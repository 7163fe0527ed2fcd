"""What Ollama is asked and what it answers."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from panel.providers.ollama_setup import Setup
from panel.schedule import judge_key
from tests.fakes.ollama import digest_of
from tests.panel.asking import PATIENT, QUESTION, Form
from tests.panel.ollama.asking import MODEL, judge_of, setup_of


def test_an_answer_fits_the_form_and_says_what_it_took(judge):
    answer = judge.ask(QUESTION)
    filled = Form.model_validate_json(answer.text)
    assert (filled.score >= 60) == (filled.verdict == "ship")
    assert answer.served_model == MODEL
    assert (answer.finish_reason, answer.http_status) == ("stop", 200)
    assert answer.tokens_in > 0
    assert answer.tokens_out > 0
    assert 0 <= answer.latency_ms < PATIENT * 1000
    assert judge.reserve_usd(QUESTION) == judge.cost_usd(answer) == 0


def test_the_request_carries_the_prompt_the_form_and_every_setting(fake, judge):
    judge.ask(QUESTION)
    assert fake.calls[0].target == "/api/chat"
    assert fake.calls[0].body == {
        "model": MODEL,
        "messages": [
            {"role": "system", "content": "You are a reviewer."},
            {"role": "user", "content": "The card: naïve."},
        ],
        "format": Form.model_json_schema(),
        "stream": False,
        "think": False,
        "truncate": False,
        "shift": False,
        "options": {"num_ctx": 8192, "seed": 7, "temperature": 0.2, "num_predict": 1400},
    }


def test_settings_name_the_digest_and_all_that_changes_what_is_said(judge):
    assert judge.settings() == {
        "kind": "ollama",
        "model": MODEL,
        "digest": digest_of(MODEL),
        "temperature": 0.2,
        "seed": 7,
        "max_tokens": 1400,
        "num_ctx": 8192,
        "think": False,
    }
    assert judge.label == judge.model == MODEL
    assert judge.sdk_version == "Ollama 0.12.6"


def test_where_it_stands_and_how_long_it_may_take_is_no_other_judge(judge):
    for moved in judge_of("http://gpu.example:11434", deadline=1.0, connections=2):
        assert judge_key(moved.settings()) == judge_key(judge.settings())


def test_thinking_is_no_answer(fake, judge):
    answer = judge.ask(QUESTION)
    assert "Let me see" in answer.raw_response.decode()
    assert "Let me see" not in answer.text


@pytest.mark.parametrize("meets", ["null", "chunks", "unknown_chunks"])
def test_no_text_is_an_empty_answer_for_the_reader_to_complain_of(fake, judge, meets):
    fake.script([meets])
    answer = judge.ask(QUESTION)
    assert answer.text == ""
    assert answer.tokens_in > 0


def test_an_answer_that_fills_the_context_says_so_and_gets_half_as_much_room_again(fake, judge):
    fake.script(["length"])
    assert judge.ask(QUESTION).finish_reason == "length"
    judge.ask(QUESTION.repaired("It stops in mid-sentence.", longer=True))
    assert fake.calls[1].body["options"]["num_predict"] == 2100


def test_another_form_is_the_readers_affair(fake, judge):
    fake.script(["wrong_schema"])
    assert judge.ask(QUESTION).text == '{"mood": "fine", "score": "eleven"}'


def test_token_counts_that_cannot_be_are_not_believed(fake, judge):
    fake.script(["no_usage"])
    answer = judge.ask(QUESTION)
    assert (answer.tokens_in, answer.tokens_out, answer.tokens_cached) == (0, 0, 0)


def test_it_is_made_from_the_site_settings(settings):
    assert (Setup.from_settings().host, Setup.from_settings().announced) == ("127.0.0.1:1", True)
    settings.OLLAMA_URL = ""
    assert (Setup.from_settings().host, Setup.from_settings().announced) == ("127.0.0.1:11434", False)
    settings.OLLAMA_URL, settings.OLLAMA_NUM_CTX = "http://gpu.example:11434/", 16384
    made = Setup.from_settings()
    assert (made.server, made.num_ctx, made.key) == ("http://gpu.example:11434", 16384, "")


def test_an_address_with_more_than_host_and_path_is_refused_by_name():
    with pytest.raises(ImproperlyConfigured, match="OLLAMA_URL"):
        setup_of("http://me:secret@host.example")
