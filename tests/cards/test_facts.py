"""Facts keep their meaning through JSON, and one meaning has one hash."""

from __future__ import annotations

import json
from dataclasses import fields
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comparisons.cards.facts import Facts, Identity, RunWay, canonical_json
from tests.factories.cards import make_facts

words = st.text(max_size=30)
amounts = st.none() | st.decimals(min_value=0, max_value=10**5, places=6)
counts = st.none() | st.integers(1, 10**9)
lists = st.lists(st.text(min_size=1, max_size=20), max_size=4).map(tuple)
anything = st.builds(
    Facts,
    name=st.text(min_size=1, max_size=30), lab=st.text(min_size=1, max_size=30),
    category=st.text(min_size=1, max_size=30), tagline=words, description=words, best_for=words,
    license=words, license_class=st.sampled_from(["permissive", "proprietary", "unknown"]),
    commercial_use=st.sampled_from(["yes", "no", "conditional", "unknown"]),
    params_total_b=amounts, params_active_b=amounts, architecture=words, context_tokens=counts,
    output_tokens=counts, modalities_in=lists, modalities_out=lists, features=lists,
    programming_languages=counts, open_weights=st.none() | st.booleans(), weights_url=words,
    run=st.lists(
        st.builds(RunWay, kind=st.sampled_from(["ollama", "api"]), command=words, note=words), max_size=3
    ).map(tuple),
    entry_price=words, pricing_note=words, price_in=amounts, price_out=amounts, price_cached=amounts,
    price_provider=words, price_basis=st.none() | st.sampled_from(["first_party", "cheapest_offer"]),
    hardware_note=words, release_date=words, knowledge_cutoff=words, claims=lists,
    identity=st.builds(
        Identity, status=st.sampled_from(["found", "near", "not_found", "conflicting"]), catalogues=lists,
        note=words,
    ),
)  # fmt: skip


@given(anything)
def test_facts_survive_their_record(facts: Facts) -> None:
    through_json = json.loads(canonical_json(facts.canonical()))
    again = Facts.from_canonical(through_json)
    assert again == facts
    assert again.sha256 == facts.sha256


@given(anything, anything)
def test_one_hash_for_one_meaning(one: Facts, other: Facts) -> None:
    assert (one.sha256 == other.sha256) == (one == other)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("open_weights", False), ("price_in", Decimal(0)), ("context_tokens", 1), ("claims", ("fast",)),
        ("identity", Identity("not_found")), ("run", (RunWay("ollama", "ollama pull alpha"),)),
    ],
)  # fmt: skip
def test_every_known_fact_changes_the_hash(field: str, value: Any) -> None:
    assert make_facts(**{field: value}).sha256 != make_facts().sha256


@pytest.mark.parametrize("spelling", ["0.3", "0.30", "0.300000", "3E-1"])
def test_one_price_has_one_hash_however_it_is_written(spelling: str) -> None:
    assert make_facts(price_in=spelling).canonical()["price_in"] == "0.3"
    assert make_facts(price_in=spelling).sha256 == make_facts(price_in="0.3").sha256


def test_unknown_facts_leave_no_trace_so_that_a_new_field_changes_no_old_hash() -> None:
    record = Facts(name="Alpha", lab="Example Lab", category="General").canonical()
    assert set(record) == {"name", "lab", "category", "license_class", "commercial_use"}


def test_a_field_of_a_later_version_is_passed_over() -> None:
    record = {**make_facts().canonical(), "smell": "of roses"}
    assert Facts.from_canonical(record) == make_facts()


def test_runs_locally_means_weights_or_a_command() -> None:
    assert make_facts(open_weights=True).runs_locally
    assert make_facts(run=(RunWay("ollama", "ollama pull alpha"),)).runs_locally
    assert not make_facts(open_weights=False, run=(RunWay("api"),)).runs_locally
    assert make_facts(run=(RunWay("api"), RunWay("vllm"))).ways("vllm") == (RunWay("vllm"),)


def test_no_field_is_forgotten_here() -> None:
    assert {field.name for field in fields(Facts)} == set(anything.wrapped_strategy.kwargs)  # type: ignore[attr-defined]
