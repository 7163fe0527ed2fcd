import pytest
from hypothesis import given
from hypothesis import strategies as st

from panel.schedule import (
    LONGEST_OBEYED_WAIT,
    cache_key,
    choice_of,
    judge_key,
    merged_choice,
    wait_after,
)

QUESTION = {
    "kind": "pick",
    "persona_sha": "p",
    "schema_sha": "s",
    "snapshot_shas": ["a", "b"],
    "judge": {"kind": "mistral", "seed": 1},
    "sample": 0,
    "sanitiser_version": "1",
}


def test_the_same_question_has_the_same_key_whatever_the_order_of_settings():
    turned = {**QUESTION, "judge": {"seed": 1, "kind": "mistral"}}
    assert cache_key(**QUESTION) == cache_key(**turned)


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "review"},
        {"persona_sha": "q"},
        {"schema_sha": "t"},
        {"snapshot_shas": ["b", "a"]},
        {"judge": {"kind": "mistral", "seed": 2}},
        {"sample": 1},
        {"sanitiser_version": "2"},
    ],
)
def test_anything_that_changes_the_question_changes_the_key(change):
    assert cache_key(**QUESTION) != cache_key(**{**QUESTION, **change})


def test_a_judge_is_its_settings():
    assert judge_key({"model": "m", "seed": 1}) == judge_key({"seed": 1, "model": "m"})
    assert judge_key({"model": "m", "seed": 1}) != judge_key({"model": "m", "seed": 2})


def test_each_failure_waits_longer():
    assert wait_after(1, retry_after=None) < wait_after(2, retry_after=None) < wait_after(3, retry_after=None)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_what_a_provider_asks_for_is_obeyed_within_bounds(asked):
    waited = wait_after(1, retry_after=asked)
    assert 0 <= waited <= LONGEST_OBEYED_WAIT
    if 0 <= asked <= LONGEST_OBEYED_WAIT:
        assert waited == asked


@pytest.mark.parametrize(
    ("shown", "swapped", "meant"),
    [
        ("A", False, "left"),
        ("B", False, "right"),
        ("A", True, "right"),
        ("B", True, "left"),
        ("toss-up", False, "toss_up"),
        ("toss-up", True, "toss_up"),
    ],
)
def test_a_choice_means_the_card_however_the_two_were_shown(shown, swapped, meant):
    assert choice_of(shown, swapped=swapped) == meant


@pytest.mark.parametrize(
    ("orders", "outcome"),
    [
        (["left"], ("left", False)),
        (["left", "left"], ("left", False)),
        (["left", "right"], ("toss_up", True)),
        (["left", "toss_up"], ("toss_up", False)),
        (["toss_up", "toss_up"], ("toss_up", False)),
    ],
)
def test_two_orders_that_disagree_are_a_toss_up(orders, outcome):
    assert merged_choice(orders) == outcome
