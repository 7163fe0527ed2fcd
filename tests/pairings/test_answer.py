"""The answer in one sentence: every outcome, and when to choose the other way."""

from __future__ import annotations

from typing import Any

import pytest

from comparisons.cards.facts import Facts, RunWay
from comparisons.pairings.answer import Answer, Called, answer
from tests.factories.cards import make_facts

NAMES = ("Alpha", "Beta")


def called(**values: Any) -> Called:
    plain: dict[str, Any] = {
        "outcome": "lean", "side": "left", "wins_left": 4, "wins_right": 0, "left_ships": 4, "left_n": 4,
        "right_ships": 3, "right_n": 4, "reviewers": 4, "median_difference": 4.0,
    }  # fmt: skip
    return Called(**{**plain, **values})


def said(verdict: Called | None, left: Facts | None = None, right: Facts | None = None) -> Answer:
    return answer(verdict, left or make_facts(), right or make_facts(), NAMES)


def test_lean() -> None:
    found = said(called())
    assert found.sentence == "Lean Alpha: preferred by 4 of 4 reviewers, by a small margin."
    assert (found.side, found.short) == ("a", "Lean A")


@pytest.mark.parametrize(("middle", "margin"), [(-5.0, "clear"), (-14.5, "clear"), (-15.0, "wide")])
def test_clear_for_the_right_side(middle: float, margin: str) -> None:
    found = said(called(outcome="clear", side="right", wins_left=0, wins_right=3, median_difference=middle))
    assert found.sentence == f"Clearly Beta: preferred by 3 of 4 reviewers, by a {margin} margin."
    assert found.short == "Clearly B"


def test_clear_by_ship_votes_alone_claims_no_preference() -> None:
    found = said(called(outcome="clear", wins_left=2, wins_right=1, right_ships=1, median_difference=1.0))
    assert found.sentence == "Clearly Alpha: 4 of 4 reviewers would ship it, against 1 of 4 for Beta."


def test_the_better_of_two_that_the_panel_would_skip() -> None:
    found = said(called(left_ships=1, right_ships=0))
    assert found.sentence.endswith("by a small margin, though the panel would skip both.")


@pytest.mark.parametrize(
    ("wins", "ships", "sentence"),
    [
        ((0, 0), (4, 4), "Toss-up: no reviewer prefers either; the panel would ship both."),
        ((2, 2), (1, 1), "Toss-up: 2 of 4 reviewers prefer each; the panel would skip both."),
        ((1, 1), (4, 4), "Toss-up: 1 of 4 reviewers prefers each; the panel would ship both."),
        ((1, 0), (4, 2), "Toss-up: 1 of 4 reviewers prefers Alpha, too close to call."),
        ((1, 2), (4, 2), "Toss-up: 2 of 4 reviewers prefer Beta and 1 the other, too close to call."),
    ],
)
def test_toss_up(wins: tuple[int, int], ships: tuple[int, int], sentence: str) -> None:
    verdict = called(
        outcome="toss_up", side="", wins_left=wins[0], wins_right=wins[1], left_ships=ships[0],
        right_ships=ships[1],
    )  # fmt: skip
    found = said(verdict)
    assert found.sentence == sentence
    assert found.short == "Toss-up"


@pytest.mark.parametrize(
    ("ships", "sentence"),
    [
        ((4, 2), "Split decision: scores favor Beta, ship votes favor Alpha."),
        ((2, 4), "Split decision: scores favor Alpha, ship votes favor Beta."),
    ],
)
def test_split(ships: tuple[int, int], sentence: str) -> None:
    verdict = called(outcome="split", side="", left_ships=ships[0], right_ships=ships[1])
    assert said(verdict).sentence == sentence


def test_below_quorum_there_is_no_verdict() -> None:
    found = said(called(outcome="none", side="", left_n=2, left_ships=2, median_difference=None))
    assert found.sentence == "No verdict: fewer than 3 reviewers had facts enough to score both cards."


def test_before_the_panel_spoke() -> None:
    assert said(None).sentence == "Not heard yet: the panel has not compared these two."


@pytest.mark.parametrize(
    ("winner", "loser", "need"),
    [
        ({"commercial_use": "no"}, {"commercial_use": "yes"}, "you need to use it commercially"),
        (
            {"license_class": "proprietary"},
            {"license_class": "permissive", "license": "MIT"},
            "you need a freer license (MIT)",
        ),
        ({"license_class": "proprietary"}, {"license_class": "community"}, "you need a freer license"),
        (
            {"open_weights": False},
            {"run": (RunWay("ollama", "ollama pull beta"),)},
            "you must run it on your own machines",
        ),
        ({}, {"modalities_in": ("text", "image")}, "you need image input"),
        ({}, {"context_tokens": 256_000}, "you need more than 128K tokens of context"),
        (
            {"price_in": 2, "price_out": 8},
            {"price_in": "0.3", "price_out": "0.9"},
            "you want the lower price ($0.30 against $2.00 per 1M tokens in)",
        ),
        (
            {"price_in": 2, "price_out": 8, "commercial_use": "no"},
            {"price_in": 0, "price_out": 0, "commercial_use": "yes", "context_tokens": 1_000_000},
            "you need to use it commercially or need more than 128K tokens of context",
        ),
    ],
)
def test_pick_the_other_one_if(winner: dict[str, Any], loser: dict[str, Any], need: str) -> None:
    found = said(called(), make_facts(**winner), make_facts(**loser))
    assert [(each.side, each.name, each.need) for each in found.unless] == [("b", "Beta", need)]
    assert found.sentence.endswith(f"; pick Beta if {need}.")


@pytest.mark.parametrize(
    ("winner", "loser"),
    [
        ({}, {"context_tokens": 191_999}),  # not half as much again
        ({"context_tokens": None}, {"context_tokens": 1_000_000}),  # unknown is no fault
        ({"modalities_in": ()}, {"modalities_in": ("text", "image")}),
        ({"license_class": "unknown"}, {"license_class": "permissive"}),
        ({"open_weights": None}, {"open_weights": True}),
        ({"price_in": 1, "price_out": 1}, {"price_in": "0.5", "price_out": 2}),  # depends on the work
        ({"price_in": 1, "price_out": None}, {"price_in": "0.1", "price_out": "0.1"}),
        ({"context_tokens": 256_000}, {}),  # the winner's own advantage is no reason to leave it
    ],
)
def test_no_reason_to_pick_the_other_one(winner: dict[str, Any], loser: dict[str, Any]) -> None:
    assert said(called(), make_facts(**winner), make_facts(**loser)).unless == ()


def test_without_a_winner_both_sides_may_have_a_reason() -> None:
    left, right = make_facts(context_tokens=256_000), make_facts(modalities_in=("text", "audio"))
    for verdict in (None, called(outcome="toss_up", side="", wins_left=0)):
        assert [(each.side, each.need) for each in said(verdict, left, right).unless] == [
            ("a", "you need more than 128K tokens of context"),
            ("b", "you need audio input"),
        ]
