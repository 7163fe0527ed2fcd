"""The models.dev format: one card per model, the lab's own price, nothing made up."""

from __future__ import annotations

import json
import os
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from comparisons.cards.importing.models_dev import Known
from comparisons.cards.importing.read import Reading, read_files
from comparisons.cards.importing.reference_price import reference_price
from comparisons.cards.records import CardRecord
from tests.factories.cards import make_offer

SEEN_ON = date(2026, 7, 2)


def entry(name: str = "Alpha", **fields: Any) -> dict[str, Any]:
    return {
        "id": "x", "name": name, "tool_call": True, "reasoning": False, "attachment": True,
        "open_weights": False, "release_date": "2026-01-15", "last_updated": "2026-01-15",
        "cost": {"input": 1, "output": 2}, "limit": {"context": 128000, "output": 8192},
        "modalities": {"input": ["text"], "output": ["text"]}, **fields,
    }  # fmt: skip


def provider(provider_id: str, models: Any, **fields: Any) -> dict[str, Any]:
    return {
        provider_id: {
            "id": provider_id, "name": provider_id.title(), "doc": f"https://{provider_id}.example/docs",
            "env": ["KEY"], "models": models, **fields,
        }
    }  # fmt: skip


@pytest.fixture
def read(tmp_path: Path) -> Any:
    def reading(*providers: dict[str, Any], known: Known | None = None, text: str = "") -> Reading:
        path = tmp_path / "api.json"
        merged = {key: value for one in providers for key, value in one.items()}
        path.write_text(text or json.dumps(merged))
        return read_files([path], known=known or Known(), seen_on=SEEN_ON)

    return reading


def only(reading: Reading) -> CardRecord:
    assert reading.problems == []
    (record,) = reading.records
    return record


def test_reference_price_is_the_labs_own_then_the_cheapest_that_is_not_free() -> None:
    own = make_offer("lab", price_in=3, price_out=9, first_party=True)
    own_cheaper = make_offer("lab-cn", price_in=2, price_out=9, price_cached="0.2", first_party=True)
    free, cheap = make_offer("free", price_in=0, price_out=0), make_offer("cheap", price_in=1, price_out=1)
    half = make_offer("half", price_in="0.1")
    assert reference_price([cheap, own, free]) == {
        "price_in": 3, "price_out": 9, "price_cached": None, "price_provider": "lab",
        "price_basis": "first_party",
    }  # fmt: skip
    assert reference_price([own, own_cheaper])["price_provider"] == "lab-cn"
    assert reference_price([free, cheap, half])["price_provider"] == "cheap"
    assert reference_price([free, cheap])["price_basis"] == "cheapest_offer"
    assert (
        reference_price([make_offer("lab", price_in=0, price_out=0, first_party=True), own])["price_in"] == 3
    )
    assert reference_price([make_offer("lab", price_in=0, price_out=0, first_party=True)])["price_in"] == 0
    assert reference_price([free, half]) == {}


def test_offers_of_one_model_become_one_card_with_the_labs_own_facts(read: Any) -> None:
    record = only(
        read(
            provider("openrouter", {"openai/gpt-5.5": entry("OpenAI: 5.5", cost={"input": 6, "output": 31})}),
            provider("openai", {"gpt-5.5": entry("GPT-5.5", reasoning=True, structured_output=True,
                                                 cost={"input": 5, "output": 30, "cache_read": 0.5},
                                                 limit={"context": 1050000, "output": 128000})}),
            provider("cheap", {"gpt-5-5": entry("gpt 5.5", cost={"input": 0.1, "output": 0.1})}),
        )
    )  # fmt: skip
    facts = record.facts
    assert (record.slug, record.lab_slug, facts.name, facts.lab) == ("gpt-5-5", "openai", "GPT-5.5", "OpenAI")
    assert (facts.price_in, facts.price_out, facts.price_cached) == (5, 30, Decimal("0.5"))
    assert (facts.price_provider, facts.price_basis) == ("openai", "first_party")
    assert (facts.context_tokens, facts.output_tokens) == (1050000, 128000)
    assert facts.features == ("function calling", "reasoning", "structured output")
    assert (facts.tagline, facts.description, facts.identity.catalogues) == ("", "", ("models.dev",))
    assert [(offer.provider, offer.first_party) for offer in record.offers] == [
        ("cheap", False), ("openai", True), ("openrouter", False),
    ]  # fmt: skip
    # What a host serves of the window is its offer, no contradiction.
    assert record.conflicts == ()
    assert record.sources["context_tokens"] == {
        "name": "models.dev", "url": "https://openai.example/docs", "seen_on": "2026-07-02",
    }  # fmt: skip


