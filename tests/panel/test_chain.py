"""Who may speak: by settings, keys and servers."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.exceptions import ImproperlyConfigured

from comparisons.cards.facts import Facts
from panel.actions.convene import NobodyToAsk
from panel.actions.convene import judges as judges_of
from panel.brief import brief_pick, brief_review
from panel.personas import load_personas
from panel.providers import ollama_setup
from panel.providers.chain import chain, describe_chain, provider_convened, provider_for
from panel.providers.ollama_shelf import forget
from panel.reply import parse_pick, parse_review, parse_rubric_review
from tests.fakes.mistral import FakeMistral
from tests.fakes.ollama import FakeOllama, digest_of
from tests.fakes.openai_compatible import FakeOpenAICompatible

DEFAULT = "https://api.mistral.ai"
NOBODY = "127.0.0.1:1"


@pytest.fixture(autouse=True)
def plain(settings, monkeypatch):
    settings.PANEL_JUDGES = ("mistral", "ollama", "openai_compatible", "rubric")
    settings.OLLAMA_URL = ""
    settings.OPENAI_COMPATIBLE_URL = ""
    settings.MISTRAL_API_KEY = ""
    settings.MISTRAL_SERVER_URL = DEFAULT
    settings.MISTRAL_MODEL = "mistral-medium-2604"
    # Where nobody said that there is one: not the real one of whoever runs these tests.
    monkeypatch.setattr(ollama_setup, "DEFAULT_SERVER", f"http://{NOBODY}")
    return settings


@pytest.fixture
def ollama(plain):
    with FakeOllama() as fake:
        forget(fake.url)
        plain.OLLAMA_URL = fake.url
        yield fake


@pytest.fixture
def server(plain):
    with FakeOpenAICompatible() as fake:
        plain.OPENAI_COMPATIBLE_URL, plain.OPENAI_COMPATIBLE_MODEL = f"{fake.url}/v1", "local-model"
        yield fake


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


def test_an_ollama_that_answers_speaks_without_a_key(plain, ollama):
    assert kinds(chain()) == ["ollama", "rubric"]
    assert describe_chain() == f"qwen2.5:7b at 127.0.0.1:{ollama.port} reviews; if it fails, the rubric does"


def test_an_ollama_where_one_usually_is_needs_no_announcement(plain, ollama, monkeypatch):
    monkeypatch.setattr(ollama_setup, "DEFAULT_SERVER", ollama.url)
    plain.OLLAMA_URL = ""
    assert kinds(chain()) == ["ollama", "rubric"]


def test_an_announced_ollama_that_does_not_answer_is_said(plain):
    plain.OLLAMA_URL = f"http://{NOBODY}"
    assert kinds(chain()) == ["rubric"]
    assert describe_chain() == (
        "no key found: the rule-based rubric reviews; set MISTRAL_API_KEY or start Ollama for LLM reviewers"
        f" (Ollama at {NOBODY} does not answer)"
    )


def test_an_ollama_without_the_model_is_told_how_to_get_one(plain, ollama):
    del ollama.digests["qwen2.5:7b"]
    assert kinds(chain()) == ["rubric"]
    hint = f"Ollama at 127.0.0.1:{ollama.port} has no qwen2.5:7b; run: ollama pull qwen2.5:7b"
    assert describe_chain().endswith(f"({hint})")
    ollama.digests |= {"llama3.2:3b": "a", "phi4:14b": "b"}
    forget(ollama.url)
    assert describe_chain().endswith(f"({hint}, or set OLLAMA_MODEL to one it has: llama3.2:3b, phi4:14b)")


def test_a_model_pulled_anew_is_another_judge(ollama):
    before = provider_for("ollama")
    assert provider_for("ollama") is before
    assert before.settings()["digest"] == digest_of("qwen2.5:7b")
    ollama.digests["qwen2.5:7b"] = digest_of("of today")
    forget(ollama.url)
    assert provider_for("ollama").settings()["digest"] == digest_of("of today")
    assert provider_convened("ollama", before.settings()).settings() != before.settings()


def test_an_ollama_that_is_away_for_a_moment_is_still_the_judge_that_was_convened(ollama):
    convened = provider_for("ollama").settings()
    ollama.down()
    forget(ollama.url)
    assert provider_for("ollama") is None
    assert provider_convened("ollama", convened).settings() == convened
    assert provider_convened("rubric", {}) is provider_for("rubric")


def test_a_server_that_speaks_like_openai_needs_a_url_and_a_model(plain, server):
    assert kinds(chain()) == ["openai_compatible", "rubric"]
    assert describe_chain() == f"local-model at 127.0.0.1:{server.port} reviews; if it fails, the rubric does"
    plain.OPENAI_COMPATIBLE_MODEL = ""
    with pytest.raises(ImproperlyConfigured, match="OPENAI_COMPATIBLE_MODEL"):
        chain()


def test_all_of_them_are_named_in_order(plain, ollama, server):
    plain.MISTRAL_API_KEY = "a-key-of-some-length"
    assert kinds(chain()) == ["mistral", "ollama", "openai_compatible", "rubric"]
    assert describe_chain() == (
        "mistral-medium-2604 at api.mistral.ai reviews; if it fails, "
        f"qwen2.5:7b at 127.0.0.1:{ollama.port}, then local-model at 127.0.0.1:{server.port}, then the rubric"
    )
    plain.PANEL_JUDGES = ("ollama", "mistral")
    assert describe_chain().endswith("if it fails, mistral-medium-2604 at api.mistral.ai does")


@pytest.mark.parametrize(
    ("judges", "said"),
    [
        (
            ("ollama", "rubric"),
            "no server found: the rule-based rubric reviews; start Ollama for LLM reviewers",
        ),
        (("ollama",), "no server found and PANEL_JUDGES names nobody else: nobody reviews; start Ollama"),
        (
            ("openai_compatible", "rubric"),
            "no server found: the rule-based rubric reviews; set OPENAI_COMPATIBLE_URL for LLM reviewers",
        ),
    ],
)
def test_what_is_missing_is_what_was_wanted(plain, judges, said):
    plain.PANEL_JUDGES = judges
    assert describe_chain() == said


@pytest.mark.parametrize("kind", ["ollama", "openai_compatible"])
def test_a_local_server_fills_in_every_form(ollama, server, kind):
    facts = Facts(name="Alpha", lab="Lab", category="code")
    judge = provider_for(kind)
    for persona in load_personas():
        review = judge.ask(brief_review(persona, facts, "0" * 64, key=b"key"))
        assert parse_review(review.text, persona).paragraph
        pick = judge.ask(brief_pick(persona, facts, facts, "0" * 64, "1" * 64, key=b"key"))
        assert parse_pick(pick.text, persona).choice in {"A", "B", "toss-up"}
    judge.close()


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
        "OLLAMA_URL": f"http://{NOBODY}",
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


@pytest.mark.parametrize("judges", [("mistral",), ("ollama",), ("openai_compatible",), ("mistral", "ollama")])
def test_whoever_convenes_is_told_what_the_start_told(plain, judges):
    plain.PANEL_JUDGES = judges
    with pytest.raises(NobodyToAsk) as refused:
        judges_of(None)
    assert str(refused.value).lower() == f"{describe_chain()}.".lower()
    with pytest.raises(NobodyToAsk, match="--judge named nobody else: nobody reviews; ") as refused:
        judges_of(judges)
    assert str(refused.value).split("; ")[1] == f"{describe_chain().split('; ')[1]}."


def test_a_judge_that_does_not_exist_is_said_to(plain):
    with pytest.raises(NobodyToAsk, match="There is no judge called 'oracle'; there are mistral, ollama,"):
        judges_of(["oracle"])
