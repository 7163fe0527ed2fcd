"""Lists: pages by key, orders, filters, fewer fields, tables, in a number of queries that does not grow."""

from __future__ import annotations

import csv
import io

import pytest

from comparisons.pairings.models import Pairing
from comparisons.people.visitor import Visitor
from comparisons.votes.actions import cast
from tests.factories.benches import hear
from tests.factories.cards import make_card

pytestmark = pytest.mark.django_db


def names(answer) -> list[str]:
    return [row["slug"] for row in answer.json()["results"]]


def walk(client, address: str, link: str = "next") -> list[str]:
    """Slugs of all pages, following the links as they are."""
    found: list[str] = []
    while address:
        answer = client.get(address.removeprefix("http://127.0.0.1:8000"))
        assert answer.status_code == 200, answer.content
        found += names(answer)
        address = answer.json()[link]
    return found


@pytest.mark.parametrize("ordering", ["name", "newest", "price", "context"])
def test_pages_hold_every_card_once_also_where_the_order_ties(client, ordering):
    for number in range(7):
        make_card(f"card-{number}", name="Same", context_tokens=None if number % 2 else 128_000)
    found = walk(client, f"/api/v1/cards/?page_size=2&ordering={ordering}")
    assert sorted(found) == [f"card-{number}" for number in range(7)]


def test_pages_lead_back_the_way_they_came(client):
    for letter in "abcde":
        make_card(letter, name=letter.upper())
    second = client.get("/api/v1/cards/?page_size=2").json()["next"].removeprefix("http://127.0.0.1:8000")
    answer = client.get(second)
    assert names(answer) == ["c", "d"]
    back = client.get(answer.json()["previous"].removeprefix("http://127.0.0.1:8000"))
    assert names(back) == ["a", "b"]
    assert back.json()["previous"] is None


def test_what_arrives_meanwhile_moves_nothing(client):
    for letter in "bcd":
        make_card(letter, name=letter.upper())
    onward = client.get("/api/v1/cards/?page_size=2").json()["next"].removeprefix("http://127.0.0.1:8000")
    make_card("a", name="A")
    assert names(client.get(onward)) == ["d"]


def test_links_stand_in_a_header_too(client):
    for letter in "abc":
        make_card(letter, name=letter.upper())
    answer = client.get("/api/v1/cards/?page_size=2")
    assert answer["Link"] == f'<{answer.json()["next"]}>; rel="next"'
    assert "Link" not in client.get("/api/v1/cards/")


@pytest.mark.parametrize(
    ("query", "status", "field"),
    [
        ("page_size=0", 400, "page_size"),
        ("page_size=101", 400, "page_size"),
        ("page_size=1e1", 400, "page_size"),
        ("page_size=%D9%A3", 400, "page_size"),
        ("page_size=99999999999999999999999", 400, "page_size"),
        ("after=!!", 400, "after"),
        ("after=" + "A" * 1001, 400, "after"),
        ("after=abc", 422, "after"),
        ("before=W10", 422, "before"),
        ("after=abc&before=abc", 422, "before"),
        ("ordering=-name", 400, "ordering"),
        ("fields=slug,licence", 400, "fields"),
        ("fields=slug,slug", 400, "fields"),
        ("fields=", 400, "fields"),
        ("lab=", 400, "lab"),
        ("lab=a&lab=b", 400, "lab"),
        ("lab=Mistral", 400, "lab"),
        ("licence=open", 400, "licence"),
        ("category=a%00b", 400, "category"),
        ("category=" + "x" * 61, 400, "category"),
        ("open_weights=1", 400, "open_weights"),
        ("open_weights=True", 400, "open_weights"),
        ("context_min=-1", 400, "context_min"),
        ("context_min=128K", 400, "context_min"),
        ("price_max=1000001", 400, "price_in"),
        ("price_max=NaN", 400, "price_max"),
        ("license_class=unknown", 400, "license_class"),
        ("category=%ff", 400, ""),
        ("format=xml", 400, "format"),
    ],
)
def test_a_parameter_that_is_not_as_it_should_be_is_refused_by_name(client, query, status, field):
    answer = client.get(f"/api/v1/cards/?{query}")
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    assert [error["field"] for error in answer.json()["errors"]] == [field]


