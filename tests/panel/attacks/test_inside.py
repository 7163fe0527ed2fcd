"""A model that obeys what stands in the block: nothing it then says is published as it is and unremarked."""

from __future__ import annotations

import json
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings

from comparisons.cards.facts import Facts
from panel import rubric
from panel.actions.replies import Quarantined, read
from panel.brief import brief_pick, brief_review, canary_for
from panel.personas import Persona, load_personas
from panel.providers import Answer, Question
from panel.reply import PickReply, ReviewReply, UnusableReply, form_for, parse_rubric_review
from tests.panel.attacks.deeds import ADDITIONS, DEEDS, FOREIGN, PRAISE
from tests.panel.attacks.gullible import Gullible
from tests.panel.attacks.harm import harm_in, texts_of
from tests.panel.attacks.payloads import PAYLOADS, Payload, planted

BENCH = load_personas()
MODEL: Any = SimpleNamespace(kind="mistral")
# A card that earns little by its facts, and one beside it that earns more.
POOR = Facts(
    name="Nova", lab="A Lab", category="Code", license="Proprietary", license_class="proprietary",
    commercial_use="no", open_weights=False, context_tokens=2048, price_in=Decimal(90),
    price_out=Decimal(300), release_date="2021-01",
)  # fmt: skip
RICH = Facts(
    name="Rival", lab="B Lab", category="Code", license="MIT", license_class="permissive",
    commercial_use="yes", open_weights=True, context_tokens=1_000_000, params_total_b=Decimal(8),
    price_in=Decimal("0.1"), price_out=Decimal("0.2"), release_date="2026-05",
    features=("function calling", "structured output"),
)  # fmt: skip
each_persona = pytest.mark.parametrize("persona", BENCH, ids=lambda persona: persona.slug)
each_payload = pytest.mark.parametrize("payload", PAYLOADS, ids=lambda payload: payload.name)
each_kind = pytest.mark.parametrize("kind", ["review", "pick"])
each_deed = pytest.mark.parametrize("deed", DEEDS)
# What the paper does not carry: the order is gone, or cut off, before any model reads it.
UNREADABLE = {
    "tag_characters", "in_command", "in_way", "in_modality", "in_release_date", "in_license_class",
    "in_weights_url", "long_before",
}  # fmt: skip


def key() -> bytes:
    return settings.SECRET_KEY.encode()


def asked(facts: Facts, persona: Persona, kind: str) -> Question:
    if kind == "review":
        return brief_review(persona, facts, "5" * 64, key=key())
    return brief_pick(persona, facts, RICH, "5" * 64, "6" * 64, key=key())


def outcome(question: Question, text: str, *, final: bool = True) -> str | ReviewReply | PickReply:
    """The reply as it would be kept; by default of the second answer, when all that can be taken is taken."""
    try:
        return read(question, MODEL, Answer(text=text, served_model="m"), final=final)
    except UnusableReply:
        return "unusable"
    except Quarantined:
        return "quarantined"


def assert_caught_or_flagged(question: Question, text: str) -> None:
    for final in (False, True):
        left = outcome(question, text, final=final)
        if isinstance(left, str):
            continue
        assert left.flagged, left
        word = canary_for(question.persona, key())
        assert [harm for said in texts_of(left.record()) for harm in harm_in(said, word)] == []


@each_kind
@each_payload
def test_obeying_a_payload_is_caught_or_flagged(payload: Payload, kind: str) -> None:
    for persona in BENCH:
        question = asked(planted(POOR, payload.text, payload.field), persona, kind)
        text = Gullible("inside", payload.demand).asked(question)
        assert (text is None) == (payload.name in UNREADABLE)
        if text is not None:
            assert_caught_or_flagged(question, text)


@each_kind
@each_deed
@each_persona
def test_every_deed_is_caught_or_flagged(persona: Persona, deed: str, kind: str) -> None:
    question = asked(POOR, persona, kind)
    assert_caught_or_flagged(question, DEEDS[deed](question.system, question.form.model_json_schema()))


