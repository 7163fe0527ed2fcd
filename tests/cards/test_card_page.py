"""A card's page."""

from __future__ import annotations

import pytest
from django.test import Client

from comparisons.cards.facts import Identity, RunWay
from comparisons.cards.history import changes
from comparisons.cards.models import Card
from tests.factories.benches import hear
from tests.factories.cards import make_card, make_offer

pytestmark = pytest.mark.django_db
HIGH, LOW = (88, 82, 85, 78), (84, 78, 80, 55)


@pytest.fixture
def card() -> Card:
    return make_card(
        "alpha",
        name="Alpha",
        lab="mistral",
        description="Reads <script> tags as text.",
        run=(RunWay("ollama", "ollama pull alpha", "7 GB"), RunWay("vllm")),
        open_weights=True,
        weights_url="https://example.org/alpha",
        context_tokens=128_000,
        params_total_b="141",
        identity=Identity("not_found", (), "the lab never announced it"),
        sources={
            "context_tokens": {"name": "models.dev", "url": "https://example.org/m", "seen_on": "2026-07-02"}
        },
        conflicts=[
            {
                "field": "context_tokens",
                "value": 64000,
                "name": "llm-stats",
                "url": "https://example.org/s",
                "seen_on": "2026-07-01",
            }
        ],
        offers=[
            make_offer(
                "mistral", "alpha", first_party=True, price_in="0.3", price_out="0.9", context_tokens=128_000
            ),
            make_offer("elsewhere", "m/alpha", price_in="0.0375"),
        ],
    )


@pytest.mark.usefixtures("card")
def test_a_card_shows_facts_with_units_and_sources(client: Client) -> None:
    text = client.get("/models/alpha/").text
    for words in ("128K tokens", "141B total", "models.dev", "https://example.org/m", "July 2, 2026"):
        assert words in text
    assert '<a href="#source-1">' in text
    assert "Reads &lt;script&gt; tags as text." in text
    assert "unknown" in text  # the license


@pytest.mark.usefixtures("card")
def test_sources_that_disagree_are_both_shown(client: Client) -> None:
    text = client.get("/models/alpha/").text
    assert "Sources disagree" in text
    assert "64,000" in text
    assert "llm-stats" in text


@pytest.mark.usefixtures("card")
def test_a_card_found_nowhere_says_so(client: Client) -> None:
    text = client.get("/models/alpha/").text
    assert "Not found in public catalogs" in text
    assert "The lab never announced it" in text
    assert "Absence is not proof" in text


@pytest.mark.usefixtures("card")
def test_ways_to_run_can_be_copied(client: Client) -> None:
    text = client.get("/models/alpha/").text
    assert 'data-copy="ollama pull alpha"' in text
    assert "vLLM" in text
    assert "https://example.org/alpha" in text


@pytest.mark.usefixtures("card")
def test_offers_have_prices_units_and_dates_and_mark_the_first_party(client: Client) -> None:
    text = client.get("/models/alpha/").text
    assert "US dollars per 1,000,000 tokens" in text
    assert "$0.30" in text and "$0.0375" in text
    assert text.count("first party") == 1
    assert text.count("Jul 2, 2026") == 2


def test_a_bare_card_says_what_nobody_told(client: Client) -> None:
    make_card("bare", tagline="", context_tokens=None, output_tokens=None, modalities_in=(), release_date="")
    text = client.get("/models/bare/").text
    for words in (
        "No price is known",
        "No source is named",
        "Nobody has told us a way to run it",
        "Not heard yet",
        "The panel has not read this card yet",
        "No pairing of this model has a verdict yet",
    ):
        assert words in text


def test_the_panel_is_shown_with_its_n_and_its_judge(client: Client, card: Card) -> None:
    hear(card, make_card("beta"), LOW, HIGH)
    text = client.get("/models/alpha/").text
    assert "75\N{NO-BREAK SPACE}%" in text and "n = 4" in text
    assert "Judge: rubric v1" in text
    assert "Alpha as the founder sees it." in text
    assert "What happens in the first hour?" in text
    assert "Beta as the founder sees it." not in text
    assert "/compare/alpha-vs-beta/" in text