def test_without_the_lab_the_majority_speaks_and_the_others_are_kept(read: Any) -> None:
    models = {"context": 128000, "output": 8192}
    record = only(
        read(
            provider("a", {"meta-llama/llama-9": entry("Llama 9", limit=models, release_date="2026-02-01")}),
            provider("b", {"llama-9": entry("Llama 9", limit=models, release_date="2026-02")}),
            provider(
                "c", {"llama-9": entry("LLAMA", limit={**models, "context": 131072}, open_weights=True)}
            ),
        )
    )
    assert (record.facts.name, record.facts.context_tokens) == ("Llama 9", 128000)
    assert {(c["field"], c["value"], c["name"]) for c in record.conflicts} == {
        ("context_tokens", 131072, "C, by models.dev"), ("open_weights", True, "C, by models.dev"),
        # Each date is said once, so the first by sort, 2026-01-15, stands.
        ("release_date", "2026-02-01", "A, by models.dev"), ("release_date", "2026-02", "B, by models.dev"),
    }  # fmt: skip


def test_zero_means_unknown_for_windows_and_for_prices_of_subscriptions(read: Any) -> None:
    free = entry(limit={"context": 0, "output": 0}, cost={"input": 0, "output": 0})
    record = only(
        read(
            provider("alibaba-coding-plan", {"qwen9": free}), provider("alibaba", {"qwen9": entry(limit={})})
        )
    )
    assert (record.facts.context_tokens, record.facts.output_tokens) == (None, None)
    assert (record.facts.price_in, record.facts.price_provider) == (1, "alibaba")
    assert record.offers[1].price_in is None


def test_prices_that_were_computed_are_the_ones_that_were_meant(read: Any) -> None:
    cost = {"input": 0.049999999999999996, "output": 0.30000000000000004, "cache_read": 0.08333333333333334}
    record = only(read(provider("openai", {"gpt-9": entry(cost=cost)})))
    assert (record.facts.price_in, record.facts.price_out, record.facts.price_cached) == (
        Decimal("0.05"), Decimal("0.3"), Decimal("0.083333"),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("fields", "place", "sentence"),
    [
        ({"cost": {"input": -1}}, "cost input", "'-1' is less than 0."),
        ({"cost": {"input": "free"}}, "cost input", "'free' is not a number."),
        ({"cost": {"input": float("inf")}}, "cost input", "'Infinity' is not a number."),
        ({"cost": {"input": 10**9}}, "cost input", "'1000000000' is not a price."),
        ({"cost": 5}, "cost", "'5' is not a mapping."),
        ({"limit": {"context": "many"}}, "limit context", "'many' is not a whole number."),
        ({"limit": {"context": -1}}, "limit context", "'-1' is less than 0."),
        ({"limit": {"context": 10**10}}, "limit context", "'10000000000' is no window."),
        ({"open_weights": "yes"}, "open_weights", "'yes' is not true or false."),
        ({"release_date": "2025-25-11"}, "release_date",
         "'2025-25-11' is not a date like 2026, 2026-07 or 2026-07-02."),
        ({"name": "<script>"}, "name", "'<script>' looks like HTML; plain text is wanted."),
        ({"name": ""}, "name", "is empty."),
        ({"modalities": {"input": "text"}}, "modalities input", "'text' is not a list."),
    ],
)  # fmt: skip
def test_a_bad_entry_is_left_out_and_named(read: Any, fields: Any, place: str, sentence: str) -> None:
    reading = read(provider("openai", {"gpt-9": entry(**fields), "gpt-8": entry()}))
    assert [record.slug for record in reading.records] == ["gpt-8"]
    assert [str(problem) for problem in reading.problems] == [f"api.json, openai gpt-9, {place}: {sentence}"]
    assert reading.refused == 1


