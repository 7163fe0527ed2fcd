"""No card can speak from outside its block: a model that obeys all that stands there hears nothing of it."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest

from comparisons.cards.facts import Facts
from panel.brief import brief_pick, brief_review
from panel.personas import Persona, load_personas
from panel.providers import Kind, Question
from panel.reply import UnusableReply, parse_pick, parse_review
from tests.panel.attacks.gullible import Gullible, orders_in, regions
from tests.panel.attacks.payloads import FIELDS, PAYLOADS, Payload, planted

BENCH = load_personas()
KEY = b"a key of this site"
SHAS = "5" * 64, "6" * 64
CALM = Facts(name="Nova", lab="A Lab", category="Code", description="A model.", context_tokens=4096)
each_payload = pytest.mark.parametrize("payload", PAYLOADS, ids=lambda payload: payload.name)
each_kind = pytest.mark.parametrize("kind", ["review", "pick", "swapped"])


def asked(facts: Facts, persona: Persona, kind: str) -> Question:
    if kind == "review":
        return brief_review(persona, facts, SHAS[0], key=KEY)
    shown = (facts, CALM) if kind == "pick" else (CALM, facts)
    return brief_pick(persona, *shown, *SHAS, key=KEY)


def obeys(question: Question) -> list[str]:
    model = Gullible("outside")
    answer = model.asked(question)
    assert (answer is None) == (not model.obeyed)
    return model.obeyed


def test_the_suite_is_as_wide_as_it_claims() -> None:
    assert len(PAYLOADS) >= 45
    assert len({payload.name for payload in PAYLOADS}) == len(PAYLOADS)
    assert len({payload.language for payload in PAYLOADS}) >= 4
    assert len(FIELDS) >= 15


@each_kind
@pytest.mark.parametrize("persona", BENCH, ids=lambda persona: persona.slug)
def test_our_own_orders_are_not_mistaken_for_an_attack(persona: Persona, kind: str) -> None:
    assert obeys(asked(CALM, persona, kind)) == []


@each_kind
@each_payload
def test_no_payload_speaks_from_outside_the_block(payload: Payload, kind: str) -> None:
    hostile = planted(CALM, payload.text, payload.field)
    for persona in BENCH:
        question = asked(hostile, persona, kind)
        assert obeys(question) == []
        assert question.system == asked(CALM, persona, kind).system


@pytest.mark.parametrize(
    "field", [*FIELDS, "price_provider", "knowledge_cutoff", "commercial_use", "price_basis"]
)
@pytest.mark.parametrize(
    "name", ["plain", "fake_marker", "chatml", "mistral_template", "russian", "tag_characters"]
)
def test_no_field_is_a_door(field: str, name: str) -> None:
    payload = next(payload for payload in PAYLOADS if payload.name == name)
    for persona in BENCH:
        assert obeys(asked(planted(CALM, payload.text, field), persona, "review")) == []


@each_payload
def test_a_payload_put_outside_is_obeyed(payload: Payload) -> None:
    """The control: the model that stays quiet above is not deaf to these words."""
    question = asked(CALM, BENCH[0], "review")
    assert obeys(replace(question, user=f"{question.user}\n\n{payload.text}"))
    assert obeys(replace(question, user=f"Description: {payload.text}\n\n{question.user}"))
    assert obeys(replace(question, system=f"{question.system}\n{payload.text}"))


def test_a_block_that_could_be_closed_would_be_left() -> None:
    """The control of the markers: with the angle brackets as they are, the fake end lets the order out."""
    payload = next(payload for payload in PAYLOADS if payload.name == "fake_marker")
    question = asked(planted(CALM, payload.text, "description"), BENCH[0], "review")
    unescaped = re.sub(r'"description": ".*"}', lambda _: f'"description": "{payload.text}"}}', question.user)
    assert unescaped != question.user
    assert obeys(replace(question, user=unescaped))


@each_payload
def test_inside_the_block_stands_one_line_without_brackets_or_hidden_characters(payload: Payload) -> None:
    question = asked(planted(CALM, payload.text, payload.field), BENCH[0], "review")
    outside, inside = regions(question.user)
    assert len(inside) == 1
    assert not re.search(
        r"[<>\[\]\x00-\x1f\u200b-\u200f\u2028-\u202e\u2066-\u2069\U000e0000-\U000e007f]", inside[0]
    )
    assert len(inside[0]) <= 1_500
    assert outside == regions(asked(CALM, BENCH[0], "review").user)[0] or payload.field in {
        "features", "run_command", "run_kind", "modalities_in", "release_date", "identity_note",
    }  # fmt: skip


@pytest.mark.parametrize("kind", ["review", "pick"])
@each_payload
def test_a_payload_handed_on_by_the_model_does_not_come_back_as_our_complaint(
    payload: Payload, kind: Kind
) -> None:
    """A repair call quotes what was wrong, and it does so outside the block."""
    persona = BENCH[0]
    question = asked(CALM, persona, kind)
    parse = parse_review if kind == "review" else parse_pick
    said = payload.text[:5_000]
    for answer in (
        {said: said},
        {"score": said, "verdict": said, "why": said, "choice": said},
        {**dict.fromkeys(question.form.model_fields, said), said: 1},
        {**{key: {said: said} for key in question.form.model_fields}},
        said,
    ):
        text = answer if isinstance(answer, str) else json.dumps(answer)
        try:
            parse(text, persona)
        except UnusableReply as unusable:
            assert obeys(question.repaired(unusable.complaint)) == []
            assert orders_in(unusable.complaint) == []
