"""What votes add up to, as pure arithmetic."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comparisons.api.parts import share
from comparisons.templatetags.figures import percent, whole_percent
from comparisons.votes.counts import Community, Counts


@given(st.integers(0, 10**7), st.integers(0, 10**7))
def test_a_percentage_is_off_by_half_a_one_at_most(part, rest):
    n = part + rest
    assert abs(whole_percent(part, n) - (Fraction(100 * part, n) if n else 0)) <= Fraction(1, 2)


def test_equal_counts_have_equal_percentages():
    assert [share.percent for share in Counts(left=1, right=1, both=1).shares] == [33, 33, 33, 0]


def test_the_bar_has_no_gap_and_no_overlap():
    shares = Counts(left=3, right=2, both=1, neither=4).shares
    assert [(share.choice, share.offset, share.count) for share in shares] == [
        ("left", 0, 3),
        ("both", 3, 1),
        ("right", 4, 2),
        ("neither", 6, 4),
    ]


def test_votes_set_aside_are_not_in_n():
    assert Counts(left=1, set_aside=5).n == 1


@pytest.mark.parametrize(
    ("ships", "n", "percent"), [(0, 0, None), (0, 3, 0), (3, 8, 38), (1, 3, 33), (3, 3, 100)]
)
def test_a_share_of_nothing_is_unknown(ships, n, percent):
    assert Community(ships, n).percent == percent


def test_nobody_has_voted_reads_as_zero():
    assert Counts.read(None) == Counts()
    assert Community.read(None) == Community()


def test_a_half_is_rounded_the_same_in_a_sentence_as_in_the_ballot() -> None:
    assert Counts(left=1, neither=7).shares[0].percent == 13
    assert Community(ships=1, n=8).percent == 13
    assert share(1, 8)["percent"] == 13
    assert percent(1, 8) == "13\N{NO-BREAK SPACE}%"
