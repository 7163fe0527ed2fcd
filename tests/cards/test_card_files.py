"""Card files: what is accepted, how it is cleaned, and the sentence for everything else."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from comparisons.cards.facts import Identity, RunWay
from comparisons.cards.importing.models_dev import Known
from comparisons.cards.importing.read import Reading, read_files
from comparisons.cards.records import CardRecord

LABS = 'labs:\n  - {slug: example-lab, name: Example Lab, url: "https://example.org"}\n'
ALPHA: dict[str, Any] = {"slug": "alpha", "lab": "example-lab", "name": "Alpha", "category": "Code"}
SEEN = {"seen_on": "2026-07-02"}


@pytest.fixture
def read(tmp_path: Path) -> Any:
    """Reads text, bytes or one card's fields as the file cards.yaml."""

    def reading(content: Any = None, **fields: Any) -> Reading:
        path = tmp_path / "cards.yaml"
        if content is None:
            content = LABS + yaml.safe_dump({"cards": [{**ALPHA, **fields}]}, allow_unicode=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return read_files([path], known=Known())

    return reading


def only(reading: Reading) -> CardRecord:
    assert [str(problem) for problem in reading.problems] == []
    (record,) = reading.records
    return record


def card(text: str) -> str:
    """A file with one card whose fields are written as in the file."""
    lines = "".join(f"    {line}\n" for line in text.strip().splitlines())
    return (
        f"{LABS}cards:\n  - slug: alpha\n    lab: example-lab\n    name: Alpha\n    category: Code\n{lines}"
    )


def test_a_full_card(read: Any) -> None:
    record = only(
        read(
            card(
                """
tagline: A code model.
description: |
  First paragraph.

  - a *list*
license: MNPL-0.1
license_class: non_commercial
commercial_use: no
params_total_b: 22
params_active_b: 3.5
context_tokens: 32000
modalities_in: [text, image]
features: [fill-in-the-middle]
programming_languages: 80
open_weights: yes
weights_url: https://example.org/weights
run: [{kind: ollama, command: ollama pull alpha}, {kind: api, note: "pay per token"}]
release_date: 2024-05-29
knowledge_cutoff: 2024-10
claims: ["Writes code."]
identity: {status: not_found, catalogues: [], note: "absence is not proof"}
sources: [{name: models.dev, url: "https://models.dev", seen_on: 2026-07-02, fields: [context_tokens, run]}]
conflicts: [{field: context_tokens, value: 256000, name: models.dev, url: "", seen_on: 2026-07-02}]
offers:
  - {provider: example, model_id: alpha-1, usd_per_mtok_in: 0.1, usd_per_mtok_out: 0.30, first_party: yes,
     seen_on: 2026-07-02}
  - {provider: other, model_id: alpha, usd_per_mtok_in: 0.05, usd_per_mtok_out: 0.1, seen_on: 2026-07-02}
"""
            )
        )
    )
    facts = record.facts
    assert (record.lab_slug, facts.lab, record.lab_url) == (
        "example-lab",
        "Example Lab",
        "https://example.org",
    )
    assert facts.description == "First paragraph.\n\n- a *list*"
    assert (facts.commercial_use, facts.open_weights) == ("no", True)
    assert (facts.release_date, facts.knowledge_cutoff) == ("2024-05-29", "2024-10")
    assert (facts.params_total_b, facts.params_active_b) == (Decimal(22), Decimal("3.5"))
    assert facts.run == (RunWay("ollama", "ollama pull alpha"), RunWay("api", note="pay per token"))
    assert facts.identity == Identity("not_found", (), "absence is not proof")
    # Exact: what YAML calls 0.1 never was a binary fraction.
    assert (facts.price_in, facts.price_out) == (Decimal("0.1"), Decimal("0.3"))
    assert (facts.price_provider, facts.price_basis) == ("example", "first_party")
    assert record.sources["run"] == {
        "name": "models.dev",
        "url": "https://models.dev",
        "seen_on": "2026-07-02",
    }
    assert record.conflicts[0]["value"] == 256000
    assert [offer.provider for offer in record.offers] == ["example", "other"]


@pytest.mark.parametrize(
    ("field", "written", "meant"),
    [
        ("commercial_use", "yes", "yes"), ("commercial_use", "false", "no"),
        ("commercial_use", "'conditional'", "conditional"), ("open_weights", "no", False),
        ("name", "4.10", "4.10"), ("name", "007", "007"), ("name", "1:30", "1:30"), ("name", "no", "no"),
        ("release_date", "2024", "2024"), ("context_tokens", '"32000"', 32000), ("tagline", "", ""),
        ("tagline", "null", ""), ("tagline", "' a\\tb '", "a\\tb"), ("name", '"a\\u202Eb\\u200B\\0c"', "abc"),
        ("name", '"Al\\tpha\\n 2"', "Al pha 2"), ("name", '"e\\u0301"', "é"),
        ("tagline", "1 < 2 and 3 > 2, <3", "1 < 2 and 3 > 2, <3"), ("params_total_b", "0.5", Decimal("0.5")),
        ("params_total_b", "1e2", Decimal(100)), ("params_total_b", "'22'", Decimal(22)),
        ("release_date", "''", ""),
        ("modalities_in", "[]", ()),
    ],
)  # fmt: skip
def test_what_is_meant(read: Any, field: str, written: str, meant: object) -> None:
    text = card(f"{field}: {written}")
    if field == "name":
        text = text.replace("    name: Alpha\n", "")
    assert getattr(only(read(text)).facts, field) == meant


@pytest.mark.parametrize(
    ("field", "written", "sentence"),
    [
        ("context_tokens", "many", "'many' is not a whole number."),
        ("context_tokens", "1.5", "'1.5' is not a whole number."),
        ("context_tokens", "true", "'True' is not a whole number."),
        ("context_tokens", "0", "'0' is less than 1."),
        ("context_tokens", "-5", "'-5' is less than 1."),
        ("context_tokens", "99999999999", "'99999999999' is more than 1,000,000,000."),
        ("context_tokens", "9" * 5000, f"'{'9' * 60}…' is not a whole number."),
        ("context_tokens", "[1]", "'[1]' is not a whole number."),
        ("params_total_b", "-1", "'-1' is less than 0."),
        ("params_total_b", ".nan", "'.nan' is not a number."),
        ("params_total_b", "1e400", "'1E+400' is not less than 1,000,000."),
        ("params_total_b", "0.0001", "'0.0001' has more than 3 decimal places."),
        ("name", '""', "is empty."),
        ("name", '"\\u200B"', "is empty."),
        ("name", "'---'", "'---' holds no letter or digit."),
        ("name", "true", "'True' is not text."),
        ("name", "[a]", "is not text."),
        ("name", "x" * 161, "is longer than 160 characters."),
        ("name", "<b>Alpha</b>", "'<b>Alpha</b>' looks like HTML; plain text is wanted."),
        ("description", "'ok <img src=x onerror=alert(1)'",
         "'<img src=x onerror=a' looks like HTML; plain text is wanted."),
        ("description", '"<\\u200Bscript>"', "'<script>' looks like HTML; plain text is wanted."),
        ("tagline", "x" * 201, "is longer than 200 characters."),
        ("license_class", "free", "'free' is not one of permissive, weak_conditions, non_commercial, "
         "community, proprietary, unknown."),
        ("open_weights", "perhaps", "'perhaps' is not true or false."),
        ("weights_url", "javascript:alert(1)",
         "'javascript:alert(1)' is not an address that starts with https:// or http://."),
        ("weights_url", "https://", "'https://' is not an address that starts with https:// or http://."),
        ("weights_url", "'http://[::1'", "'http://[::1' is not an address that starts with https:// or http://."),
        ("weights_url", "https://user:word@example.org",
         "'https://user:word@example.org' is not an address that starts with https:// or http://."),
        ("release_date", "2024-13", "'2024-13' is not a date like 2026, 2026-07 or 2026-07-02."),
        ("release_date", "2023-02-29", "'2023-02-29' is not a date like 2026, 2026-07 or 2026-07-02."),
        ("release_date", "true", "'True' is not a date like 2026, 2026-07 or 2026-07-02."),
        ("release_date", "[2024]", "'[2024]' is not a date like 2026, 2026-07 or 2026-07-02."),
        ("release_date", "20240529", "'20240529' is not a date like 2026, 2026-07 or 2026-07-02."),
        ("params_total_b", "many", "'many' is not a number."),
        ("weights_url", "'https://a b'", "'https://a b' is not an address that starts with https:// or http://."),
        ("sources", "[{name: x, seen_on: 2026-07-02, fields: [1]}]",
         "'1' is refused: Input should be a valid string."),
        ("conflicts", "[{field: name, value: 1e999, name: x, seen_on: 2026-07-02}]",
         "'1E+999' is not a number that a card could hold."),
        ("offers", "[{provider: x, model_id: y, seen_on: 2026-02-30}]",
         "'2026-02-30' is not a date like 2026-07-02."),
        ("offers", "[{provider: x, model_id: y, seen_on: 20260702}]",
         "'20260702' is not a date like 2026-07-02."),
        ("release_date", "soon", "'soon' is not a date like 2026, 2026-07 or 2026-07-02."),
        ("features", "fast", "'fast' is not a list."),
        ("claims", "[" + ", ".join(["x"] * 41) + "]", "has more than 40 entries."),
        ("run", "[{kind: magic}]", "'magic' is not one of ollama, vllm, llama.cpp, hugging_face, api."),
        ("identity", "found", "'found' is not a mapping."),
        ("colour", "blue", "is not a field that is known here."),
        ("sources", "[{name: x, fields: [name]}]", "is missing."),
        ("sources", "[{name: x, seen_on: 2026-07-02, fields: [colour]}]",
         "'colour' in its fields is not a fact of a card."),
        ("conflicts", "[{field: colour, value: 1, name: x, seen_on: 2026-07-02}]",
         "'colour' is not a fact of a card."),
        ("conflicts", "[{field: name, value: {a: 1}, name: x, seen_on: 2026-07-02}]", "is not text."),
        ("offers", "[{provider: x, model_id: y, usd_per_mtok_in: -1, seen_on: 2026-07-02}]",
         "'-1' is less than 0."),
        ("offers", "[{provider: x, model_id: y, usd_per_mtok_in: 0.0000001, seen_on: 2026-07-02}]",
         "'1E-7' has more than 6 decimal places."),
        ("offers", "[{provider: x, model_id: y, seen_on: yesterday}]",
         "'yesterday' is not a date like 2026-07-02."),
        ("offers", "[{provider: x, model_id: y, seen_on: 2026-07-02}, "
         "{provider: x, model_id: y, seen_on: 2026-07-02}]", "the offer of y by x is there twice."),
    ],
)  # fmt: skip
def test_what_is_refused_and_how_it_is_said(read: Any, field: str, written: str, sentence: str) -> None:
    text = card(f"{field}: {written}")
    if field == "name":
        text = text.replace("    name: Alpha\n", "")
    reading = read(text)
    assert reading.records == []
    assert reading.refused == 1
    (problem,) = reading.problems
    assert (problem.file, problem.record, problem.sentence) == ("cards.yaml", "card alpha", sentence)
    assert problem.field.split(" ")[0] in {field, ""}


def test_the_sentence_names_file_record_and_field(read: Any) -> None:
    assert [str(problem) for problem in read(context_tokens="many").problems] == [
        "cards.yaml, card alpha, context_tokens: 'many' is not a whole number."
    ]
    offers = [{"provider": "x", "model_id": "y", **SEEN}, {"provider": "x", "model_id": "z", "seen_on": 5}]
    assert [str(problem) for problem in read(offers=offers).problems] == [
        "cards.yaml, card alpha, offers 2 seen_on: '5' is not a date like 2026-07-02."
    ]


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("256000", 256000),
        ("0.30", "0.3"),
        ("false", False),
        ("[text, ima\u200bge]", ["text", "image"]),
        ("MIT", "MIT"),
    ],
)
def test_what_another_source_says_is_kept_as_json(read: Any, said: str, kept: object) -> None:
    record = only(read(card(f"conflicts: [{{field: name, value: {said}, name: x, seen_on: 2026-07-02}}]")))
    assert record.conflicts == (
        {"field": "name", "value": kept, "name": "x", "url": "", "seen_on": "2026-07-02"},
    )


