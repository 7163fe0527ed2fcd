"""The list of comparisons and the picker above it."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from comparisons.pairings import narrowing
from comparisons.pairings.models import Pairing
from comparisons.reviews.models import Verdict
from tests.factories.benches import hear
from tests.factories.cards import make_card

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true", "HX-Target": "part"}
EVEN, ABOVE, FAR = (70, 70, 70, 70), (74, 74, 74, 74), (95, 95, 95, 95)


def slugs(page: Any) -> list[str]:
    return [verdict.pairing.slug for verdict in page.context["page"].rows]


@pytest.fixture
def heard() -> None:
    """Three verdicts: a toss-up, a lean and a clear call, and a pairing nobody has heard."""
    gpt = make_card("gpt-5", lab="openai", name="GPT-5", category="Frontier")
    claude = make_card("claude-opus", lab="anthropic", name="Claude Opus", category="Frontier")
    gemini = make_card("gemini-pro", lab="google", name="Gemini Pro", category="Frontier")
    coder = make_card("codestral", lab="mistral", name="Codestral", category="Code")
    hear(gpt, claude, EVEN, EVEN)
    hear(claude, gemini, EVEN, ABOVE, judge="mistral")
    hear(gemini, coder, FAR, EVEN)
    Pairing.objects.between(gpt, coder)


def test_no_verdict_yet_says_what_to_do(client: Client) -> None:
    assert "The panel has not judged a pairing yet" in client.get("/compare/").text


@pytest.mark.usefixtures("heard")
def test_the_newest_verdict_comes_first_and_unheard_pairings_not_at_all(client: Client) -> None:
    assert slugs(client.get("/compare/")) == [
        "gemini-pro-vs-codestral",
        "claude-opus-vs-gemini-pro",
        "gpt-5-vs-claude-opus",
    ]


@pytest.mark.usefixtures("heard")
@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("sort=closest", ["gpt-5-vs-claude-opus", "claude-opus-vs-gemini-pro", "gemini-pro-vs-codestral"]),
        ("sort=name", ["claude-opus-vs-gemini-pro", "gemini-pro-vs-codestral", "gpt-5-vs-claude-opus"]),
        ("outcome=toss_up", ["gpt-5-vs-claude-opus"]),
        ("outcome=lean", ["claude-opus-vs-gemini-pro"]),
        ("outcome=split", []),
        ("category=Code", ["gemini-pro-vs-codestral"]),
        ("lab=anthropic", ["claude-opus-vs-gemini-pro", "gpt-5-vs-claude-opus"]),
        ("judge=model", ["claude-opus-vs-gemini-pro"]),
        ("judge=rubric", ["gemini-pro-vs-codestral", "gpt-5-vs-claude-opus"]),
        ("judge=mixed", []),
        ("q=codestrl", ["gemini-pro-vs-codestral"]),
        ("q=gemni", ["gemini-pro-vs-codestral", "claude-opus-vs-gemini-pro"]),
        ("q=opus+vs+gemini", ["claude-opus-vs-gemini-pro"]),
        ("q=gemini+vs+opus", ["claude-opus-vs-gemini-pro"]),
        ("q=zzzzzz", []),
        ("lab=anthropic&judge=rubric", ["gpt-5-vs-claude-opus"]),
    ],
)
def test_filters_sort_and_search(client: Client, query: str, found: list[str]) -> None:
    assert slugs(client.get(f"/compare/?{query}")) == found


@pytest.mark.usefixtures("heard")
def test_nothing_that_fits_says_so_and_leads_back(client: Client) -> None:
    text = client.get("/compare/?outcome=split").text
    assert "No verdict fits all of that" in text
    assert "Show all verdicts" in text


@pytest.mark.usefixtures("heard")
def test_a_nonsense_filter_is_refused_beside_its_field_and_the_rest_applies(client: Client) -> None:
    page = client.get("/compare/?lab=nowhere&judge=model")
    assert slugs(page) == ["claude-opus-vs-gemini-pro"]
    assert "“nowhere” is not on this list" in page.text
    assert 'id="id_lab_error"' in page.text
    assert 'aria-invalid="true"' in page.text


@pytest.mark.usefixtures("heard")
def test_mixed_judges_are_marked(client: Client) -> None:
    one, other = make_card("one"), make_card("other")
    hear(one, other, EVEN, FAR, judge="mistral", other_judge="rubric")
    page = client.get("/compare/?judge=mixed")
    assert slugs(page) == ["one-vs-other"]
    assert "mixed judges, provisional" in page.text


def test_below_quorum_is_listed_as_no_verdict(client: Client) -> None:
    hear(make_card("one"), make_card("other"), (80, None, None, None), EVEN)
    text = client.get("/compare/").text
    assert "No verdict" in text
    assert "fewer than 3 reviewers could score both" in text


def test_superseded_verdicts_are_not_listed(client: Client) -> None:
    cards = make_card("one"), make_card("other")
    hear(*cards, EVEN, FAR)
    hear(*cards, EVEN, EVEN, judge="mistral")
    page = client.get("/compare/")
    assert [verdict.outcome for verdict in page.context["page"].rows] == ["toss_up"]


def fill(rows: int) -> None:
    """That many verdicts, made in one go."""
    first = make_card("first")
    for number in range(rows):
        hear(first, make_card(f"card-{number:03}"), EVEN, (70 + number % 3,) * 4)


@pytest.mark.parametrize("rows", [0, 1, 3])
@pytest.mark.parametrize(
    ("query", "queries"),
    [
        ("", 2),
        ("?sort=closest", 2),
        ("?outcome=lean", 2),
        ("?lab=example-lab&sort=name", 3),
        ("?outcome=lean&lab=example-lab&category=General", 5),
        ("?q=first&lab=example-lab&category=General", 4),
    ],
)
def test_the_list_costs_the_same_queries_at_any_length(
    client: Client, django_assert_num_queries, rows: int, query: str, queries: int
) -> None:
    fill(rows)
    with django_assert_num_queries(queries):
        client.get(f"/compare/{query}")


@pytest.mark.parametrize("query", ["lab=example-lab", "category=General"])
def test_a_few_cards_cost_one_query_more_and_many_are_looked_for_in_all(
    client: Client, django_assert_num_queries, monkeypatch: pytest.MonkeyPatch, query: str
) -> None:
    fill(3)
    hear(
        make_card("else", lab="elsewhere", category="Code"),
        make_card("where", lab="elsewhere", category="Code"),
    )
    for few in (20, 2):
        monkeypatch.setattr(narrowing, "FEW", few)
        with django_assert_num_queries(3):
            page = client.get(f"/compare/?{query}")
        assert slugs(page) == ["first-vs-card-002", "first-vs-card-001", "first-vs-card-000"]


@pytest.mark.usefixtures("heard")
def test_search_costs_one_query_more_and_a_search_of_two_another(
    client: Client, django_assert_num_queries
) -> None:
    with django_assert_num_queries(3):
        client.get("/compare/?q=claude")
    with django_assert_num_queries(4):
        client.get("/compare/?q=gemni+vs+claude")


def test_turning_the_pages_meets_every_verdict_once_and_finds_the_way_back(client: Client) -> None:
    fill(55)
    Verdict.objects.filter(pairing__slug="first-vs-card-007").update(
        outcome="none", side="", median_difference=None
    )
    hear(make_card("noise"), make_card("nothing"), EVEN, ABOVE)
    everything = Pairing.objects.order_by("-pk")
    named = everything.exclude(slug="noise-vs-nothing")
    for state, meant in (
        ("", everything),
        ("sort=closest", everything),
        ("sort=name", everything),
        ("q=first", named),
        ("q=first&sort=closest", named),
        ("q=first&judge=rubric", named),
    ):
        seen: list[str] = []
        pages: list[list[str]] = []
        query = state
        while True:
            page = client.get(f"/compare/?{query}")
            pages.append(slugs(page))
            seen += pages[-1]
            query = page.context["older"]
            if not query:
                break
        slugs_meant = list(meant.values_list("slug", flat=True))
        assert [len(rows) for rows in pages] == [24, 24, len(slugs_meant) - 48], state
        assert sorted(set(seen)) == sorted(seen) == sorted(slugs_meant), state
        assert "sort" in state or seen == slugs_meant, state
        middle = client.get(f"/compare/?{page.context['newer']}")
        assert slugs(middle) == pages[1], state
        first = client.get(f"/compare/?{middle.context['newer']}")
        assert slugs(first) == pages[0], state
        assert first.context["newer"] == "", state


@pytest.mark.usefixtures("heard")
@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "%00",
        "é",
        "W10",
        "WzFd",
        "WyJhIiwxXQ",
        "WyIyMDI2LTAxLTAxIiwxXQ",
        "e30",
        "bnVsbA",
        "WyI5OTk5LTAxLTAxVDAwOjAwOjAwKzAwOjAwIiwxXQ",
        "WyIyMDI2LTAxLTAxVDAwOjAwOjAwKzAwOjAwIiwxZTk5XQ",
        "WyIyMDI2LTAxLTAxVDAwOjAwOjAwKzAwOjAwIiw5OTk5OTk5OTk5OTk5OTk5OTk5OV0",
        pytest.param("W" * 5000, id="five thousand letters"),
    ],
)
def test_a_position_the_list_never_handed_out_shows_the_first_page_and_says_so(
    client: Client, cursor: str
) -> None:
    page = client.get(f"/compare/?after={cursor}")
    assert page.status_code == 200
    assert len(slugs(page)) == 3
    assert "could not be read from the address" in page.text


@pytest.mark.usefixtures("heard")
def test_htmx_gets_the_part_alone_and_a_clean_address(client: Client) -> None:
    part = client.get("/compare/?q=&lab=anthropic&outcome=&sort=closest", headers=HTMX)
    assert part.text.lstrip().startswith('<section id="part"')
    assert "<html" not in part.text
    assert part.headers["HX-Push-Url"] == "/compare/?lab=anthropic&sort=closest"
    whole = client.get("/compare/?lab=anthropic&sort=closest")
    assert "<html" in whole.text
    assert slugs(whole) == slugs(part)
    for answer in (part, whole):
        assert {"HX-Request", "HX-Target"} <= set(answer.headers["Vary"].split(", "))


@pytest.mark.usefixtures("heard")
def test_going_back_in_history_gets_the_whole_page(client: Client) -> None:
    page = client.get("/compare/", headers={**HTMX, "HX-History-Restore-Request": "true"})
    assert "<html" in page.text


@pytest.mark.usefixtures("heard")
@pytest.mark.parametrize(
    "query",
    ["a=gpt-5&b=claude-opus", "a=claude-opus&b=gpt-5", "a=GPT-5&b=claude opus", "a=+gpt-5+&b=CLAUDE-OPUS"],
)
def test_two_models_lead_to_their_one_page(client: Client, query: str) -> None:
    answer = client.get(f"/compare/?{query}")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/compare/gpt-5-vs-claude-opus/")


@pytest.mark.usefixtures("heard")
def test_picking_an_unheard_pair_writes_nothing(client: Client) -> None:
    before = Pairing.objects.count()
    assert client.get("/compare/?a=claude-opus&b=codestral").status_code == 302
    assert Pairing.objects.count() == before


@pytest.mark.usefixtures("heard")
def test_a_mistyped_model_is_refused_beside_its_field_with_what_it_may_mean(client: Client) -> None:
    page = client.get("/compare/?a=gemni&b=codestral")
    assert page.status_code == 200
    assert "No model is called “gemni”. Did you mean one of these?" in page.text
    assert '/compare/?a=gemini-pro&amp;b=codestral"' in page.text
    assert 'id="pick-a-error"' in page.text
    assert 'value="codestral"' in page.text
    assert 'id="pick-b-error"' not in page.text


@pytest.mark.usefixtures("heard")
@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("a=gpt-5&b=gpt-5", "This is the same model as the first. Pick another."),
        ("a=gpt-5&b=", "Name a model."),
        ("a=&b=", "Name a model."),
        ("a=zzzzzz&b=gpt-5", "No model is called “zzzzzz”."),
        ("a=%3Cb%3E&b=gpt-5", "No model is called “&lt;b&gt;”."),
        ("a=%00&b=gpt-5", "Name a model."),
    ],
)
def test_a_refused_pick_says_why(client: Client, query: str, sentence: str) -> None:
    page = client.get(f"/compare/?{query}")
    assert page.status_code == 200
    assert sentence in page.text


@pytest.mark.usefixtures("heard")
def test_the_first_model_alone_is_no_mistake_yet(client: Client) -> None:
    page = client.get("/compare/?a=gpt-5")
    assert 'value="gpt-5"' in page.text
    assert "Name a model." not in page.text


def test_two_models_of_one_name_are_told_apart_by_slug(client: Client) -> None:
    for slug in ("code-llama-4-70b", "code-llama-4-200b", "other"):
        make_card(slug, name="Other" if slug == "other" else "Code Llama 4")
    page = client.get("/compare/?a=code+llama+4&b=other")
    assert "2 models are called “Code Llama 4”. Which one?" in page.text
    assert "a=code-llama-4-70b&amp;b=other" in page.text
    assert "a=code-llama-4-200b&amp;b=other" in page.text
    # However they are written, and also where only something near them was.
    for typed in ("code+llama+4", "Code+Llama+4", "code+lama+4"):
        text = client.get(f"/compare/?a={typed}&b=other").text
        assert "· code-llama-4-70b</span>" in text and "· code-llama-4-200b</span>" in text, typed


@pytest.mark.usefixtures("heard")
def test_a_pick_costs_five_queries_at_most(client: Client, django_assert_num_queries) -> None:
    with django_assert_num_queries(1):
        client.get("/compare/?a=gpt-5&b=claude-opus")
    with django_assert_num_queries(5):
        client.get("/compare/?a=gemni&b=cldestrl&q=gemni+vs+claude")


def test_the_list_is_only_read(client: Client) -> None:
    assert client.post("/compare/").status_code == 405
