"""Lists of certain cards, gathered card by card or met on a walk: both must be the same list."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import pytest
from django.test import Client

from comparisons.cards.models import CardSnapshot
from comparisons.pairings import narrowing
from comparisons.reviews.models import Verdict
from tests.factories.benches import hear
from tests.factories.cards import make_card

pytestmark = pytest.mark.django_db
EVEN, FAR = (70, 70, 70, 70), (95, 95, 95, 95)
LABS = ("acorn", "birch", "cedar")
NAMES = ("alder", "bison", "crane", "delta", "heron", "falcon")


@pytest.fixture
def heard() -> None:
    """Six cards of three labs, all pairs of them heard, by two judges and with two outcomes."""
    cards = [
        make_card(name, lab=LABS[n % 3], category="Code" if n == 4 else "General")
        for n, name in enumerate(NAMES)
    ]
    for n, (one, other) in enumerate(combinations(cards, 2)):
        hear(one, other, EVEN, FAR if n % 2 else EVEN, judge="mistral" if n % 3 else "rubric")


def listed(client: Client, query: str) -> list[str]:
    """Over all its pages of four."""
    found: list[str] = []
    at = ""
    while True:
        page = client.get(f"/compare/?{query}{at}").context["page"]
        found += [verdict.pairing.slug for verdict in page.rows]
        if not page.after:
            return found
        at = f"&after={page.after}"


@pytest.mark.usefixtures("heard")
@pytest.mark.parametrize("sort", ["", "closest", "name"])
@pytest.mark.parametrize("told", ["lab=acorn", "category=Code", "lab=birch&category=Code", "q=heron"])
@pytest.mark.parametrize("more", ["", "&outcome=toss_up", "&judge=model", "&judge=rubric"])
def test_a_list_is_the_same_gathered_and_walked(
    client: Client, monkeypatch: pytest.MonkeyPatch, sort: str, told: str, more: str
) -> None:
    monkeypatch.setattr("comparisons.pairings.list_views.SIZE", 4)
    query = f"{told}{more}&sort={sort}"
    gathered = listed(client, query)
    monkeypatch.setattr(narrowing, "GATHERED", -1)
    monkeypatch.setattr(narrowing, "GATHERED_OF_TWO", -1)
    assert listed(client, query) == gathered
    assert len(gathered) == len(set(gathered))
    assert set(gathered) == {each.pairing.slug for each in expected(told, more)}


def _cards(verdict: Verdict) -> tuple[Any, Any]:
    return verdict.pairing.left, verdict.pairing.right


def expected(told: str, more: str) -> list[Verdict]:
    """By the cards themselves, one verdict after the other."""

    def has(card: Any, part: str) -> bool:
        said = {"lab=acorn": card.lab.slug == "acorn", "lab=birch": card.lab.slug == "birch",
                "category=Code": card.category == "Code", "q=heron": card.slug == "heron"}  # fmt: skip
        return said[part]

    found = list(Verdict.objects.with_cards().filter(superseded_at=None))
    for part in told.split("&"):
        found = [each for each in found if any(has(card, part) for card in _cards(each))]
    match more:
        case "&outcome=toss_up":
            return [each for each in found if each.outcome == "toss_up"]
        case "&judge=model":
            return [each for each in found if "rubric" not in each.judge_kinds]
        case "&judge=rubric":
            return [each for each in found if each.judge_kinds == ["rubric"]]
    return found


@pytest.mark.parametrize("few", [3, -1])
@pytest.mark.parametrize("query", ["sort=closest", "sort=name", "outcome=toss_up"])
def test_a_verdict_on_an_earlier_state_of_its_card_is_listed(
    client: Client, monkeypatch: pytest.MonkeyPatch, few: int, query: str
) -> None:
    monkeypatch.setattr(narrowing, "GATHERED", few)
    hear(make_card("one", lab="acorn"), make_card("other", lab="birch"), EVEN, EVEN)
    hear(make_card("noise", lab="cedar"), make_card("nothing", lab="cedar"), EVEN, EVEN)
    make_card("one", lab="acorn", tagline="Changed since.")
    assert CardSnapshot.objects.filter(card__slug="one").count() == 2
    page = client.get(f"/compare/?lab=acorn&{query}").context["page"]
    assert [verdict.pairing.slug for verdict in page.rows] == ["one-vs-other"]
