"""Price against score: where a card stands, and the picture of all of them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.test import Client

from comparisons.cards import price_map
from comparisons.cards.models import Card
from comparisons.cards.price_map import FREE, START, PriceMap, others, pair_map, place
from tests.factories.benches import hear, sha
from tests.factories.cards import make_card

NAMES = ("Alpha", "Beta")
JUDGE = {"judge"}


def pair(*figures: tuple[str | None, float | None]) -> PriceMap | None:
    prices = [None if price is None else Decimal(price) for price, _ in figures]
    return pair_map(JUDGE, NAMES, prices, [score for _, score in figures])


def test_each_tenfold_price_is_one_step_to_the_right() -> None:
    steps = [place(Decimal(price), 50).x for price in ("0.01", "0.1", "1", "10", "100")]
    assert steps == pytest.approx([START + 20 * step for step in range(5)], abs=0.05)


def test_what_leaves_the_scale_stands_at_its_end_and_free_has_a_place_of_its_own() -> None:
    assert place(Decimal("0.0001"), 50).x == START
    assert place(Decimal("5000"), 50).x == place(Decimal("100"), 50).x
    assert place(Decimal(0), 50).x == FREE


def test_a_higher_score_stands_higher() -> None:
    assert place(Decimal(1), 100).y < place(Decimal(1), 60).y < place(Decimal(1), 0).y


def test_both_cards_are_marked_and_told_in_words() -> None:
    found = pair(("0.3", 83.5), ("0", 79))
    assert found
    assert [mark.letter for mark in found.marks if mark.place] == ["a", "b"]
    assert found.text == (
        "Input price against median score, among all models that this judge scored. "
        "Alpha: $0.30 per 1M tokens in, median 83.5 of 100; Beta: free, median 79 of 100."
    )


def test_a_card_without_a_price_is_named_and_not_drawn() -> None:
    found = pair(("0.3", 83.5), (None, 79))
    assert found
    assert found.marks[1].place is None
    assert found.marks[1].words == "price unknown, median 79 of 100"
    assert found.text.endswith("1 of the two has no known price and is not drawn.")


def test_marks_that_would_cover_each_other_step_apart() -> None:
    found = pair(("0.3", 80), ("0.3", 80))
    assert found
    one, other = (mark.place for mark in found.marks)
    assert one and other
    assert abs(one.y - other.y) == 2 * price_map.STEP


def test_mixed_judges_or_two_unknown_prices_make_no_picture() -> None:
    assert pair((None, 80), (None, 79)) is None
    assert pair(("0.3", None), ("0.3", None)) is None
    assert pair_map({"one", "other"}, NAMES, [Decimal(1), Decimal(1)], [50, 60]) is None


@pytest.mark.django_db
def test_the_others_are_the_cards_one_judge_has_scored_as_they_are_now() -> None:
    alpha = make_card("alpha", price_in="1")
    hear(alpha, make_card("beta"), (80, 80, 80, 80), (50, 60, 70, 80))
    hear(alpha, make_card("gamma", price_in="2"), judge="mistral")
    hear(alpha, make_card("thin", price_in="3"), (80, 80, 80, 80), (80, 80, None, None))
    rubric = others(sha("rubric"))
    assert rubric
    assert rubric.dots == (place(Decimal(1), 80),)
    assert (rubric.label, rubric.priced, rubric.unpriced) == ("rubric v1", 1, 1)
    mistral = others(sha("mistral"))
    assert mistral
    assert mistral.priced == 2
    make_card("gamma", price_in="4")  # changed, so its scores are of another state
    assert (others(sha("mistral")) or mistral).priced == 1
    assert others("nobody") is None


@pytest.mark.django_db
def test_of_too_many_always_the_same_are_shown(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(price_map, "DOTS", 2)
    first = make_card("first", price_in="1")
    for number in range(3):
        hear(first, make_card(f"card-{number}", price_in=str(number + 2)))
    shown = others()
    assert shown
    assert (len(shown.dots), shown.priced) == (2, 4)
    Card.objects.filter(slug="first").update(tagline="written again, so it lies elsewhere on disk")
    assert others() == shown
    assert "for 2 of 4 models scored by rubric v1" in client.get("/models/").text


@pytest.mark.django_db
def test_the_picture_is_kept_by_browsers_and_answers_in_one_query(
    client: Client, django_assert_num_queries
) -> None:
    hear(make_card("alpha", price_in="1"), make_card("beta", price_in="2"))
    url = f"/models/price-and-score/{sha('rubric')}.svg"
    with django_assert_num_queries(1):
        answer = client.get(url)
    assert answer["Content-Type"] == "image/svg+xml"
    assert answer.text.count("h0") == 2
    assert "style" not in answer.text
    assert client.get(url, headers={"If-None-Match": answer["ETag"]}).status_code == 304
    assert client.get("/models/price-and-score/nobody.svg").status_code == 404


@pytest.mark.django_db
def test_the_comparison_page_marks_both_over_the_one_picture(client: Client) -> None:
    hear(make_card("alpha", price_in="1"), make_card("beta"))
    html = client.get("/compare/alpha-vs-beta/").text
    assert f'href="/models/price-and-score/{sha("rubric")}.svg"' in html
    assert "Beta: price unknown, median 79 of 100, so not drawn" in html


@pytest.mark.django_db
def test_another_card_changes_no_comparison_page(client: Client) -> None:
    """Pages are kept until something on them changes, and the catalog must not be on each of them."""
    alpha = make_card("alpha", price_in="1")
    hear(alpha, make_card("beta", price_in="2"))
    before = client.get("/compare/alpha-vs-beta/").content
    hear(make_card("gamma", price_in="3"), make_card("delta", price_in="4"))
    assert client.get("/compare/alpha-vs-beta/").content == before


@pytest.mark.django_db
def test_without_a_score_the_catalog_has_no_picture(client: Client) -> None:
    make_card("alpha", price_in="1")
    assert "price-map" not in client.get("/models/").text


@pytest.mark.django_db
def test_the_catalog_s_picture_is_on_the_plain_list_alone(client: Client, django_assert_num_queries) -> None:
    hear(make_card("alpha", price_in="1"), make_card("beta", price_in="2"))
    with django_assert_num_queries(4):
        assert "price-map-words" in client.get("/models/").text
    assert "price-map-words" not in client.get("/models/?sort=price").text
