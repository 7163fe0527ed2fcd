"""The reviewers' pages and the methodology, as readers get them."""

from __future__ import annotations

import pytest
from django.test import Client

from comparisons.reviews import tally
from comparisons.reviews.distribution import distribution
from comparisons.reviews.models import SHIP_FROM
from tests.factories.benches import PANEL, bench, hear, make_panel, make_reviewer
from tests.factories.cards import make_card

pytestmark = pytest.mark.django_db
LOW, HIGH = (30, 35, 40, 20), (88, 82, 85, 78)


def fill(cards: int) -> None:
    """That many cards, each heard against the first."""
    first = make_card("first")
    for number in range(cards):
        hear(first, make_card(f"card-{number}"), HIGH, (84, 78, 80, 55))


def test_no_reviewer_yet_says_what_to_do(client: Client) -> None:
    page = client.get("/reviewers/")
    assert "No reviewer has a seat yet" in page.text
    assert "Reviewers are AI personas, not people" in page.text
    assert "reviewer-rows" not in page.text  # no rule under a list of nobody
    assert "manage.py convene" in page.text


def test_the_panel_is_listed_in_its_order_with_what_moves_it(client: Client) -> None:
    make_panel()
    make_reviewer("retired", active=False)
    text = client.get("/reviewers/").text
    places = [text.index(f"The {slug.title()}") for slug in PANEL]
    assert places == sorted(places)
    assert "The builder has a motto." in text
    assert "AI personas" in text
    assert "Retired" not in text


@pytest.mark.parametrize("cards", [0, 1, 3])
def test_the_list_costs_two_queries_however_much_was_said(
    client: Client, django_assert_num_queries, cards: int
) -> None:
    make_panel()
    fill(cards)
    with django_assert_num_queries(2):
        client.get("/reviewers/")


@pytest.mark.parametrize("cards", [0, 1, 3])
def test_a_reviewer_costs_five_queries_however_much_was_said(
    client: Client, django_assert_num_queries, cards: int
) -> None:
    make_panel()
    fill(cards)
    with django_assert_num_queries(5):
        client.get("/reviewers/builder/")


def test_an_unknown_reviewer_is_not_found(client: Client) -> None:
    assert client.get("/reviewers/nobody/").status_code == 404


@pytest.mark.parametrize("address", ["/reviewers/", "/reviewers/builder/", "/methodology/"])
def test_pages_are_only_read(client: Client, address: str) -> None:
    make_panel()
    assert client.post(address).status_code == 405


def test_a_reviewer_shows_questions_scores_and_reviews(client: Client) -> None:
    alpha = make_card("alpha")
    hear(alpha, make_card("beta"), (88, 10, 10, 10), (52, 90, 90, 90))
    text = client.get("/reviewers/builder/").text
    assert "What happens in the first hour?" in text
    assert "Scores given, n = 2: 1 from 50 to 59, 1 from 80 to 89." in text
    assert "Alpha as the builder sees it." in text
    assert 'href="/models/alpha/"' in text
    assert "Alpha as the skeptic sees it." not in text


def test_mean_and_ship_share_carry_their_n(client: Client) -> None:
    hear(make_card("alpha"), make_card("beta"), (80, 10, 10, 10), (41, 90, 90, 90))
    text = client.get("/reviewers/builder/").text
    assert "60.5" in text
    assert "n = 2" in text
    assert "50\N{NO-BREAK SPACE}%" in text


def test_scores_of_two_judges_are_told_apart(client: Client) -> None:
    cards = make_card("alpha"), make_card("beta")
    hear(*cards, HIGH, HIGH)
    hear(*cards, LOW, LOW, judge="mistral")
    text = client.get("/reviewers/builder/").text
    assert "Judge: rubric v1" in text
    assert "Judge: mistral v1" in text
    assert "never added up" in text
    assert "n = 4" not in text


def test_a_reviewer_alone_against_the_panel_is_told(client: Client) -> None:
    hear(
        make_card("alpha"), make_card("beta"), (30, 90, 90, 90), (90, 90, 90, 90), picks={"builder": "right"}
    )
    text = client.get("/reviewers/builder/").text
    assert "Skips" in text
    assert "75\N{NO-BREAK SPACE}% of 4 would ship" in text
    assert "No dissent yet" in client.get("/reviewers/skeptic/").text


def test_a_pick_against_the_verdict_is_told(client: Client) -> None:
    hear(make_card("alpha"), make_card("beta"), HIGH, (70, 70, 70, 60), picks={"builder": "right"})
    text = client.get("/reviewers/builder/").text
    assert "Prefers Beta" in text
    assert "clearly Alpha" in text


def test_a_review_of_an_earlier_state_says_so(client: Client) -> None:
    hear(make_card("alpha"), make_card("beta"))
    make_card("alpha", context_tokens=256_000)
    assert client.get("/reviewers/builder/").text.count("card changed since") == 1


def test_reviews_are_turned_both_ways_and_the_fragment_is_only_the_list(client: Client) -> None:
    fill(14)
    first = client.get("/reviewers/builder/")
    assert "Older reviews" in first.text
    older = client.get(f"/reviewers/builder/?{first.context['older']}", headers=HTMX)
    assert "<html" not in older.text
    assert older.text.count("as the builder sees it") == 3
    assert older.headers["Vary"].startswith("HX-Request")
    back = client.get(f"/reviewers/builder/?{older.context['newer']}")
    assert [row.pk for row in back.context["page"].rows] == [row.pk for row in first.context["page"].rows]


HTMX = {"HX-Request": "true", "HX-Target": "part"}


def test_the_methodology_prints_the_rule_from_its_constants(
    client: Client, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries
) -> None:
    monkeypatch.setattr(tally, "CLEAR_SHIP_POINTS", 47)
    with django_assert_num_queries(0):
        text = client.get("/methodology/").text
    assert "higher by 47 points or more" in text
    assert f"A score of {SHIP_FROM} or more is a" in text
    assert "one model, four lenses" in text
    assert "rule-based, no model" in text


def test_a_distribution_counts_a_hundred_with_the_nineties() -> None:
    drawn = distribution("rubric v1", {9: 1, 10: 2, 0: 1}, total=300, ships=3, abstained=1)
    assert drawn is not None
    assert [bar.count for bar in drawn.bars] == [1, 0, 0, 0, 0, 0, 0, 0, 0, 3]
    assert (drawn.n, drawn.mean, drawn.ship_percent, drawn.bars[-1].high) == (4, 75, 75, 100)
    assert drawn.in_words.startswith("Scores given, n = 4: 1 from 0 to 9, 3 from 90 to 100.")
    assert [bar.ships for bar in drawn.bars] == [False] * 6 + [True] * 4


def test_the_tallest_bar_fills_the_height_and_the_smallest_still_shows() -> None:
    drawn = distribution("rubric v1", {2: 1, 7: 1000}, total=1, ships=1000, abstained=0)
    assert drawn is not None
    assert max(bar.height for bar in drawn.bars) == drawn.base - 18
    assert drawn.bars[2].height == 2
    assert drawn.bars[3].height == 0


def test_abstentions_alone_draw_nothing(client: Client) -> None:
    assert distribution("rubric v1", {}, total=0, ships=0, abstained=4) is None
    hear(make_card("alpha"), make_card("beta"), (None, None, None, None), (None, None, None, None))
    text = client.get("/reviewers/builder/").text
    assert "No score given yet" in text
    assert "abstained" in text


def test_a_bench_has_one_opinion_a_reviewer() -> None:
    assert len(bench(make_card("alpha"), HIGH)) == len(PANEL)
