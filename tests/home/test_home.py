"""The front page."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.test import Client

from comparisons.home import front
from comparisons.reviews.models import Reviewer
from tests.articles.conftest import make_article
from tests.factories.benches import hear
from tests.factories.cards import make_card
from tests.factories.reviews import make_reviewers

pytestmark = pytest.mark.django_db
EVEN, ABOVE, FAR = (70, 70, 70, 70), (74, 74, 74, 74), (95, 95, 95, 95)


def test_without_cards_it_says_what_to_do_and_offers_no_picker(client: Client) -> None:
    text = client.get("/").text
    assert "There is no model card yet" in text
    assert "manage.py import_cards" in text
    assert 'name="a"' not in text


def test_without_a_verdict_it_says_how_one_comes(client: Client) -> None:
    make_card("alpha")
    text = client.get("/").text
    assert "The panel has not judged a pairing yet" in text
    assert "manage.py convene" in text
    assert "1 model of 1 lab, 0 verdicts" in text


def test_a_thousand_models_are_counted_in_threes(client: Client, monkeypatch) -> None:
    monkeypatch.setattr(front, "_counts", lambda: front.Counts(1_437, 1_145, 2_001))
    assert "1,437 models of 1,145 labs, more than 2,000 verdicts" in client.get("/").text


def test_a_panel_of_one_is_one_reviewer(client: Client) -> None:
    make_reviewers()
    assert "A panel of 4 reviewers reads both cards" in client.get("/").text
    Reviewer.objects.exclude(slug="builder").update(active=False)
    assert "A panel of 1 reviewer reads both cards" in client.get("/").text


def test_the_picker_is_a_plain_form_to_the_comparison(client: Client) -> None:
    make_card("alpha")
    text = client.get("/").text
    assert '<form class="picker" action="/compare/" method="get">' in text
    assert 'name="a"' in text and 'name="b"' in text


def test_it_shows_the_newest_verdicts_and_the_closest_calls(client: Client) -> None:
    cards = [make_card(slug) for slug in ("alpha", "beta", "gamma", "delta")]
    hear(cards[0], cards[1], EVEN, EVEN)
    hear(cards[0], cards[2], EVEN, ABOVE)
    hear(cards[0], cards[3], EVEN, FAR)
    page = client.get("/")
    shown = page.context["front"]
    assert [verdict.pairing.slug for verdict in shown.newest] == [
        "alpha-vs-delta",
        "alpha-vs-gamma",
        "alpha-vs-beta",
    ]
    # Clear calls are not close.
    assert [verdict.pairing.slug for verdict in shown.closest] == ["alpha-vs-beta", "alpha-vs-gamma"]
    assert "4 models of 1 lab, 3 verdicts" in page.text
    assert "70\N{NO-BREAK SPACE}%" not in page.text
    assert "100\N{NO-BREAK SPACE}% of 4" in page.text


def test_it_tells_new_cards_from_changed_ones(client: Client) -> None:
    make_card("alpha", context_tokens=128_000)
    make_card("alpha", context_tokens=256_000)
    text = client.get("/").text
    assert "context window 128K → 256K" in text
    assert "New card: A model for tests." in text


def test_it_says_who_reviews_and_that_they_are_no_people(client: Client) -> None:
    assert "No reviewer has a seat yet" in client.get("/").text
    hear(make_card("alpha"), make_card("beta"))
    text = client.get("/").text
    assert "The skeptic has a motto." in text
    assert "AI personas, not people." in text


def test_it_shows_the_newest_articles_and_no_block_without_any(client: Client) -> None:
    make_article("a-draft", title="Unfinished", state="draft", published_at=None)
    assert 'id="articles"' not in client.get("/").text
    for day in range(1, 6):
        when = datetime(2026, 11, day, tzinfo=UTC)
        make_article(f"essay-{day}", title=f"Essay {day}", published_at=when)
    text = client.get("/").text
    places = [text.index(f'<a href="/articles/essay-{day}/">Essay {day}</a>') for day in (5, 4, 3)]
    assert places == sorted(places)
    assert "Essay 2" not in text and "Unfinished" not in text
    assert "November 5, 2026" in text


@pytest.mark.parametrize("pairings", [0, 1, 3])
def test_it_costs_six_queries_however_much_there_is(
    client: Client, django_assert_num_queries, pairings: int
) -> None:
    first = make_card("first")
    for number in range(pairings):
        hear(first, make_card(f"card-{number}"), EVEN, ABOVE)
    with django_assert_num_queries(6):
        client.get("/")


def test_many_verdicts_are_not_counted_to_the_end(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(front, "COUNTED", 1)
    first = make_card("first")
    for number in range(3):
        hear(first, make_card(f"card-{number}"), EVEN, ABOVE)
    assert "more than 1 verdicts" in client.get("/").text


def test_it_is_the_same_for_everybody_and_sets_no_cookie(client: Client) -> None:
    make_card("alpha")
    answer = client.get("/")
    assert not answer.cookies
    assert "Cookie" not in answer.headers.get("Vary", "")


def test_it_is_only_read(client: Client) -> None:
    assert client.post("/").status_code == 405
