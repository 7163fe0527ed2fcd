"""The decision table: two cards in, typed rows out."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from comparisons.cards.facts import Facts, Identity, RunWay
from comparisons.pairings.difference import Cell, Row, Side, compare
from comparisons.pairings.prices import Offered
from tests.factories.cards import make_facts


def row(key: str, left: Side, right: Side) -> Row:
    return next(row for row in compare(left, right).rows if row.key == key)


def side(**facts: Any) -> Side:
    return Side(make_facts(**facts))


def words(cell: Cell) -> list[tuple[str, str]]:
    return [(line.text, line.note) for line in cell.lines]


def offer(provider: str, price_in: str | None, **rest: Any) -> Offered:
    out = None if price_in is None else Decimal(price_in) * 3
    values = {"first_party": False, "seen_on": "2026-07-02", "url": "https://example.org/", **rest}
    return Offered(
        provider, price_in=None if price_in is None else Decimal(price_in), price_out=out, **values
    )


def test_equal_facts_do_not_differ_and_unequal_ones_do() -> None:
    left, right = side(category="Code", license="MIT"), side(category="Code", license="Apache-2.0")
    assert not row("category", left, right).differs
    assert row("license", left, right).differs


def test_what_one_side_does_not_tell_is_unknown_and_no_difference() -> None:
    found = row("license", side(license="MIT"), side(license=""))
    assert found.right.unknown
    assert not found.left.unknown
    assert not found.differs
    assert found.missing == "unknown"


@pytest.mark.parametrize(
    ("other", "differs"),
    [(131_072, False), (128_000, False), (134_400, False), (134_401, True), (256_000, True)],
)
def test_two_spellings_of_one_window_are_one_window(other: int, differs: bool) -> None:
    assert row("context", side(context_tokens=128_000), side(context_tokens=other)).differs is differs
    assert row("context", side(context_tokens=other), side(context_tokens=128_000)).differs is differs


def test_a_window_is_said_short_and_exactly() -> None:
    assert words(row("context", side(context_tokens=131_072), side()).left) == [("131K tokens", "131,072")]


def test_rows_few_cards_can_fill_are_left_out_when_nobody_fills_them() -> None:
    keys = [row.key for row in compare(side(), side()).rows]
    assert "architecture" not in keys
    assert "local" in keys
    keys = [row.key for row in compare(side(), side(architecture="dense")).rows]
    assert "architecture" in keys


def test_every_offer_has_its_unit_provider_and_date() -> None:
    offers = (offer("Example", "0.30", first_party=True), offer("Reseller", "0.2"), offer("Silent", None))
    found = row("price", Side(make_facts(entry_price="free tier"), offers), side())
    assert words(found.left) == [
        ("Free tier", "entry price"),
        ("$0.30 in / $0.90 out per 1M tokens", "Example (its maker), July 2, 2026"),
        ("$0.20 in / $0.60 out per 1M tokens", "Reseller, July 2, 2026"),
    ]
    assert found.right.unknown


def test_without_offers_the_cards_own_price_and_words_stand() -> None:
    facts = make_facts(price_in="2", price_out="8", price_provider="Example", pricing_note="Batch is half.")
    assert words(row("price", Side(facts), side()).left) == [
        ("$2.00 in / $8.00 out per 1M tokens", "Example"),
        ("", "Batch is half."),
    ]


def test_nothing_to_pay_is_free_and_not_unknown() -> None:
    found = row("price", Side(make_facts(), (offer("Example", "0"),)), side())
    assert words(found.left) == [("Free", "Example, July 2, 2026")]


def test_a_long_tail_of_offers_is_folded() -> None:
    cell = row("price", Side(make_facts(), tuple(offer(f"P{at}", f"{at}") for at in range(9))), side()).left
    assert (len(cell.lines), len(cell.more)) == (4, 5)


def test_who_asks_the_same_by_the_same_source_stands_in_one_line() -> None:
    offers = (
        offer("Maker", "1", first_party=True),
        offer("Cloud", "1"),
        offer("Dear", "2"),
        offer("Later", "1", seen_on="2026-08-01"),
        offer("Elsewhere", "1", url="https://other.example/"),
        offer("Silent", None),
    )
    lines = row("price", Side(make_facts(), offers), side()).left.lines
    assert [(line.text, line.note) for line in lines] == [
        ("$1.00 in / $3.00 out per 1M tokens", "Maker (its maker), Cloud, July 2, 2026"),
        ("$2.00 in / $6.00 out per 1M tokens", "Dear, July 2, 2026"),
        ("$1.00 in / $3.00 out per 1M tokens", "Later, August 1, 2026"),
        ("$1.00 in / $3.00 out per 1M tokens", "Elsewhere, July 2, 2026"),
    ]


def test_a_source_that_says_yes_or_no_says_to_what() -> None:
    source = {"field": "open_weights", "value": True, "name": "S", "url": "https://s.example/"}
    told = Side(make_facts(open_weights=False), conflicts=[source])
    assert [value for value, _ in row("local", told, side()).left.others] == ["open weights: yes"]


@pytest.mark.parametrize(
    ("key", "field", "value", "said"),
    [
        ("parameters", "params_total_b", 200, "200B total"),
        ("parameters", "params_active_b", "3.5", "3.5B active"),
        ("parameters", "params_total_b", "about 200", "about 200"),
        ("output", "output_tokens", 131_072, "131,072 tokens"),
        ("price", "price_out", "0.3", "$0.30 out per 1M tokens"),
        ("commercial", "commercial_use", "no", "not allowed"),
        ("commercial", "commercial_use", "on request", "on request"),
        ("license", "license_class", "weak_conditions", "open with conditions"),
        ("license", "license", "Modified MIT", "Modified MIT"),
        ("released", "release_date", "2025-12-08", "December 8, 2025"),
        ("released", "release_date", "2025-²", "2025-²"),
        ("cutoff", "knowledge_cutoff", "2024-10", "October 2024"),
        ("languages", "programming_languages", 1200, "1,200"),
    ],
)
def test_what_another_source_says_is_worded_as_its_row_is(
    key: str, field: str, value: object, said: str
) -> None:
    facts = make_facts(knowledge_cutoff="2024-12", programming_languages=80)
    told = Side(facts, conflicts=[{"field": field, "value": value, "name": "S"}])
    assert [value for value, _ in row(key, told, side()).left.others] == [said]


def test_an_offer_links_only_to_the_web() -> None:
    bad = (offer("Example", "1", url="javascript:alert(1)"),)
    assert row("price", Side(make_facts(), bad), side()).left.lines[0].url == ""


def test_parameters_say_total_and_active() -> None:
    found = row("parameters", side(params_total_b="141", params_active_b="39"), side(params_total_b="0.6"))
    assert words(found.left) == [("141B total, 39B active", "")]
    assert words(found.right) == [("600M total", "")]


def test_running_locally_gives_commands_first_and_hardware_last() -> None:
    ways = (RunWay("vllm"), RunWay("ollama", "ollama pull alpha"), RunWay("api"))
    cell = row("local", side(run=ways, hardware_note="One large GPU."), side()).left
    assert [(line.text, line.command, line.note) for line in cell.lines] == [
        ("Ollama", "ollama pull alpha", ""),
        ("vLLM", "", ""),
        ("", "", "One large GPU."),
    ]


@pytest.mark.parametrize(
    ("open_weights", "said"),
    [(True, ["weights can be downloaded"]), (False, ["no: hosted only"]), (None, [])],
)
def test_without_a_runner_the_weights_decide(open_weights: bool | None, said: list[str]) -> None:
    assert [line.text for line in row("local", side(open_weights=open_weights), side()).left.lines] == said


def test_modalities_flow_from_in_to_out() -> None:
    found = row(
        "modalities", side(modalities_in=("text", "image")), side(modalities_in=(), modalities_out=("text",))
    )
    assert words(found.left) == [("text, image → text", "")]
    assert words(found.right) == [("text", "")]


def test_a_license_is_not_said_twice() -> None:
    found = row(
        "license",
        side(license="Proprietary", license_class="proprietary"),
        side(license="MIT", license_class="permissive"),
    )
    assert words(found.left) == [("Proprietary", "")]
    assert words(found.right) == [("MIT", "permissive")]


def test_panel_and_community_have_words_of_their_own_for_nothing() -> None:
    told = Side(make_facts(), panel="Ship · 4 ship / 0 skip", community=(3, 4))
    assert words(row("panel", told, side()).left) == [("Ship · 4 ship / 0 skip", "")]
    assert row("panel", told, side()).missing == "no verdict"
    assert row("community", told, side()).missing == "no votes yet"
    assert "75" in row("community", told, side()).left.lines[0].text


def test_sources_are_numbered_once_whoever_cites_them() -> None:
    source = {"name": "models.dev", "url": "https://models.dev", "seen_on": "2026-07-02"}
    other = {"name": "the maker", "url": "ftp://example.org", "seen_on": ""}
    left = Side(make_facts(license="MIT"), sources={"license": source, "context_tokens": other})
    right = Side(make_facts(license="MIT"), sources={"license": source})
    table = compare(left, right)
    assert [(each.number, each.name, each.url, each.seen_on) for each in table.sources] == [
        (1, "models.dev", "https://models.dev", "July 2, 2026"),
        (2, "the maker", "", ""),
    ]
    assert row("license", left, right).left.sources == row("license", left, right).right.sources


def test_sources_that_disagree_are_both_shown() -> None:
    conflict = {"field": "context_tokens", "value": 256_000, "name": "models.dev", "seen_on": "2026-07-02"}
    named = {"field": "modalities_in", "value": ["text", "image"], "name": "models.dev"}
    told = Side(make_facts(), conflicts=[conflict, named, {"field": "license", "value": "MIT"}])
    assert [(said, source.name) for said, source in row("context", told, side()).left.others] == [
        ("256,000 tokens", "models.dev")
    ]
    assert row("modalities", told, side()).left.others[0][0] == "text, image"
    assert row("license", told, side()).left.others == ()  # nobody is named as saying so


def test_the_table_counts_what_differs() -> None:
    table = compare(side(category="Code"), side(category="General"))
    assert table.differing == 1
    assert [row.key for row in table.rows if row.differs] == ["category"]


def test_identity_is_said_in_words() -> None:
    found = row("identity", side(identity=Identity("not_found", note="Absence is not proof.")), side())
    assert words(found.left) == [("not found in public catalogs", "Absence is not proof.")]
    assert found.differs


def test_nothing_known_at_all_still_makes_a_table() -> None:
    bare = Side(Facts(name="Bare", lab="Nobody", category=""))
    assert {row.key for row in compare(bare, bare).rows if not row.left.unknown} == {"identity"}