def test_a_cursor_of_another_order_is_refused(client):
    for letter in "abc":
        make_card(letter, name=letter.upper())
    cursor = client.get("/api/v1/cards/?page_size=1").json()["next"].rpartition("after=")[2]
    assert client.get(f"/api/v1/cards/?after={cursor}").status_code == 200
    assert client.get(f"/api/v1/cards/?ordering=price&after={cursor}").status_code == 422


FILTERED = [
    ("lab=other-lab", ["beta", "gamma"]),
    ("lab=noise-lab", []),
    ("open_weights=true", ["alpha"]),
    ("license_class=permissive", ["alpha"]),
    ("context_min=128000", ["alpha", "beta"]),
    ("context_min=9223372036854775807", []),
    ("price_max=0.3", ["alpha"]),
    ("price_max=0.29", []),
    ("q=alfa", ["alpha"]),
    ("modality=text", ["alpha", "beta", "gamma"]),
    ("category=General&runs_locally=false", ["beta", "gamma"]),
]


def test_cards_are_filtered(client, site):
    for query, found in FILTERED:
        assert sorted(names(client.get(f"/api/v1/cards/?{query}"))) == found, query


OTHER_LISTS = [
    ("pairings/?card=gamma", ["alpha-vs-gamma", "beta-vs-gamma"]),
    ("pairings/?card=nobody", []),
    ("pairings/?judged=false", ["beta-vs-gamma"]),
    ("pairings/?lab=example-lab", ["alpha-vs-beta", "alpha-vs-gamma"]),
    ("pairings/?outcome=none", []),
    ("reviewers/", ["builder", "skeptic", "futurist", "founder"]),
    ("articles/", ["how-to-read-a-verdict"]),
    ("labs/", ["example-lab", "other-lab"]),
]


def test_other_lists_are_filtered(client, site):
    for address, found in OTHER_LISTS:
        assert names(client.get(f"/api/v1/{address}")) == found, address


def test_verdicts_that_stand_and_those_that_do_not(client, site):
    def told(query: str) -> list[tuple[str, bool]]:
        rows = client.get(f"/api/v1/verdicts/?{query}").json()["results"]
        return [(row["pairing"]["slug"], row["superseded_at"] is None) for row in rows]

    assert len(told("")) == 3
    assert told("pairing=alpha-vs-beta&superseded=false") == [("alpha-vs-beta", True)]
    assert told("superseded=true") == [("alpha-vs-beta", False)]
    assert told("judge=rubric&superseded=false") == [("alpha-vs-gamma", True)]
    assert told("judge=model") == [("alpha-vs-beta", True)]
    assert told("judge=mixed") == []


def test_reviews_of_a_card_by_a_reviewer(client, site):
    rows = client.get("/api/v1/reviews/?card=alpha&reviewer=founder&judge=rubric+v1").json()["results"]
    assert [(row["score"], row["call"]) for row in rows] == [(78, "ship")]
    abstained = client.get("/api/v1/reviews/?card=gamma&reviewer=founder").json()["results"][0]
    assert (abstained["score"], abstained["call"]) == (None, "abstained")


def test_fewer_fields_and_what_names_the_record(client, site):
    answer = client.get("/api/v1/cards/?fields=name,panel&lab=example-lab")
    [row] = answer.json()["results"]
    assert row.keys() == {"slug", "name", "panel"}
    assert client.get("/api/v1/cards/alpha/?fields=facts").json().keys() == {"slug", "facts"}


