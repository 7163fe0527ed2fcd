"""Proof of work: what is accepted, once, and what is not."""

from __future__ import annotations

import base64
import json
import time

import pytest
from altcha import Challenge, Payload, solve_challenge
from hypothesis import given
from hypothesis import strategies as st

from comparisons.people.work import LONGEST, VALID_SECONDS, challenge, proves

PURPOSE = "one vote"


@pytest.fixture(autouse=True)
def _quick(settings):
    settings.WORK_HASHES = 50


def solved(asked: dict) -> str:
    """What `static/work.js` sends; that it does is a test in a browser."""
    found = Challenge.from_dict(asked)
    return Payload(found, solve_challenge(found)).to_base64()


def test_a_solved_challenge_counts_once():
    answer = solved(challenge(PURPOSE))
    assert proves(answer, PURPOSE)
    assert not proves(answer, PURPOSE)
    # Nor written another way.
    again = json.loads(base64.b64decode(answer)) | {"more": 1}
    assert not proves(base64.b64encode(json.dumps(again).encode()).decode(), PURPOSE)


def test_it_is_good_for_its_purpose_alone():
    answer = solved(challenge(PURPOSE))
    assert not proves(answer, "another vote")
    assert proves(answer, PURPOSE)


def test_it_ends_after_ten_minutes(monkeypatch):
    asked = challenge(PURPOSE)
    assert asked["parameters"]["expiresAt"] - time.time() == pytest.approx(VALID_SECONDS, abs=2)
    late = solved(challenge(PURPOSE, seconds=-1))
    assert not proves(late, PURPOSE)


def test_a_new_secret_key_ends_it(settings):
    answer = solved(challenge(PURPOSE))
    settings.SECRET_KEY = "another one"
    assert not proves(answer, PURPOSE)


@pytest.mark.parametrize(
    "change",
    [
        lambda told: told["solution"].update(counter=told["solution"]["counter"] + 1),
        lambda told: told["solution"].update(derivedKey="00" * 32),
        lambda told: told["challenge"]["parameters"].update(keyPrefix=""),
        lambda told: told["challenge"]["parameters"].update(expiresAt=4_000_000_000),
        lambda told: told["challenge"]["parameters"].update(cost=0),
        lambda told: told["challenge"].update(signature=""),
        lambda told: told["challenge"].pop("signature"),
        lambda told: told.pop("solution"),
        lambda told: told.update(challenge=None),
    ],
)
def test_nothing_in_it_can_be_changed(change):
    told = json.loads(base64.b64decode(solved(challenge(PURPOSE))))
    change(told)
    assert not proves(base64.b64encode(json.dumps(told).encode()).decode(), PURPOSE)


def test_a_challenge_of_ones_own_is_not_ours():
    own = challenge("something else")
    own["signature"] = "0" * 64
    assert not proves(solved(own), PURPOSE)


@given(st.one_of(st.text(), st.binary().map(lambda raw: base64.b64encode(raw).decode())))
def test_nonsense_proves_nothing(answer):
    assert not proves(answer, PURPOSE)


@pytest.mark.parametrize(
    "inside", ["[]", "null", "1", '"x"', '{"challenge": []}', "[" * 400, '{"challenge":1}']
)
def test_other_json_proves_nothing(inside):
    assert not proves(base64.b64encode(inside.encode()).decode(), PURPOSE)


def test_what_is_too_long_is_not_even_read():
    answer = solved(challenge(PURPOSE))
    assert not proves(answer + "=" * LONGEST, PURPOSE)


def test_without_redis_work_counts_every_time(settings):
    settings.LIMITER_URL = "unix:///nowhere/at/all.sock"
    answer = solved(challenge(PURPOSE))
    assert proves(answer, PURPOSE)
    assert proves(answer, PURPOSE)
