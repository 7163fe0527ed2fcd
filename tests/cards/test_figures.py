"""Figures as readers see them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comparisons.templatetags import figures, pieces


@pytest.mark.parametrize(
    ("amount", "written"),
    [
        ("0.3", "$0.30"),
        ("0.0375", "$0.0375"),
        ("15", "$15.00"),
        ("1200.5", "$1,200.50"),
        ("0", "$0.00"),
        ("30.000000", "$30.00"),
        ("1E+3", "$1,000.00"),
        (None, "unknown"),
    ],
)
def test_dollars(amount: str | None, written: str) -> None:
    assert figures.usd(None if amount is None else Decimal(amount)) == written


@pytest.mark.parametrize(
    ("count", "written"),
    [
        (999, "999"),
        (1_000, "1K"),
        (4_096, "4.1K"),
        (32_768, "32.8K"),
        (128_000, "128K"),
        (131_072, "131K"),
        (999_499, "999K"),
        (999_600, "1M"),
        (1_048_576, "1.05M"),
        (10_000_000, "10M"),
        (None, "unknown"),
    ],
)
def test_tokens(count: int | None, written: str) -> None:
    assert figures.short_tokens(count) == written


def test_tokens_carry_the_exact_number() -> None:
    assert figures.tokens(128_000) == '<data value="128000" title="128,000 tokens">128K</data>'
    assert figures.tokens(None) == "unknown"


@given(st.integers(1_000, 10**10))
def test_a_shortened_window_is_within_half_a_percent(count: int) -> None:
    written = figures.short_tokens(count)
    value = float(written[:-1]) * {"K": 1e3, "M": 1e6}[written[-1]]
    assert abs(value - count) <= count * 0.00501


@pytest.mark.parametrize(
    ("billions", "written"),
    [
        ("141", "141B"),
        ("0.6", "600M"),
        ("0.27", "270M"),
        ("1000", "1T"),
        ("1040", "1.04T"),
        ("8.03", "8.03B"),
        ("22.200", "22.2B"),
        (None, "unknown"),
    ],
)
def test_parameters(billions: str | None, written: str) -> None:
    assert figures.params(None if billions is None else Decimal(billions)) == written


def test_a_share_never_goes_without_its_n() -> None:
    assert figures.percent_n(3, 4) == "75\N{NO-BREAK SPACE}% of 4"
    assert figures.percent_n(0, 0) == "—"
    assert figures.percent_n(750, 1000) == "75\N{NO-BREAK SPACE}% of 1,000"
    assert "n = 1,000<" in pieces.share(750, 1000)
    assert figures.percent(1, 3) == "33\N{NO-BREAK SPACE}%"


@pytest.mark.parametrize(
    ("number", "written"),
    [(4, "+4"), (Decimal("-2.5"), "−2.5"), (0.0, "0"), (Decimal("12.0"), "+12"), (None, "unknown")],
)
def test_differences(number: float | Decimal | None, written: str) -> None:
    assert figures.signed(number) == written


def test_points() -> None:
    assert [figures.points(number) for number in (84.0, Decimal("78.5"), None)] == ["84", "78.5", "unknown"]


@pytest.mark.parametrize(
    ("day", "written"),
    [
        ("2024-05-29", "May 29, 2024"),
        ("2024-05", "May 2024"),
        ("2024", "2024"),
        ("", "unknown"),
        ("soon", "soon"),
        ("2024-13", "2024-13"),
    ],
)
def test_dates_are_as_precise_as_their_source(day: str, written: str) -> None:
    assert figures.partial_date(day) == written


def test_yes_no_and_unknown() -> None:
    assert [figures.yes_no(value) for value in (True, False, None)] == ["yes", "no", "unknown"]


@pytest.mark.parametrize(
    ("day", "written"),
    [
        ("2025-09-02", "Sep 2, 2025"),
        ("2025-09", "Sep 2025"),
        ("2025", "2025"),
        ("", "unknown"),
        ("May 5", "May 5"),
    ],
)
def test_a_date_for_a_narrow_column(day: str, written: str) -> None:
    assert figures.short_date(day) == written


def test_kinds_of_data_are_written_as_one_writes_them() -> None:
    assert figures.modalities(["text", "image", "pdf"]) == ["text", "image", "PDF"]