@pytest.mark.parametrize("slug", ["Alpha", "a_b", "a--b", "a-vs-b", "-a", "ä", "a b", "../etc"])
def test_slugs_that_no_address_can_carry(read: Any, slug: str) -> None:
    (problem,) = read(slug=slug).problems
    assert (problem.field, "is not a slug" in problem.sentence) == ("slug", True)


def test_a_record_without_a_slug_is_found_by_its_line(read: Any) -> None:
    (problem,) = read(f"{LABS}cards:\n  - lab: example-lab\n    name: Alpha\n    category: Code\n").problems
    assert str(problem) == "cards.yaml, card 1 (line 4), slug: is missing."


def test_one_slip_costs_one_card(read: Any) -> None:
    reading = read(
        LABS
        + yaml.safe_dump(
            {
                "cards": [
                    ALPHA,
                    {**ALPHA, "slug": "beta", "name": ""},
                    {**ALPHA, "slug": "gamma"},
                    "delta",
                    None,
                ]
            }
        )
    )
    assert [record.slug for record in reading.records] == ["alpha", "gamma"]
    assert [str(problem) for problem in reading.problems] == [
        "cards.yaml, card beta, name: is empty.",
        "cards.yaml, card 4: 'delta' is not a mapping.",
        "cards.yaml, card 5: 'None' is not a mapping.",
    ]
    assert reading.refused == 3


