"""Who may speak: by settings, keys and servers."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from comparisons.cards.facts import Facts
from panel.brief import brief_pick, brief_review
from panel.personas import load_personas
from panel.providers.chain import chain, describe_chain, provider_for
from panel.reply import parse_pick, parse_review, parse_rubric_review
from tests.fakes.mistral import FakeMistral

DEFAULT = "https://api.mistral.ai"


@pytest.fixture(autouse=True)
def plain(settings):
    settings.PANEL_JUDGES = ("mistral", "rubric")
    settings.MISTRAL_API_KEY = ""
    settings.MISTRAL_SERVER_URL = DEFAULT
    settings.MISTRAL_MODEL = "mistral-medium-2604"
    return settings


def kinds(providers):
    return [provider.kind for provider in providers]


def test_without_key_and_server_the_rubric_is_alone(plain):
    assert kinds(chain()) == ["rubric"]
    assert provider_for("mistral") is None
    assert describe_chain() == (
        "no key found: the rule-based rubric reviews; set MISTRAL_API_KEY or start Ollama for LLM reviewers"
    )


def test_a_key_lets_mistral_speak_first(plain):
    plain.MISTRAL_API_KEY = "a-key-of-some-length"
    assert kinds(chain()) == ["mistral", "rubric"]
    assert describe_chain() == "mistral-medium-2604 at api.mistral.ai reviews; if it fails, the rubric does"


def test_a_server_of_ones_own_needs_no_key(plain):
    plain.MISTRAL_SERVER_URL = "http://127.0.0.1:8008"
    assert kinds(chain()) == ["mistral", "rubric"]
    assert "mistral-medium-2604 at 127.0.0.1:8008 reviews" in describe_chain()


@pytest.mark.parametrize("url", [f"{DEFAULT}/", f"{DEFAULT}/v1"])
def test_mistrals_own_server_by_another_spelling_needs_a_key_all_the_same(plain, url):
    plain.MISTRAL_SERVER_URL = url
    assert kinds(chain()) == ["rubric"]


def test_the_rubric_speaks_last_wherever_it_stands(plain):
    plain.PANEL_JUDGES = ("rubric", "mistral")
    plain.MISTRAL_API_KEY = "a-key-of-some-length"
    assert kinds(chain()) == ["mistral", "rubric"]


def test_nobody_behind_mistral_is_said(plain):
    plain.PANEL_JUDGES = ("mistral",)
    plain.MISTRAL_API_KEY = "a-key-of-some-length"
    assert kinds(chain()) == ["mistral"]
    assert describe_chain().endswith("if it fails, its pairings wait")


def test_nobody_at_all_is_said(plain):
    plain.PANEL_JUDGES = ("mistral",)
    assert chain() == []
    assert "nobody reviews" in describe_chain()


def test_the_rubric_by_choice_is_said(plain):
    plain.PANEL_JUDGES = ("rubric",)
    plain.MISTRAL_API_KEY = "a-key-of-some-length"
    assert kinds(chain()) == ["rubric"]
    assert describe_chain() == "the rule-based rubric reviews, as PANEL_JUDGES says"


def test_asked_for_kinds_are_all_there_is(plain):
    plain.MISTRAL_API_KEY = "a-key-of-some-length"
    assert kinds(chain(["rubric"])) == ["rubric"]
    assert kinds(chain(["mistral"])) == ["mistral"]
    assert chain(["oracle"]) == []


def test_a_process_has_one_of_each_until_settings_change(plain):
    plain.MISTRAL_API_KEY = "another-key-of-some-length"
    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(provider_for, ["mistral"] * 8))) == 1
    before = provider_for("mistral")
    plain.MISTRAL_SEED = 99
    assert provider_for("mistral") is not before
    assert provider_for("rubric") is provider_for("rubric")


def test_saying_who_reviews_loads_no_sdk():
    code = (
        "import django, sys; django.setup(); from panel.providers.chain import describe_chain; "
        "describe_chain(); print([name for name in sys.modules if name.startswith('mistralai')])"
    )
    env = {
        "DJANGO_SETTINGS_MODULE": "reviewsite.settings",
        "SECRET_KEY": "for this test",
        "MISTRAL_API_KEY": "a-key-of-some-length",
    }
    said = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True)
    assert said.stdout == "[]\n"


def test_settings_reach_the_wire_and_every_form_comes_back_filled_in(plain):
    facts = Facts(name="Alpha", lab="Lab", category="code")
    with FakeMistral(words="Recognize me.") as fake:
        plain.MISTRAL_SERVER_URL = fake.url
        plain.MISTRAL_MAX_TOKENS = 300
        mistral = provider_for("mistral")
        for persona in load_personas():
            review = mistral.ask(brief_review(persona, facts, "0" * 64, key=b"key"))
            assert parse_review(review.text, persona).paragraph.startswith("Recognize me. ")
            pick = mistral.ask(brief_pick(persona, facts, facts, "0" * 64, "1" * 64, key=b"key"))
            assert parse_pick(pick.text, persona).choice in {"A", "B", "toss-up"}
        mistral.close()
    assert {call.body["max_tokens"] for call in fake.calls} == {300}


def test_the_rubric_answers_in_the_same_way_without_a_network_or_a_bill():
    facts = Facts(
        name="Alpha", lab="Lab", category="code", context_tokens=128_000, license_class="permissive"
    )
    rubric = provider_for("rubric")
    assert (rubric.label, rubric.host, rubric.asks_both_orders) == ("Rubric v1", "", False)
    assert rubric.settings() == {"kind": "rubric", "version": "1"}
    for persona in load_personas():
        question = brief_review(persona, facts, "0" * 64, key=b"key")
        answer = rubric.ask(question)
        assert parse_rubric_review(answer.text, persona).paragraph
        assert answer.raw_response == answer.text.encode()
        assert rubric.reserve_usd(question) == rubric.cost_usd(answer) == 0
        pick = rubric.ask(brief_pick(persona, facts, facts, "0" * 64, "1" * 64, key=b"key"))
        assert parse_pick(pick.text, persona).choice == "toss-up"
