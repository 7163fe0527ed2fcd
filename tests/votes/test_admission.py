"""The one decision: does a vote count, is work asked for, or is it set aside."""

import pytest

from comparisons.votes.admission import Admission, admission

COUNTED, ASK_WORK, SET_ASIDE = Admission.COUNTED, Admission.ASK_WORK, Admission.SET_ASIDE


@pytest.mark.parametrize(
    ("free", "worked", "with_work", "becomes"),
    [
        (True, False, True, COUNTED),
        (True, False, False, COUNTED),  # the second limit is for votes beyond the first
        (True, True, True, COUNTED),
        (True, True, False, COUNTED),
        (False, True, True, COUNTED),
        (False, True, False, COUNTED),  # it was asked for when it was still within the limit
        (False, False, True, ASK_WORK),
        (False, False, False, SET_ASIDE),
    ],
)
def test_what_becomes_of_a_vote(free, worked, with_work, becomes):
    assert admission(free=free, worked=worked, with_work=with_work) is becomes