def test_a_key_that_is_there_twice_is_refused_however_deep(read: Any) -> None:
    reading = read(
        card("name: Beta\nidentity: {status: found, note: a, note: b}\nrun: [{kind: api, kind: vllm}]")
    )
    assert reading.records == []
    assert [str(problem) for problem in reading.problems] == [
        "cards.yaml, card alpha, name: is there twice.",
        "cards.yaml, card alpha, identity note: is there twice.",
        "cards.yaml, card alpha, run 1 kind: is there twice.",
    ]
    (problem,) = read(f"{LABS}cards: []\ncards: []\n").problems
    assert str(problem) == "cards.yaml, cards: is there twice."


def test_unknown_lab_card_twice_and_labs_that_contradict(read: Any) -> None:
    reading = read(
        LABS
        + "  - {slug: example-lab, name: Other Name}\n"
        + yaml.safe_dump(
            {"cards": [ALPHA, {**ALPHA, "name": "Again"}, {**ALPHA, "slug": "beta", "lab": "nobody"}]}
        )
    )
    assert [record.facts.name for record in reading.records] == ["Alpha"]
    assert [str(problem) for problem in reading.problems] == [
        "cards.yaml, lab example-lab: differs from an earlier entry.",
        "cards.yaml, card alpha, slug: the card is already in cards.yaml.",
        "cards.yaml, card beta, lab: 'nobody' is not a lab of these files or of the site.",
    ]


