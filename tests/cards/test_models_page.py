"""The catalogue, and what the picker suggests."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from django.test import Client

from comparisons.cards.models import Card
from tests.factories.benches import hear
from tests.factories.cards import make_card

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true", "HX-Target": "part"}
HIGH, LOW = (88, 82, 85, 78), (84, 78, 80, 55)


def slugs(page: Any) -> list[str]:
    return [card.slug for card, _ in page.context["cards"]]


@pytest.fixture
def catalog() -> None:
    make_card(
        "opus",
        lab="anthropic",
        name="Claude Opus",
        category="Frontier",
        license_class="proprietary",
        open_weights=False,
        context_tokens=200_000,
        price_in="5",
        modalities_in=("text", "image"),
        release_date="2026-05",
    )
    make_card(
        "coder",
        lab="mistral",
        name="Codestral",
        category="Code",
        license_class="permissive",
        open_weights=True,
        context_tokens=32_000,
        price_in="0.3",
        release_date="2024-05-29",
    )
    make_card(
        "quiet",
        lab="mistral",
        name="Quiet",
        category="Code",
        context_tokens=None,
        modalities_in=(),
        release_date="",
    )
    # Noise that no list may show: a card that never got a snapshot.
    Card.objects.create(
        slug="unborn",
        name="Claude Unborn",
        search_text="claude unborn",
        category="Frontier",
        lab=Card.objects.earliest("pk").lab,
    )


def test_an_empty_catalog_says_what_to_do(client: Client) -> None:
    text = client.get("/models/").text
    assert "There is no model card yet" in text
    assert "manage.py import_cards" in text


@pytest.mark.usefixtures("catalog")
@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["opus", "coder", "quiet"]),
        ("lab=mistral", ["coder", "quiet"]),
        ("category=Frontier", ["opus"]),
        ("license=permissive", ["coder"]),
        ("license=unknown", ["quiet"]),
        ("weights=open", ["coder"]),
        ("weights=closed", ["opus"]),
        ("context=100K", ["opus"]),
        ("context=32,000", ["opus", "coder"]),
        ("context=0.2M", ["opus"]),
        ("price=0.30", ["coder"]),
        ("price=%245", ["opus", "coder"]),
        ("price=0", []),
        ("modality=image", ["opus"]),
        ("local=on", ["coder"]),
        ("sort=newest", ["opus", "coder", "quiet"]),
        ("sort=price", ["coder", "opus", "quiet"]),
        ("sort=context", ["opus", "coder", "quiet"]),
        ("q=claude+opuss", ["opus"]),
        ("q=mistral", ["coder", "quiet"]),
        ("q=cldestral", ["coder"]),
        ("q=zzzzzz", []),
        ("q=mistral&weights=open", ["coder"]),
    ],
)
def test_filters_sort_and_search(client: Client, query: str, found: list[str]) -> None:
    assert slugs(client.get(f"/models/?{query}")) == found


@pytest.mark.usefixtures("catalog")
@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("context=many", "Write a number of tokens, like 128000 or 128K."),
        ("context=-5", "Write a number of tokens, like 128000 or 128K."),
        ("context=%D9%A3", "Write a number of tokens, like 128000 or 128K."),
        ("price=cheap", "Write an amount in US dollars, like 0.50."),
        ("price=-1", "Write an amount in US dollars, like 0.50."),
        ("price=NaN", "Write an amount in US dollars, like 0.50."),
        ("price=1e999999", "Write an amount in US dollars, like 0.50."),
        ("lab=nowhere", "“nowhere” is not on this list, so it was left out."),
        ("license=free", "“free” is not on this list, so it was left out."),
        ("sort=magic", "“magic” is not on this list, so it was left out."),
        ("modality=smell", "“smell” is not on this list, so it was left out."),
        ("lab=%00", "is not on this list, so it was left out."),
        ("q=%00", "Null characters are not allowed."),
        ("q=" + "x" * 101, "at most 100 characters"),
    ],
)
def test_nonsense_is_refused_beside_its_field_and_the_rest_applies(
    client: Client, query: str, sentence: str
) -> None:
    page = client.get(f"/models/?{query}&category=Code")
    assert page.status_code == 200
    assert sentence in page.text
    assert slugs(page) == ["coder", "quiet"]
    assert 'aria-invalid="true"' in page.text


@pytest.mark.usefixtures("catalog")
def test_an_unknown_fact_is_said_and_passes_no_filter(client: Client) -> None:
    page = client.get("/models/?price=9999")
    assert slugs(page) == ["opus", "coder"]
    assert "A model of which a fact is unknown passes no filter on that fact." in page.text
    assert client.get("/models/?q=quiet").text.count('<span class="unknown">unknown') == 6


@pytest.mark.usefixtures("catalog")
def test_the_panel_stands_beside_a_card_with_its_n(client: Client) -> None:
    hear(Card.objects.get(slug="opus"), Card.objects.get(slug="coder"), HIGH, LOW)
    text = client.get("/models/").text
    assert "75\N{NO-BREAK SPACE}%" in text
    assert "n = 4" in text
    assert "not heard yet" in text


def fill(rows: int) -> None:
    first = make_card("card-000", price_in=None)
    for number in range(1, rows):
        card = make_card(f"card-{number:03}", price_in=number % 5 or None, context_tokens=number % 7 or None)
        if number == 1:
            hear(first, card, HIGH, LOW)


@pytest.mark.parametrize(("rows", "queries"), [(1, 3), (3, 3), (30, 3)])
def test_the_list_costs_three_queries_at_any_length(
    client: Client, django_assert_num_queries, rows: int, queries: int
) -> None:
    fill(rows)
    with django_assert_num_queries(queries):
        client.get("/models/?sort=price&weights=&context=")


def test_an_empty_list_costs_two(client: Client, django_assert_num_queries) -> None:
    with django_assert_num_queries(2):
        client.get("/models/")


@pytest.mark.usefixtures("catalog")
@pytest.mark.parametrize("typed", ["claude", "codtrl"])
def test_search_costs_one_query_more_also_for_a_slip(
    client: Client, django_assert_num_queries, typed: str
) -> None:
    with django_assert_num_queries(4):
        client.get(f"/models/?q={typed}")


@pytest.mark.parametrize("sort", ["", "sort=name", "sort=newest", "sort=price", "sort=context", "q=card"])
def test_turning_the_pages_meets_every_card_once_and_finds_the_way_back(client: Client, sort: str) -> None:
    fill(51)
    query, pages, seen = sort, [], []
    while True:
        page = client.get(f"/models/?{query}")
        pages.append(slugs(page))
        seen += pages[-1]
        query = page.context["older"]
        if not query:
            break
    assert [len(rows) for rows in pages] == [24, 24, 3]
    assert sorted(seen) == sorted(Card.objects.values_list("slug", flat=True))
    middle = client.get(f"/models/?{page.context['newer']}")
    assert slugs(middle) == pages[1]
    assert slugs(client.get(f"/models/?{middle.context['newer']}")) == pages[0]


def test_pages_of_equal_names_lose_nobody(client: Client) -> None:
    for number in range(26):
        make_card(f"same-{number:02}", name="Same")
    first = client.get("/models/")
    second = client.get(f"/models/?{first.context['older']}")
    assert len(set(slugs(first) + slugs(second))) == 26


def cursor(*values: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


@pytest.mark.usefixtures("catalog")
@pytest.mark.parametrize(
    "state",
    [
        "sort=price&after=zzz",
        f"sort=price&after={cursor('cheap', 1)}",
        f"sort=price&after={cursor('NaN', 1)}",
        f"sort=price&after={cursor('1e99', 1)}",
        f"sort=price&after={cursor(1.5, 1)}",
        f"sort=newest&after={cursor('2026-01-01', True)}",
        f"sort=newest&after={cursor(None, 1)}",
        f"sort=context&after={cursor(True, 1)}",
        f"sort=context&after={cursor(2**63, 1)}",
        f"sort=name&after={cursor(chr(0), 1)}",
        f"sort=name&after={cursor(chr(0xD800), 1)}",
        f"sort=name&after={cursor('a', -1, 2)}",
    ],
)
def test_a_position_the_list_never_handed_out_shows_the_first_page(client: Client, state: str) -> None:
    page = client.get(f"/models/?{state}")
    assert sorted(slugs(page)) == ["coder", "opus", "quiet"]
    assert "could not be read from the address" in page.text


@pytest.mark.usefixtures("catalog")
def test_htmx_gets_the_part_alone_and_a_clean_address(client: Client) -> None:
    part = client.get("/models/?q=&lab=mistral&context=", headers=HTMX)
    assert part.text.lstrip().startswith('<section id="part"')
    assert part.headers["HX-Push-Url"] == "/models/?lab=mistral"
    assert slugs(part) == ["coder", "quiet"]
    assert client.get("/models/", headers=HTMX).headers["HX-Push-Url"] == "/models/"
    assert "HX-Request" in client.get("/models/").headers["Vary"]


@pytest.mark.usefixtures("catalog")
def test_a_card_without_a_snapshot_is_not_found(client: Client) -> None:
    assert client.get("/models/unborn/").status_code == 404


@pytest.mark.usefixtures("catalog")
@pytest.mark.parametrize("address", ["/models/", "/models/opus/", "/models/suggest/"])
def test_pages_are_only_read(client: Client, address: str) -> None:
    assert client.post(address).status_code == 405


@pytest.mark.usefixtures("catalog")
@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=clau", ["Claude Opus"]),
        ("q=c", ["Claude Opus", "Codestral"]),
        ("q=gpt", []),
        ("for=b&b=codstral", ["Codestral"]),
        ("q=", []),
        ("", []),
    ],
)
def test_the_picker_suggests_while_somebody_types(client: Client, query: str, found: list[str]) -> None:
    page = client.get(f"/models/suggest/?{query}")
    assert [card.name for card, _, _ in page.context["options"]] == found
    assert page.text.count("data-value=") == len(found)
    assert "Unborn" not in page.text


def test_of_models_equally_near_the_newest_come_first(client: Client) -> None:
    for slug, released in (("tern-audio", "2024-05-01"), ("tern-next", "2026-04-23"), ("tern-old", "")):
        make_card(slug, name=slug.replace("-", " ").title(), release_date=released)
    page = client.get("/models/suggest/?q=tern").text
    assert page.index("Tern Next") < page.index("Tern Audio") < page.index("Tern Old")


@pytest.mark.usefixtures("catalog")
def test_a_suggestion_is_a_link_that_keeps_the_other_field(client: Client) -> None:
    text = client.get("/models/suggest/?for=b&b=codest&a=opus").text
    assert 'href="/compare/?b=coder&amp;a=opus"' in text
    assert 'data-value="Codestral"' in text


def test_suggestions_of_one_name_lead_by_slug(client: Client) -> None:
    make_card("twin-1", name="Twin")
    make_card("twin-2", name="Twin")
    text = client.get("/models/suggest/?q=twin").text
    assert 'data-value="twin-1"' in text and 'data-value="twin-2"' in text


def test_nothing_near_is_said(client: Client) -> None:
    assert "No model is near “&lt;zz&gt;”." in client.get("/models/suggest/?q=<zz>").text


def test_search_leads_to_the_catalog(client: Client) -> None:
    assert client.get("/search/?q=claude+opus").headers["Location"] == "/models/?q=claude+opus"
    assert client.get("/search/").headers["Location"] == "/models/"