def test_only_the_newest_judge_speaks(client: Client, card: Card) -> None:
    beta = make_card("beta")
    hear(card, beta, HIGH, LOW)
    hear(card, beta, (10, 20, 30, 40), LOW, judge="mistral")
    text = client.get("/models/alpha/").text
    assert "Judge: mistral v1" in text
    assert "Judge: rubric v1" not in text
    assert "0\N{NO-BREAK SPACE}%" in text


def test_fewer_reviewers_than_the_quorum_make_no_verdict(client: Client, card: Card) -> None:
    hear(card, make_card("beta"), (90, None, None, None), HIGH)
    text = client.get("/models/alpha/").text
    assert "fewer than 3 reviewers had facts enough" in text
    assert "Abstained: too few facts to score" in text


def test_a_card_changed_since_its_reviews_says_so_and_tells_what_changed(client: Client, card: Card) -> None:
    hear(card, make_card("beta"), HIGH, LOW)
    make_card("alpha", name="Alpha", lab="mistral", context_tokens=256_000)
    text = client.get("/models/alpha/").text
    assert "card changed since" in text
    assert "Context window 128K → 256K" in text
    assert "First seen." in text
    assert text.count('<span class="tag">current</span>') == 1


@pytest.mark.parametrize("others", [0, 1, 3])
def test_a_card_costs_six_queries_however_much_there_is(
    client: Client, django_assert_num_queries, card: Card, others: int
) -> None:
    for number in range(others):
        hear(card, make_card(f"other-{number}"), HIGH, LOW)
    with django_assert_num_queries(6):
        client.get("/models/alpha/")


def test_an_unknown_card_is_not_found(client: Client) -> None:
    assert client.get("/models/nobody/").status_code == 404


def test_what_is_told_of_a_card_elsewhere_is_whole_sentences(client: Client) -> None:
    make_card("bare", name="Bare", tagline="")
    make_card("told", name="Told", tagline="No stop at the end")
    told = "by Example Lab: facts, prices, what the panel says and how it compares."
    assert f'<meta name="description" content="Bare {told}">' in client.get("/models/bare/").text
    assert 'og:description" content=""' not in client.get("/models/bare/").text
    assert (
        f'<meta name="description" content="Told {told} No stop at the end">'
        in client.get("/models/told/").text
    )


def test_what_changed_is_told_in_the_reader_s_units() -> None:
    before = {
        "price_in": "0.3",
        "context_tokens": 32000,
        "description": "x" * 80,
        "features": ["a"],
        "tagline": "t",
        "modalities_in": ["text"],
    }
    after = {
        "price_in": "0.25",
        "context_tokens": 131072,
        "description": "y" * 80,
        "features": ["a", "b"],
        "tagline": "t",
        "modalities_in": ["text", "pdf"],
        "open_weights": True,
        "run": [{"kind": "ollama"}],
        "release_date": "2026-05",
        "params_total_b": "141",
    }
    assert [change.in_words for change in changes(before, after)] == [
        "context window 32K → 131K",
        "description rewritten",
        "features a → a, b",
        "what it reads text → text, PDF",
        "open weights unknown → yes",
        "parameters unknown → 141B",
        "input price $0.30 → $0.25",
        "release date unknown → May 2026",
        "ways to run it rewritten",
    ]


def test_a_provider_goes_by_its_name(client: Client) -> None:
    make_card("alpha", offers=[make_offer("togetherai", price_in=1), make_offer("nobody-knows", price_in=2)])
    make_card("beta", offers=[make_offer("vercel", provider_name="As told", price_in=1)])
    text = client.get("/models/alpha/").text
    assert ">Together AI</a>" in text and ">nobody-knows</a>" in text
    assert "togetherai" not in text
    assert ">As told</a>" in client.get("/models/beta/").text
    both = client.get("/compare/alpha-vs-beta/").text
    assert ">Together AI, July 2, 2026</a>" in both and ">As told, July 2, 2026</a>" in both
