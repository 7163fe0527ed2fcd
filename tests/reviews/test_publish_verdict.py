"""The door of the panel's opinions: all or nothing, once, and the constraints behind it."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from pytest_django.fixtures import DjangoAssertNumQueries

from comparisons.cards.models import Card
from comparisons.pairings.models import Pairing
from comparisons.reviews.actions import BenchDoesNotFit, publish_verdict
from comparisons.reviews.models import Pick, Review, Verdict
from tests.factories.benches import PANEL, bench, hear, make_panel, opinion, pick
from tests.factories.cards import make_card

pytestmark = pytest.mark.django_db

LEFT, RIGHT = (88, 82, 85, 78), (84, 78, 80, 55)


@pytest.fixture
def cards() -> tuple[Card, Card]:
    make_panel()
    return make_card("alpha"), make_card("beta")


@pytest.fixture
def pairing(cards: tuple[Card, Card]) -> Pairing:
    return Pairing.objects.between(*cards)


def test_a_bench_becomes_reviews_picks_and_the_current_verdict(cards: tuple[Card, Card]) -> None:
    verdict = hear(*cards, LEFT, RIGHT, picks={"builder": "left"})
    assert (verdict.outcome, verdict.side, verdict.formula_version) == ("lean", "left", "1")
    assert (verdict.left_ships, verdict.left_n, verdict.right_ships, verdict.right_n) == (4, 4, 3, 4)
    verdict.refresh_from_db()
    assert (verdict.left_score, verdict.right_score) == (Decimal("83.5"), Decimal("79.0"))
    assert verdict.median_difference == Decimal("4.5")
    assert verdict.reviews.count() == 8
    assert verdict.picks.count() == 1
    assert Pairing.objects.get().verdict == verdict


def test_publishing_the_same_bench_again_changes_nothing(cards: tuple[Card, Card]) -> None:
    first = hear(*cards, LEFT, RIGHT, picks={"skeptic": "right"})
    again = hear(*cards, LEFT, RIGHT, picks={"skeptic": "right"})
    assert again.pk == first.pk
    assert (Review.objects.count(), Pick.objects.count(), Verdict.objects.count()) == (8, 1, 1)
    assert Verdict.objects.get().superseded_at is None


def test_a_new_bench_supersedes_and_keeps_the_old_verdict(cards: tuple[Card, Card]) -> None:
    first = hear(*cards, LEFT, RIGHT)
    second = hear(*cards, LEFT, RIGHT, judge="mistral")
    first.refresh_from_db()
    assert first.superseded_at is not None
    assert first.reviews.count() == 8
    assert second.superseded_at is None
    assert Pairing.objects.get().verdict == second
    assert list(Verdict.objects.current()) == [second]


def test_reviews_of_a_card_are_shared_by_its_pairings(cards: tuple[Card, Card]) -> None:
    alpha, beta = cards
    hear(alpha, beta, LEFT, RIGHT)
    hear(alpha, make_card("gamma"), LEFT, (10, 20, 30, 40))
    assert Review.objects.filter(snapshot=alpha.snapshot).count() == 4
    assert Review.objects.count() == 12


def test_a_flag_of_a_pick_is_kept(pairing: Pairing) -> None:
    flagged = replace(pick(pairing, "left"), flagged="not in English")
    verdict = publish_verdict(
        pairing=pairing,
        left=bench(pairing.left, LEFT),
        right=bench(pairing.right, RIGHT),
        picks=[flagged, pick(pairing, "right", "skeptic")],
    )
    assert dict(verdict.picks.values_list("reviewer", "flagged")) == {
        "builder": "not in English",
        "skeptic": "",
    }


@pytest.mark.parametrize(("seats", "statements"), [(1, 12), (4, 12)])
def test_a_bench_of_any_size_takes_as_many_statements(
    pairing: Pairing, django_assert_num_queries: DjangoAssertNumQueries, seats: int, statements: int
) -> None:
    picks = [pick(pairing, "left", slug) for slug in PANEL[:seats]]
    with django_assert_num_queries(statements):
        publish_verdict(
            pairing=pairing,
            left=bench(pairing.left, LEFT[:seats]),
            right=bench(pairing.right, RIGHT[:seats]),
            picks=picks,
        )


def test_mixed_judges_are_provisional(cards: tuple[Card, Card]) -> None:
    mixed = hear(*cards, LEFT, RIGHT, judge="mistral", other_judge="rubric")
    assert mixed.provisional
    assert mixed.judge_kinds == ["mistral", "rubric"]
    assert not hear(*cards, LEFT, RIGHT, judge="mistral").provisional


def test_below_quorum_is_published_as_no_verdict(cards: tuple[Card, Card]) -> None:
    verdict = hear(*cards, (80, 80, None, None), RIGHT)
    assert (verdict.outcome, verdict.side, verdict.left_n) == ("none", "", 2)
    assert verdict.median_difference is None


def test_a_pick_on_other_snapshots_takes_everything_back(pairing: Pairing) -> None:
    stranger = pick(Pairing.objects.between(pairing.left, make_card("gamma")), "left")
    with pytest.raises(BenchDoesNotFit, match="other snapshots"):
        publish_verdict(
            pairing=pairing,
            left=bench(pairing.left, LEFT),
            right=bench(pairing.right, RIGHT),
            picks=[stranger],
        )
    assert (Review.objects.count(), Pick.objects.count(), Verdict.objects.count()) == (0, 0, 0)


@pytest.mark.parametrize("turned", [False, True])
def test_reviews_of_other_cards_do_not_fit(pairing: Pairing, turned: bool) -> None:
    sides = (pairing.right, pairing.left) if turned else (pairing.left, make_card("gamma"))
    with pytest.raises(BenchDoesNotFit, match="other cards"):
        publish_verdict(pairing=pairing, left=bench(sides[0], LEFT), right=bench(sides[1], RIGHT), picks=[])
    assert (Review.objects.count(), Verdict.objects.count()) == (0, 0)


def test_two_opinions_of_one_reviewer_do_not_fit(pairing: Pairing) -> None:
    twice = [opinion(pairing.left, 80), opinion(pairing.left, 70)]
    with pytest.raises(BenchDoesNotFit, match="one opinion a reviewer"):
        publish_verdict(pairing=pairing, left=twice, right=bench(pairing.right, RIGHT), picks=[])


def test_a_refusal_of_the_database_leaves_nothing_half_written(
    cards: tuple[Card, Card], pairing: Pairing
) -> None:
    before = hear(*cards, LEFT, RIGHT)
    incoherent = [
        *bench(pairing.left, LEFT, judge="mistral")[:3],
        opinion(pairing.left, 101, "founder", judge="mistral"),
    ]
    with pytest.raises(IntegrityError, match="review_score_0_to_100"), transaction.atomic():
        publish_verdict(
            pairing=pairing, left=incoherent, right=bench(pairing.right, RIGHT, judge="mistral"), picks=[]
        )
    assert Review.objects.filter(judge_kind="mistral").count() == 0
    before.refresh_from_db()
    assert before.superseded_at is None


@pytest.mark.parametrize(
    ("constraint", "change"),
    [
        ("review_score_0_to_100", {"score": 101, "ship": True}),
        ("review_ships_from_60", {"score": 59, "ship": True}),
        ("review_ships_from_60", {"score": 60, "ship": False}),
        ("review_ships_from_60", {"score": None, "ship": True}),
    ],
)
def test_a_review_keeps_its_rules(cards: tuple[Card, Card], constraint: str, change: dict[str, Any]) -> None:
    hear(*cards, LEFT, RIGHT)
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Review.objects.filter(pk=Review.objects.earliest("pk").pk).update(**change)


def test_one_question_has_one_review(cards: tuple[Card, Card]) -> None:
    hear(*cards, LEFT, RIGHT)
    copy = Review.objects.earliest("pk")
    copy.pk = None
    with pytest.raises(IntegrityError, match="review_once_per_question"), transaction.atomic():
        copy.save()


@pytest.mark.parametrize(
    ("constraint", "change"),
    [
        ("pick_is_left_right_or_toss_up", {"choice": "both"}),
        ("pick_changed_with_order_is_toss_up", {"changed_with_order": True}),
    ],
)
def test_a_pick_keeps_its_rules(cards: tuple[Card, Card], constraint: str, change: dict[str, Any]) -> None:
    hear(*cards, LEFT, RIGHT, picks={"builder": "left"})
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Pick.objects.update(**change)


def test_one_question_has_one_pick(cards: tuple[Card, Card]) -> None:
    hear(*cards, LEFT, RIGHT, picks={"builder": "left"})
    copy = Pick.objects.get()
    copy.pk = None
    with pytest.raises(IntegrityError, match="pick_once_per_question"), transaction.atomic():
        copy.save()


@pytest.mark.parametrize(
    ("constraint", "change"),
    [
        ("verdict_side_goes_with_outcome", {"side": ""}),
        ("verdict_side_goes_with_outcome", {"outcome": "split"}),
        ("verdict_ships_within_n", {"left_ships": 5}),
        ("verdict_ships_within_n", {"right_n": 2}),
    ],
)
def test_a_verdict_keeps_its_rules(cards: tuple[Card, Card], constraint: str, change: dict[str, Any]) -> None:
    hear(*cards, LEFT, RIGHT)
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Verdict.objects.update(**change)


def test_a_pairing_has_one_current_verdict(cards: tuple[Card, Card]) -> None:
    hear(*cards, LEFT, RIGHT)
    hear(*cards, LEFT, RIGHT, judge="mistral")
    with pytest.raises(IntegrityError, match="verdict_one_current_per_pairing"), transaction.atomic():
        Verdict.objects.update(superseded_at=None)
