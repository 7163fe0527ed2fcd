"""The rubric: deterministic, monotone, honest about gaps, and able to tell models apart."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from statistics import pstdev
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comparisons import cards
from comparisons.cards.facts import Facts, Identity, RunWay
from comparisons.cards.importing.models_dev import Known
from comparisons.cards.importing.read import read_files
from comparisons.reviews.tally import QUORUM
from panel import rubric
from panel.personas import Persona, load_personas, parse_persona
from panel.reply import SHIP_FROM, parse_pick, parse_rubric_review
from tests.panel.test_personas import MINIMAL

BENCH = load_personas()
BY_SLUG = {persona.slug: persona for persona in BENCH}
each_persona = pytest.mark.parametrize("persona", BENCH, ids=lambda persona: persona.slug)

LICENSES_FROM_FREEST = ("permissive", "weak_conditions", "community", "non_commercial")
USES_FROM_FREEST = ("yes", "conditional", "no")
maybe_price = st.one_of(st.none(), st.decimals(0, 100, places=3))
dates = st.sampled_from(["", "2023", "2024-07", "2025-05-01", "2025-11", "2026-03-01", "2026-06-30"])
some_facts = st.builds(
    Facts,
    name=st.sampled_from(["Alpha", "Beta 2", "Gamma-7B", "<b>Delta</b>", "{name}"]),
    lab=st.sampled_from(["North", "South Labs"]),
    category=st.sampled_from(["Code", "Frontier", ""]),
    license=st.sampled_from(["", "Apache-2.0", "Some License 2.0"]),
    license_class=st.sampled_from([*LICENSES_FROM_FREEST, "proprietary", "unknown"]),
    commercial_use=st.sampled_from([*USES_FROM_FREEST, "unknown"]),
    params_total_b=st.one_of(st.none(), st.decimals("0.5", 2000, places=1)),
    params_active_b=st.one_of(st.none(), st.decimals("0.5", 100, places=1)),
    architecture=st.sampled_from(["", "dense transformer", "sparse mixture of experts"]),
    context_tokens=st.one_of(st.none(), st.integers(1000, 4_000_000)),
    output_tokens=st.one_of(st.none(), st.integers(1000, 400_000)),
    modalities_in=st.sampled_from([(), ("text",), ("text", "image"), ("text", "image", "audio", "pdf")]),
    features=st.sampled_from(
        [(), ("function calling",), ("reasoning", "function calling"), ("fill-in-the-middle",)]
    ),
    programming_languages=st.sampled_from([None, 80]),
    open_weights=st.sampled_from([None, True, False]),
    run=st.sampled_from([(), (RunWay("api"),), (RunWay("ollama", "ollama pull x"), RunWay("vllm"))]),
    entry_price=st.sampled_from(["", "free", "$3 per 1M input tokens"]),
    price_in=maybe_price,
    price_out=maybe_price,
    price_basis=st.sampled_from([None, "first_party", "cheapest_offer"]),
    release_date=dates,
    knowledge_cutoff=dates,
    claims=st.sampled_from([(), ("beats everything",)]),
    identity=st.sampled_from([Identity(status) for status in ("found", "near", "not_found", "conflicting")]),
)


def points(persona: Persona, facts: Facts) -> int:
    """The score before abstaining: what the rules give."""
    reply = rubric.review(replace(persona, needs=()), facts)
    return int(reply["score"])


@each_persona
@settings(deadline=None)
@given(facts=some_facts)
def test_a_review_is_a_valid_reply_that_always_comes_out_the_same(persona: Persona, facts: Facts) -> None:
    record = rubric.review(persona, facts)
    assert record == rubric.review(persona, facts)
    reply = parse_rubric_review(json.dumps(record), persona)
    assert reply.flagged == ""
    assert reply.paragraph == record["paragraph"]
    if reply.score is None:
        assert persona.lacks(facts)
        assert reply.points == []
        return
    assert reply.ship == (reply.score >= SHIP_FROM)
    assert sum(row["points"] for row in reply.points) == reply.score
    assert len({row["fact"] for row in reply.points}) == len(reply.points)
    assert 60 <= len(reply.paragraph.split()) <= 180
    assert "{missing}" not in reply.paragraph
    assert "None" not in reply.paragraph


@each_persona
@settings(deadline=None)
@given(facts=some_facts)
def test_a_freer_license_never_lowers_the_score(persona: Persona, facts: Facts) -> None:
    by_license = [points(persona, replace(facts, license_class=one)) for one in LICENSES_FROM_FREEST]
    by_use = [points(persona, replace(facts, commercial_use=one)) for one in USES_FROM_FREEST]
    for freer, other in (*pairwise(by_license), *pairwise(by_use)):
        assert freer >= other
    assert by_license[2] >= points(persona, replace(facts, license_class="proprietary"))


@each_persona
@settings(deadline=None)
@given(facts=some_facts, one=st.decimals(0, 200, places=3), two=st.decimals(0, 200, places=3))
def test_a_lower_price_never_lowers_the_score(
    persona: Persona, facts: Facts, one: Decimal, two: Decimal
) -> None:
    low, high = sorted((one, two))
    assert points(persona, replace(facts, price_in=low)) >= points(persona, replace(facts, price_in=high))
    assert points(persona, replace(facts, price_out=low)) >= points(persona, replace(facts, price_out=high))


@each_persona
@settings(deadline=None)
@given(facts=some_facts, one=st.integers(1, 5_000_000), two=st.integers(1, 5_000_000))
def test_a_larger_window_never_lowers_the_score(persona: Persona, facts: Facts, one: int, two: int) -> None:
    small, large = sorted((one, two))
    assert points(persona, replace(facts, context_tokens=large)) >= points(
        persona, replace(facts, context_tokens=small)
    )
    assert points(persona, replace(facts, output_tokens=large)) >= points(
        persona, replace(facts, output_tokens=small)
    )


@each_persona
@settings(deadline=None)
@given(facts=some_facts, words=st.text(max_size=60))
def test_free_text_earns_no_points(persona: Persona, facts: Facts, words: str) -> None:
    loud = replace(facts, tagline=words, description=words, pricing_note=words, hardware_note=words)
    assert points(persona, loud) == points(persona, facts)


@each_persona
@settings(deadline=None)
@given(first=some_facts, second=some_facts)
def test_a_pick_does_not_depend_on_the_order(persona: Persona, first: Facts, second: Facts) -> None:
    one, other = rubric.pick(persona, first, second), rubric.pick(persona, second, first)
    assert one["why"] == other["why"]
    assert {"A": "B", "B": "A"}.get(one["choice"], "toss-up") == other["choice"]
    assert parse_pick(json.dumps(one), persona).why == one["why"]
    scores = [rubric.review(persona, facts)["score"] for facts in (first, second)]
    if None in scores:
        assert one["choice"] == "toss-up"
    else:
        lead = scores[0] - scores[1]
        assert one["choice"] == ("toss-up" if abs(lead) <= 3 else "A" if lead > 0 else "B")


@each_persona
@settings(deadline=None)
@given(first=some_facts, second=some_facts)
def test_score_and_choice_alone_are_those_of_the_whole_answer(
    persona: Persona, first: Facts, second: Facts
) -> None:
    assert rubric.score(persona, first) == rubric.review(persona, first)["score"]
    assert rubric.choice(persona, first, second) == rubric.pick(persona, first, second)["choice"]


def test_a_pick_names_the_facts_that_made_the_difference() -> None:
    free = Facts("Free", "L", "Code", license="MIT", license_class="permissive", context_tokens=200_000)
    shut = replace(free, name="Shut", license="", license_class="proprietary", context_tokens=1_000_000)
    why = rubric.pick(BY_SLUG["skeptic"], free, shut)["why"]
    assert "For Free: license, MIT (permissive) against proprietary (16 points)." in why


@each_persona
def test_a_thin_card_is_not_scored(persona: Persona) -> None:
    nothing = Facts("Mystery", "Unknown Lab", "")
    reply = rubric.review(persona, nothing)
    assert (reply["score"], reply["verdict"], reply["points"]) == (None, "skip", [])
    assert "Mystery" in reply["paragraph"]


@each_persona
def test_unknown_facts_are_named_and_lower_the_confidence(persona: Persona) -> None:
    full = BENCHMARK
    thin = Facts("Thin", "L", "Code", license_class="permissive", context_tokens=200_000)
    assert "confidence" not in rubric.review(persona, full)["paragraph"].lower()
    record = rubric.review(persona, thin)
    rows = [row["because"] for row in record["points"]]
    unknown = [row.removesuffix(": unknown") for row in rows if row.endswith(": unknown")]
    assert unknown[0] in record["paragraph"]
    assert re.search(r"confidence (is )?low|low[ -]confidence", record["paragraph"], re.IGNORECASE)


def test_a_name_in_no_catalogue_costs_points_with_the_skeptic() -> None:
    skeptic = BY_SLUG["skeptic"]
    scores = [
        points(skeptic, replace(BENCHMARK, identity=Identity(s))) for s in ("found", "near", "not_found")
    ]
    assert scores == sorted(scores, reverse=True)
    assert scores[0] - scores[2] >= 10
    rows = rubric.review(skeptic, replace(BENCHMARK, identity=Identity("not_found")))["points"]
    (row,) = [row for row in rows if row["fact"] == "identity"]
    assert row["because"] == "identity: not found in public catalogs"
    assert row["points"] < 0


@pytest.fixture(scope="module")
def starter() -> dict[str, Facts]:
    """The catalogue a new site begins with."""
    files = sorted(Path(cards.__file__).parent.glob("starter/0*.yaml"))
    return {record.slug: record.facts for record in read_files(files, known=Known()).records}


@each_persona
def test_over_the_starter_catalogue_it_tells_models_apart(
    persona: Persona, starter: dict[str, Facts]
) -> None:
    scores = [
        score for facts in starter.values() if (score := rubric.review(persona, facts)["score"]) is not None
    ]
    assert len(scores) >= len(starter) - 5
    assert 0.3 <= sum(score >= SHIP_FROM for score in scores) / len(scores) <= 0.8
    assert pstdev(scores) >= 12


def test_over_the_starter_catalogue_the_reviewers_disagree(starter: dict[str, Facts]) -> None:
    bench = [[rubric.review(persona, facts)["score"] or 0 for persona in BENCH] for facts in starter.values()]
    split = [scores for scores in bench if 0 < sum(score >= SHIP_FROM for score in scores) < len(BENCH)]
    assert len(split) >= len(bench) / 4
    assert len({tuple(scores) for scores in bench}) >= len(bench) * 0.95


def test_every_starter_card_reaches_the_quorum(starter: dict[str, Facts]) -> None:
    for slug, facts in starter.items():
        assert sum(not persona.lacks(facts) for persona in BENCH) >= QUORUM, slug


def test_paragraphs_of_the_starter_catalogue_do_not_repeat_each_other(starter: dict[str, Facts]) -> None:
    for persona in BENCH:
        told = [rubric.review(persona, facts)["paragraph"] for facts in starter.values()]
        assert len(set(told)) == len(told)
        sentences = Counter(
            sentence for paragraph in told for sentence in set(re.split(r"(?<=[.!?]) ", paragraph))
        )
        assert sentences.most_common(1)[0][1] <= len(told) / 3


BENCHMARK = Facts(
    name="Everything Known",
    lab="L",
    category="Code",
    license="Apache-2.0",
    license_class="permissive",
    commercial_use="yes",
    params_total_b=Decimal(30),
    params_active_b=Decimal(3),
    context_tokens=262_144,
    output_tokens=65_536,
    modalities_in=("text", "image"),
    features=("function calling", "structured output", "reasoning"),
    open_weights=True,
    run=(RunWay("ollama", "ollama pull x"), RunWay("vllm"), RunWay("api")),
    entry_price="free",
    price_in=Decimal("0.2"),
    price_out=Decimal("0.8"),
    price_basis="first_party",
    release_date="2026-03-01",
    knowledge_cutoff="2025-09",
)


def test_a_sentence_is_used_only_when_every_fact_in_it_is_known() -> None:
    auditor = parse_persona(MINIMAL)
    one_price = Facts("X", "Y", "Z", price_out=Decimal("0.5"))
    assert "Cheap at" not in rubric.review(auditor, one_price)["paragraph"]
    both = replace(one_price, price_in=Decimal("0.5"))
    assert "Cheap at $0.50." in rubric.review(auditor, both)["paragraph"]


def test_another_persona_with_few_words_still_reviews_and_abstains() -> None:
    auditor = parse_persona(MINIMAL)
    assert rubric.review(auditor, Facts("X", "Y", "Z"))["paragraph"] == "No opinion without price or license."
    reply = rubric.review(auditor, Facts("X", "Y", "Z", price_in=Decimal(1), open_weights=True))
    assert (reply["score"], reply["mood"]) == (75, "good")
    assert reply["points"][1:] == [
        {"fact": "price", "points": 20, "because": "price: $1 per million tokens"},
        {"fact": "local", "points": 5, "because": "running it yourself: yes"},
    ]


def test_hostile_names_reach_no_sentence_alive() -> None:
    hostile = replace(
        BENCHMARK, name="<img src=x>{lab}[x](https://evil.example)", lab="{0.__class__}", license="MIT <b>"
    )
    for persona in BENCH:
        record: dict[str, Any] = rubric.review(persona, hostile)
        told = json.dumps(record) + rubric.pick(persona, hostile, BENCHMARK)["why"]
        assert "<img" not in told
        assert "evil.example" not in told
        assert "<b>" not in told