@pytest.mark.parametrize("ask", [{"path": "?format=csv"}, {"headers": {"Accept": "text/csv"}}])
def test_a_list_as_a_table(client, site, ask):
    answer = client.get(f"/api/v1/labs/{ask.get('path', '')}", headers=ask.get("headers", {}))
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.content.decode() == (
        "slug,url,page,name,website\r\n"
        "example-lab,http://127.0.0.1:8000/api/v1/labs/example-lab/,"
        "http://127.0.0.1:8000/models/?lab=example-lab,Example Lab,\r\n"
        "other-lab,http://127.0.0.1:8000/api/v1/labs/other-lab/,"
        "http://127.0.0.1:8000/models/?lab=other-lab,Other Lab,\r\n"
    )


def test_a_table_runs_nothing_and_has_its_header_without_rows(client):
    make_card("evil", name="=1+1", tagline="@SUM(A1)", lab_name='-2,"x"')
    table = client.get("/api/v1/cards/?format=csv").content.decode()
    rows = list(csv.DictReader(io.StringIO(table, newline="")))
    assert (rows[0]["name"], rows[0]["tagline"], rows[0]["lab.name"]) == ("'=1+1", "'@SUM(A1)", '\'-2,"x"')
    empty = client.get("/api/v1/cards/?format=csv&lab=nobody&fields=name,lab").content.decode()
    assert empty == "slug,name,lab.slug,lab.name\r\n"


def test_a_negative_number_in_a_table_is_a_number(client, site):
    rows = list(csv.DictReader(io.StringIO(client.get("/api/v1/verdicts/?format=csv").content.decode())))
    assert all(not row["median_difference"].startswith("'") for row in rows)


# The literal number of queries at one row and at three: a list that asks once a row fails at three.
QUERIES = {
    "labs": 1,
    "cards": 2,  # and the reviews of all of them
    "pairings": 1,
    "verdicts": 1,
    "reviews": 1,
    "leaderboard": 1,
}


def rows_of(count: int) -> None:
    first = make_card("first")
    for number in range(count):
        other = make_card(f"other-{number}", lab=f"lab-{number}")
        hear(first, other)
        pairing = Pairing.objects.between(first, other)
        cast(pairing=pairing, visitor=Visitor("ann"), choice="left")


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("noun", QUERIES)
def test_a_list_takes_as_many_queries_for_three_rows_as_for_one(
    client, django_assert_num_queries, noun, count
):
    rows_of(count)
    client.get("/api/v1/labs/")  # what a process asks once: switches
    with django_assert_num_queries(QUERIES[noun]):
        answer = client.get(f"/api/v1/{noun}/")
    assert len(answer.json()["results"]) >= count


FEW_QUERIES = [
    ("cards/alpha/", 3),
    ("pairings/alpha-vs-beta/", 2),
    ("reviews/?card=alpha", 1),
    ("reviewers/", 2),
    ("articles/", 1),
    ("counterpoints/", 1),
    ("receipts/", 1),
    ("search/?q=alpha", 4),
    ("cards/?q=alpha", 3),
    ("pairings/?card=alpha", 2),
    ("verdicts/?card=alpha", 3),
    ("verdicts/?card=beta&superseded=false", 3),
    ("leaderboard/?card=alpha", 2),
    ("counterpoints/?article=an-essay", 1),
]


def test_other_answers_take_few_queries(client, site, django_assert_num_queries):
    for address, queries in FEW_QUERIES:
        client.get("/api/v1/labs/")
        with django_assert_num_queries(queries):
            assert client.get(f"/api/v1/{address}").status_code == 200


def test_search_finds_cards_and_their_pairings(client, site):
    found = client.get("/api/v1/search/?q=alpha+vs+beta").json()
    assert [each["slug"] for each in found["pairings"]] == ["alpha-vs-beta"]
    found = client.get("/api/v1/search/?q=gamma").json()
    assert [each["slug"] for each in found["cards"]] == ["gamma"]
    assert client.get("/api/v1/search/").status_code == 400
    assert client.get("/api/v1/search/?q=" + "x" * 101).status_code == 400
    assert client.get("/api/v1/search/?q=+").json()["cards"] == []
