"""The medians of a verdict in a row of a list: where marks and numbers stand, and when nothing is drawn."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest

from comparisons.reviews.models import Verdict
from comparisons.reviews.scale import scale_svg
from comparisons.templatetags.pieces import median_scale, monogram


def places(svg: str) -> dict[str, tuple[str, str]]:
    """Where the marks stand: A is the circle, B the square."""
    round_, square = (
        re.search(r'<circle[^>]*cx="(.*?)%" cy="(.*?)"', svg),
        re.search(r'<svg x="(.*?)%" y="(.*?)"', svg),
    )
    assert round_
    assert square
    return {"a": (round_[1], round_[2]), "b": (square[1], square[2])}


def numbers(svg: str) -> list[tuple[str, str]]:
    return re.findall(r'text-anchor="(\w+)">([\d.]+)<', svg)


def test_marks_stand_at_the_medians_with_the_numbers_outside():
    svg = scale_svg(Decimal("55.0"), Decimal("78.5"))
    assert places(svg) == {"a": ("55.0", "16"), "b": ("78.5", "16")}
    assert numbers(svg) == [("end", "55"), ("start", "78.5")]
    assert numbers(scale_svg(Decimal(78), Decimal(55))) == [("start", "78"), ("end", "55")]


def test_medians_that_would_cover_each_other_step_apart():
    assert places(scale_svg(Decimal(70), Decimal(70))) == {"a": ("70", "10"), "b": ("70", "22")}
    assert places(scale_svg(Decimal(70), Decimal("79.5")))["b"] == ("79.5", "22")
    assert places(scale_svg(Decimal(70), Decimal(80)))["b"] == ("80", "16")


@pytest.mark.parametrize(
    "columns",
    [
        {"left_score": None, "right_score": Decimal(70)},
        {"left_score": Decimal(70), "right_score": None},
        {"left_score": Decimal(70), "right_score": Decimal(60), "provisional": True},  # two instruments
    ],
)
def test_nothing_is_drawn_where_the_medians_cannot_be_compared(columns):
    assert median_scale(Verdict(**columns)) == ""


def test_a_verdict_draws_its_medians():
    svg = median_scale(Verdict(left_score=Decimal("67.5"), right_score=Decimal(75)))
    assert numbers(svg) == [("end", "67.5"), ("start", "75")]


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("The Builder", "Bu"),
        ("Skeptic", "Sk"),
        ("Mistral AI", "MA"),
        ("The", "Th"),
        ("", "?"),
        ("<b>", "&lt;b"),
    ],
)
def test_a_monogram_is_two_letters_and_no_markup(name, letters):
    assert monogram(name) == f'<span class="monogram" aria-hidden="true">{letters}</span>'
