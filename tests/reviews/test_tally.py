"""The verdict formula: reference figures, its edges, and that it has no favorite side."""

from __future__ import annotations

from fractions import Fraction
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comparisons.reviews.tally import QUORUM, Choice, Tally, tally, tally_card

PANEL = ("builder", "skeptic", "futurist", "founder")
MIRROR = {"left": "right", "right": "left", "toss_up": "toss_up", "": ""}

scores = st.dictionaries(st.sampled_from(PANEL), st.none() | st.integers(0, 100))
choices = st.dictionaries(st.sampled_from(PANEL), st.sampled_from(["left", "right", "toss_up"]))


def counted(
    left: dict[str, int | None], right: dict[str, int | None], picks: dict[str, Choice] | None = None
) -> Tally:
    return tally(left, right, shipped(left), shipped(right), picks or {})


def shipped(given_scores: dict[str, int | None]) -> dict[str, bool]:
    return {slug: score is not None and score >= 60 for slug, score in given_scores.items()}


def bench(*given_scores: int | None) -> dict[str, int | None]:
    return dict(zip(PANEL, given_scores, strict=False))


@given(left=scores, right=scores, picks=choices)
def test_exchanging_the_sides_exchanges_the_verdict_and_nothing_else(
    left: dict[str, int | None], right: dict[str, int | None], picks: dict[str, Choice]
) -> None:
    here = counted(left, right, picks)
    there = counted(right, left, {slug: MIRROR[choice] for slug, choice in picks.items()})  # type: ignore[misc]
    assert there.outcome == here.outcome
    assert there.side == MIRROR[here.side]
    assert (there.wins_left, there.wins_right) == (here.wins_right, here.wins_left)
    assert (there.left, there.right) == (here.right, here.left)
    if here.median_difference is None:
        assert there.median_difference is None
    else:
        assert there.median_difference == -here.median_difference


@given(left=scores, right=scores, picks=choices)
def test_a_side_is_named_exactly_when_the_verdict_is_for_one(
    left: dict[str, int | None], right: dict[str, int | None], picks: dict[str, Choice]
) -> None:
    found = counted(left, right, picks)
    assert (found.side != "") == (found.outcome in {"clear", "lean"})


@given(left=scores, right=scores)
def test_below_quorum_there_is_no_verdict(left: dict[str, int | None], right: dict[str, int | None]) -> None:
    both = [slug for slug in left if left[slug] is not None and right.get(slug) is not None]
    assert (counted(left, right).outcome == "none") == (len(both) < QUORUM)


def test_the_reference_pairing_leans_left() -> None:
    found = counted(bench(88, 82, 85, 78), bench(84, 78, 80, 55))
    assert (found.outcome, found.side) == ("lean", "left")
    assert (found.wins_left, found.wins_right, found.median_difference) == (4, 0, 4.5)
    assert (found.left.ships, found.left.skips, found.left.ship_share) == (4, 0, 1)
    assert (found.right.ships, found.right.skips, found.right.ship_share) == (3, 1, Fraction(3, 4))
    assert (found.left.call, found.right.call) == ("ship", "ship")


def test_scores_for_one_side_and_ship_votes_for_the_other_are_a_split_decision() -> None:
    """d = 1, 1, −15, −15: the right side has gap 2 and median 7; the left ships 100 % against 50 %."""
    found = counted(bench(60, 60, 70, 70), bench(59, 59, 85, 85))
    assert (found.outcome, found.side) == ("split", "")
    assert (found.wins_left, found.wins_right, found.median_difference) == (0, 2, -7)


@pytest.mark.parametrize(
    ("left", "right", "outcome", "side"),
    [
        ((80, 80, 80, 80), (75, 75, 75, 75), "clear", "left"),  # gap 4, median 5
        ((80, 80, 80, 80), (76, 76, 76, 76), "lean", "left"),  # 4 points apart: a win, and no clear one
        ((80, 80, 80, 80), (77, 77, 77, 77), "toss_up", ""),  # 3 points are no win
        ((90, 90, 70, 70), (70, 70, 90, 90), "toss_up", ""),  # two each
        ((90, 90, 70, 70), (70, 70, 75, 70), "toss_up", ""),  # gap 1
        ((60, 60, 59, 59), (59, 59, 59, 59), "clear", "left"),  # 50 points of ship % decide alone
        ((50, 52, 58, 30), (40, 42, 48, 20), "clear", "left"),  # both skipped, one preferred all the same
    ],
)
def test_the_edges_of_the_rule(
    left: tuple[int, ...], right: tuple[int, ...], outcome: str, side: str
) -> None:
    found = counted(bench(*left), bench(*right))
    assert (found.outcome, found.side) == (outcome, side)


def test_a_pick_stands_in_for_the_difference_of_scores() -> None:
    left, right = bench(80, 80, 80, 80), bench(75, 75, 75, 75)
    found = counted(left, right, {"builder": "right", "skeptic": "toss_up"})
    assert (found.wins_left, found.wins_right) == (2, 1)
    assert found.outcome == "toss_up"


def test_the_pick_of_a_reviewer_who_did_not_score_both_counts_nowhere() -> None:
    found = counted(bench(80, 80, 80, None), bench(76, 76, 76, 90), {"founder": "right"})
    assert (found.wins_left, found.wins_right) == (3, 0)
    assert (found.outcome, found.side) == ("lean", "left")


def test_an_abstention_is_in_no_figure_of_the_card() -> None:
    card = tally_card(bench(80, 70, None, 30), shipped(bench(80, 70, None, 30)))
    assert (card.ships, card.skips, card.n, card.score, card.mean) == (2, 1, 3, 70, 60)
    assert card.has_quorum and card.call == "ship"


def test_a_card_nobody_scored_has_no_figures() -> None:
    card = tally_card({}, {})
    assert (card.n, card.score, card.mean, card.ship_share, card.call) == (0, None, None, 0, "none")


def test_a_card_half_shipped_is_split_and_one_mostly_skipped_is_a_skip() -> None:
    assert tally_card(bench(60, 60, 10, 10), shipped(bench(60, 60, 10, 10))).call == "split"
    assert tally_card(bench(60, 10, 10, 10), shipped(bench(60, 10, 10, 10))).call == "skip"


@given(st.lists(st.integers(0, 100), min_size=3, max_size=4))
def test_the_score_of_a_card_is_the_median(given_scores: list[int]) -> None:
    card = tally_card(bench(*given_scores), shipped(bench(*given_scores)))
    assert card.score == median(given_scores)