def test_ids_and_providers_that_cannot_be_meant(read: Any) -> None:
    reading = read(
        provider(
            "openai",
            {"gpt\u0007": entry(), "//": entry(), "x" * 201: entry(), "gpt-9": entry(), "gpt-8": "no"},
        ),
        provider("bad-name", {"gpt-9": entry(), "gpt-8": entry()}, name=""),
        provider("bad-doc", {"gpt-9": entry()}, doc="javascript:alert(1)"),
        provider("bad-models", []),
        provider("p" * 81, {"gpt-9": entry()}),
    )
    assert [record.slug for record in reading.records] == ["gpt-9"]
    assert reading.refused == 4 + 2 + 1 + 1 + 1
    assert [f"{problem.record}, {problem.field}" for problem in reading.problems] == [
        "openai gpt, id", "openai //, id", f"openai {'x' * 60}…, id", "openai gpt-8, ", "bad-name, name",
        "bad-doc, doc", "bad-models, ", f"{'p' * 60}…, ",
    ]  # fmt: skip


def test_keys_that_are_there_twice(read: Any) -> None:
    alpha = json.dumps(entry())
    models = f'{{"gpt-9": {alpha}, "gpt-9": {alpha}, "gpt-8": {alpha[:-1]}, "name": "B"}}}}'
    reading = read(text=f'{{"openai": {{"name": "OpenAI", "models": {models}}}}}')
    assert reading.records == []
    assert [str(problem) for problem in reading.problems] == [
        "api.json, openai gpt-9: is there twice.",
        "api.json, openai gpt-8, name: is there twice.",
    ]


def test_a_lab_of_the_site_is_found_by_slug_or_name(read: Any) -> None:
    file = provider("openai", {"gpt-9": entry()})
    assert only(read(file, known=Known(labs={"openai": "Open AI"}))).facts.lab == "Open AI"
    assert only(read(file, known=Known(labs={"the-lab": "OPENAI"}))).lab_slug == "the-lab"


def test_a_hand_written_card_is_found_by_an_offer_it_lists(read: Any) -> None:
    file = provider("mistral", {"codestral-latest": entry()})
    homes = {("mistral", "codestral-latest"): frozenset({"codestral-22b"})}
    assert only(read(file, known=Known(homes=homes))).slug == "codestral-22b"
    # Its own slug comes first, and an offer that two cards list leads to neither.
    assert only(read(file, known=Known(homes=homes, hand_written=frozenset({"codestral-latest"})))).slug == (
        "codestral-latest"
    )
    both = {("mistral", "codestral-latest"): frozenset({"codestral-22b", "codestral-2-0"})}
    assert only(read(file, known=Known(homes=both))).slug == "codestral-latest"


def test_order_of_providers_decides_nothing(read: Any) -> None:
    parts = [
        provider(name, {"llama-9": entry(name, limit={"context": 1000 * n, "output": 1})})
        for n, name in enumerate("abcd", 1)
    ]
    assert only(read(*parts)) == only(read(*reversed(parts)))


def test_the_day_is_the_files_own_unless_told(tmp_path: Path) -> None:
    path = tmp_path / "api.json"
    path.write_text(json.dumps(provider("openai", {"gpt-9": entry()})))
    noon = datetime(2026, 7, 2, 12, tzinfo=UTC).timestamp()
    os.utime(path, (noon, noon))
    assert read_files([path], known=Known()).records[0].offers[0].seen_on == date(2026, 7, 2)
    later = date(2026, 8, 1)
    assert read_files([path], known=Known(), seen_on=later).records[0].offers[0].seen_on == later
