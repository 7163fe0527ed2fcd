"""A page has room for fifty counterpoints; the others have pages of their own."""

import re

import pytest

from comparisons.counterpoints.models import Counterpoint
from comparisons.people.visitor import Visitor
from tests.articles.conftest import make_article

pytestmark = pytest.mark.django_db
PAGE, EARLIER = "/compare/alpha-vs-beta/", "/compare/alpha-vs-beta/counterpoints/earlier/"


def publish(number: int, **on) -> None:
    key = Visitor("ann").key("counterpoints")
    Counterpoint.objects.bulk_create(
        Counterpoint(
            **on, kind="extend", body=f"Argument number {at} is long enough.",
            body_html=f"<p>Number {at}.</p>", author_key=key, form_nonce=f"{at}",
            state="approved", decided_at="2026-01-01T00:00:00Z",
        )
        for at in range(number)
    )  # fmt: skip


def numbers(page: str) -> list[int]:
    return [int(found) for found in re.findall(r"<p>Number (\d+)\.</p>", page)]


def test_fifty_have_room_and_no_link(client, pairing):
    publish(50, pairing=pairing)
    page = client.get(PAGE).text
    assert len(numbers(page)) == 50
    assert "Earlier counterpoints" not in page


def test_the_fifty_first_is_one_link_further(client, pairing):
    publish(103, pairing=pairing)
    page = client.get(PAGE).text
    assert numbers(page) == list(range(102, 52, -1))
    onward = re.search(rf'href="({EARLIER}\?[^"]+)"', page)[1]
    second = client.get(onward).text
    assert numbers(second) == list(range(52, 2, -1))
    third = client.get(EARLIER + re.search(r'rel="next" href="(\?[^"]+)"', second)[1]).text
    assert numbers(third) == [2, 1, 0]
    assert 'rel="prev"' in third and 'rel="next"' not in third
    assert f'href="{PAGE}#counterpoints"' in third


def test_on_an_article_too(client, pairing):
    article = make_article()
    publish(51, article=article)
    page = client.get("/articles/a-local-model/").text
    onward = re.search(r'href="(/articles/a-local-model/counterpoints/earlier/\?[^"]+)"', page)[1]
    assert numbers(client.get(onward).text) == [0]


def test_only_what_was_approved(client, pairing):
    publish(3, pairing=pairing)
    Counterpoint.objects.filter(form_nonce="1").update(state="pending", decided_at=None)
    Counterpoint.objects.filter(form_nonce="2").update(state="spam")
    assert numbers(client.get(EARLIER).text) == [0]


@pytest.mark.parametrize("texts", [1, 3])
def test_it_costs_the_same_queries(client, pairing, django_assert_num_queries, texts):
    publish(texts, pairing=pairing)
    with django_assert_num_queries(2):
        assert len(numbers(client.get(EARLIER).text)) == texts


def test_nothing_a_bad_place_and_no_page(client, pairing):
    assert "There are no earlier ones." in client.get(EARLIER).text
    assert "names no place in the list" in client.get(f"{EARLIER}?after=x").text
    assert client.get("/compare/alpha-vs-nothing/counterpoints/earlier/").status_code == 404
    assert client.post(EARLIER).status_code == 405
