"""Money: exact, dated, and never reckoned too low."""

import re
from decimal import Decimal

import pytest

from panel import costs
from panel.costs import PRICE_TABLE, PRICES, Price, cost, is_listed, price, reserve


def test_the_table_has_a_date():
    assert re.fullmatch(r"20\d\d-\d\d-\d\d", PRICE_TABLE)


@pytest.mark.parametrize(
    ("model", "usd"),
    [
        ("mistral-medium-2604", "9.000000"),
        ("mistral-small-2603", "0.750000"),
        ("mistral-large-2512", "2.000000"),
    ],
)
def test_a_million_tokens_each_way_cost_the_listed_prices(model, usd):
    assert cost(1_000_000, 1_000_000, 0, model) == Decimal(usd)


def test_a_fraction_of_the_smallest_amount_counts_as_a_whole_one():
    assert cost(1, 0, 0, "mistral-medium-2604") == Decimal("0.000002")
    assert cost(0, 0, 0, "mistral-medium-2604") == 0


def test_cached_input_is_charged_in_full_where_no_price_is_listed():
    assert cost(1000, 0, 900, "mistral-medium-2604") == cost(1000, 0, 0, "mistral-medium-2604")


def test_cached_input_is_cheaper_where_a_price_is_listed(monkeypatch):
    monkeypatch.setitem(PRICES, "cached-1", Price(Decimal(10), Decimal(20), usd_cached=Decimal(1)))
    assert cost(1_000_000, 0, 400_000, "cached-1") == Decimal("6.4")
    assert cost(1_000_000, 0, 9_000_000, "cached-1") == 1  # more than all cannot be cached


def test_counts_below_zero_earn_nothing():
    assert cost(-5, -5, -5, "mistral-medium-2604") == 0


def test_an_unknown_model_costs_the_dearest_and_says_so():
    unknown = price("gpt-from-elsewhere")
    assert all(
        unknown.usd_in >= known.usd_in and unknown.usd_out >= known.usd_out for known in PRICES.values()
    )
    assert "gpt-from-elsewhere is not in the price table" in unknown.note
    assert price("mistral-medium-2604").note == ""


def test_an_alias_costs_the_dearest_of_its_family():
    alias = price("mistral-medium-latest")
    assert (alias.usd_in, alias.usd_out) == (Decimal("1.5"), Decimal("7.5"))
    assert "alias" in alias.note
    assert price("ministral-8b-latest").usd_out == Decimal("0.1")
    assert "not in the price table" in price("voxtral-latest").note


def test_only_a_name_of_one_model_is_listed():
    assert is_listed("mistral-medium-2604")
    assert not is_listed("mistral-medium-latest")
    assert not is_listed("")


@pytest.mark.parametrize("model", ["mistral-medium-2604", "mistral-medium-latest", "unknown"])
def test_a_reservation_covers_a_token_a_character(model):
    assert reserve(6000, 1400, model) >= cost(6000, 1400, 0, model)
    assert reserve(6000, 1400, model) < cost(7000, 1500, 0, model)


def test_prices_are_exact():
    assert all(isinstance(known.usd_in, Decimal) for known in PRICES.values())
    assert costs.PER_TOKENS == 1_000_000