def test_a_lab_of_the_site_needs_no_second_entry(tmp_path: Path) -> None:
    path = tmp_path / "cards.yaml"
    path.write_text(yaml.safe_dump({"cards": [ALPHA]}))
    (record,) = read_files([path], known=Known(labs={"example-lab": "Known Lab"})).records
    assert record.facts.lab == "Known Lab"


def test_what_stands_beside_labs_and_cards_is_named(read: Any) -> None:
    reading = read(f"{LABS}models: []\ncards: many\n")
    assert [str(problem) for problem in reading.problems] == [
        "cards.yaml, models: is not known here; a card file holds labs and cards.",
        "cards.yaml, cards: is not a list.",
    ]


@pytest.mark.parametrize("start", [b"\xef\xbb\xbf", b"# comment\n", b"%YAML 1.2\n---\n"])
def test_harmless_beginnings(read: Any, start: bytes) -> None:
    only(read(start + card("").encode()))


def test_windows_lines_are_lines(read: Any) -> None:
    assert only(read(card("tagline: fine").replace("\n", "\r\n"))).facts.tagline == "fine"


def test_json_is_read_by_content(tmp_path: Path) -> None:
    path = tmp_path / "cards.json"
    path.write_text('{"labs": [{"slug": "l", "name": "L"}], "cards": [{"slug": "a", "lab": "l", "name": "A",'
                    ' "category": "Code", "params_total_b": 0.1, "params_active_b": NaN}]}')  # fmt: skip
    (problem,) = read_files([path], known=Known()).problems
    assert str(problem) == "cards.json, card a, params_active_b: 'NaN' is not a number."


def test_an_alias_repeats_a_value(read: Any) -> None:
    assert only(read(card("tagline: &words same words\nbest_for: *words"))).facts.best_for == "same words"