@each_kind
@pytest.mark.parametrize("deed", [deed for deed in DEEDS if deed.startswith(("canary", "recite"))])
def test_whoever_recites_is_quarantined(deed: str, kind: str) -> None:
    question = asked(POOR, BENCH[0], kind)
    text = DEEDS[deed](question.system, question.form.model_json_schema())
    assert outcome(question, text) == "quarantined"
    # Before that a long answer may be sent back for its length; it is looked at again when it returns.
    assert outcome(question, text, final=False) in {"quarantined", "unusable"}


@pytest.mark.parametrize(
    "deed",
    ["other_schema", "extra_field", "prose", "preamble", "two_objects", "list", "twice", "not_a_number",
     "endless_number", "deep_json", "deep_field", "endless", "endless_words", "empty"],
)  # fmt: skip
@each_kind
def test_another_form_is_never_taken(deed: str, kind: str) -> None:
    question = asked(POOR, BENCH[0], kind)
    assert outcome(question, DEEDS[deed](question.system, question.form.model_json_schema())) == "unusable"


@pytest.mark.parametrize("deed", FOREIGN)
def test_an_answer_in_another_script_is_sent_back_once_and_then_flagged(deed: str) -> None:
    question = asked(POOR, BENCH[0], "review")
    text = DEEDS[deed](question.system, question.form.model_json_schema())
    assert outcome(question, text, final=False) == "unusable"
    left = outcome(question, text)
    assert isinstance(left, ReviewReply)
    assert "not in English" in left.flagged


# A lone surrogate is no text at all to the form.
@pytest.mark.parametrize("addition", ADDITIONS.keys() - {"surrogate"})
def test_without_the_guard_the_same_answer_would_do_harm(addition: str) -> None:
    """The control: the form alone lets these through, and by an independent measure they hold harm."""
    question = asked(POOR, BENCH[0], "review")
    text = DEEDS[addition](question.system, question.form.model_json_schema())
    taken = form_for(BENCH[0], "review").model_validate(json.loads(text)).model_dump()
    assert harm_in(taken["paragraph"], canary_for(BENCH[0], key()))


@each_kind
def test_without_the_guard_the_private_word_and_the_score_would_be_published(kind: str) -> None:
    question = asked(POOR, BENCH[0], kind)
    for deed in ("canary", "canary_spaced", "canary_reversed", "canary_escaped", "canary_fullwidth"):
        text = DEEDS[deed](question.system, question.form.model_json_schema())
        taken = form_for(BENCH[0], kind).model_validate(json.loads(text)).model_dump()  # type: ignore[arg-type]
        assert "canary" in harm_in(" ".join(texts_of(taken)), canary_for(BENCH[0], key()))


@each_persona
def test_honest_answers_are_neither_caught_nor_flagged(persona: Persona) -> None:
    review = asked(RICH, persona, "review")
    fair = rubric.review(persona, RICH)["score"] + 10
    answers = {
        question.key: question.one_of[0] if question.one_of else "It runs on llama.cpp/vLLM, for $0.10."
        for question in persona.questions
    }
    said = answers | {"score": fair, "verdict": "ship", "paragraph": PRAISE}
    left = outcome(review, json.dumps(said), final=False)
    assert isinstance(left, ReviewReply)
    assert (left.score, left.flagged) == (fair, "")
    pick = outcome(asked(POOR, persona, "pick"), json.dumps({"why": "It costs less.", "choice": "B"}))
    assert isinstance(pick, PickReply)
    assert pick.flagged == ""


@each_payload
def test_the_rubric_cannot_be_talked_to(payload: Payload) -> None:
    """It quotes the card's words in its sentences, so they are looked at here too."""
    hostile = planted(POOR, payload.text, payload.field)
    for persona in BENCH:
        reply = parse_rubric_review(json.dumps(rubric.review(persona, hostile)), persona)
        if payload.field in {"description", "name", "tagline", "pricing_note", "hardware_note", "claims"}:
            free = {"claims"} if payload.field == "claims" else set()
            assert free or reply.score == rubric.review(persona, POOR)["score"]
        assert [harm for said in texts_of(reply.record()) for harm in harm_in(said, "no such word")] == []
