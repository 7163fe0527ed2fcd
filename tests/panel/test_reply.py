"""Replies: what is accepted, what is sent back, and what is left of hostile text."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from panel.personas import Persona, load_personas
from panel.plaintext import LINK_REMOVED, plain
from panel.reply import (
    PickReply,
    ReviewReply,
    UnusableReply,
    form_for,
    parse_pick,
    parse_review,
    parse_rubric_review,
)

BENCH = load_personas()
FUTURIST = next(persona for persona in BENCH if persona.slug == "futurist")
PARAGRAPH = " ".join(["Plain words about one card and its price."] * 14)
MARKUP = st.sampled_from("<>[]()!&;/:.wht ps\u200b\u202e\x00b")


def answer(persona: Persona = FUTURIST, **changes: Any) -> dict[str, Any]:
    record: dict[str, Any] = {
        question.key: question.one_of[0] if question.one_of else "A short answer."
        for question in persona.questions
    }
    record |= {"score": 72, "verdict": "ship", "paragraph": PARAGRAPH}
    return record | changes


def complaint(record: object) -> str:
    text = record if isinstance(record, str) else json.dumps(record)
    with pytest.raises(UnusableReply) as caught:
        parse_review(text, FUTURIST)
    assert caught.value.complaint.endswith(".")
    assert len(caught.value.complaint) < 300
    return caught.value.complaint


@pytest.mark.parametrize("persona", BENCH, ids=lambda persona: persona.slug)
def test_forms_are_closed_and_ask_for_the_decision_last(persona: Persona) -> None:
    schema = form_for(persona, "review").model_json_schema()
    keys = [question.key for question in persona.questions]
    assert list(schema["properties"]) == [*keys, "score", "verdict", "paragraph"]
    assert schema["required"] == list(schema["properties"])
    assert schema["additionalProperties"] is False
    assert '"default"' not in json.dumps(schema)
    pick = form_for(persona, "pick").model_json_schema()
    assert list(pick["properties"]) == ["why", "choice"]
    assert pick["properties"]["choice"]["enum"] == ["A", "B", "toss-up"]
    assert pick["additionalProperties"] is False


def test_a_form_is_built_once_a_persona_version() -> None:
    assert form_for(FUTURIST, "review") is form_for(FUTURIST, "review")
    assert form_for(FUTURIST, "review") is not form_for(BENCH[0], "review")


def test_a_question_with_few_answers_becomes_an_enumeration() -> None:
    trend = form_for(FUTURIST, "review").model_json_schema()["properties"]["trend"]
    assert trend["enum"] == ["early", "on_time", "late"]
    assert "trend" in complaint(answer(trend="yesterday"))


@pytest.mark.parametrize("persona", BENCH, ids=lambda persona: persona.slug)
def test_a_good_review_is_read(persona: Persona) -> None:
    reply = parse_review(json.dumps(answer(persona)), persona)
    assert (reply.score, reply.ship, reply.flagged, reply.points) == (72, True, "", [])
    assert list(reply.answers) == [question.key for question in persona.questions]
    assert ReviewReply.from_record(json.loads(json.dumps(reply.record()))) == reply


@pytest.mark.parametrize("fence", ["```json\n{}\n```", "```\n{}\n```", "  \n```JSON\n{}```\n"])
def test_a_fence_is_taken_off(fence: str) -> None:
    assert parse_review(fence.replace("{}", json.dumps(answer())), FUTURIST).score == 72


@pytest.mark.parametrize(
    "text",
    ["", "null", "[]", "3", "Sure! {}", '{"score": 72', "<html>502</html>", '{"score": NaN}', "[" * 50_000],
)  # fmt: skip
def test_what_is_no_json_object_is_sent_back(text: str) -> None:
    complaint(text)


def test_text_around_the_object_is_sent_back() -> None:
    assert "not JSON" in complaint(f"Here you are:\n{json.dumps(answer())}")


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"score": 101}, "score"),
        ({"score": -1}, "score"),
        ({"score": "72"}, "score"),
        ({"score": 72.5}, "score"),
        ({"score": True}, "score"),
        ({"score": None}, "score"),
        ({"verdict": "maybe"}, "verdict"),
        ({"thesis": ""}, "thesis"),
        ({"thesis": "x" * 401}, "thesis"),
        ({"thesis": "<b></b>"}, "thesis"),
        ({"paragraph": "Too short."}, "paragraph"),
        ({"paragraph": "word " * 261}, "paragraph"),
        ({"paragraph": "\u200b" * 500}, "paragraph"),
        ({"bonus": "field"}, "not asked for"),
        ({"score": 59}, "skip"),
        ({"verdict": "skip"}, "contradict"),
    ],
)
def test_the_complaint_names_what_is_wrong(changes: dict[str, Any], named: str) -> None:
    assert named in complaint(answer(**changes))


def test_a_missing_field_is_named() -> None:
    record = answer()
    del record["verdict"]
    assert "verdict" in complaint(record)


def test_a_field_given_twice_is_sent_back() -> None:
    assert "twice" in complaint(json.dumps(answer()).replace('"score": 72', '"score": 72, "score": 99'))


def test_sixty_ships_and_fifty_nine_does_not() -> None:
    assert parse_review(json.dumps(answer(score=60)), FUTURIST).ship
    assert not parse_review(json.dumps(answer(score=59, verdict="skip")), FUTURIST).ship


def test_the_last_answer_is_taken_with_a_flag_when_only_its_coherence_is_wrong() -> None:
    reply = parse_review(
        json.dumps(answer(verdict="skip", paragraph="Only a few words.")), FUTURIST, final=True
    )
    assert (reply.score, reply.ship) == (72, True)
    assert reply.flagged == "said skip at 72, counted as ship; paragraph of unusual length"


def test_the_last_answer_is_still_refused_when_it_has_no_form() -> None:
    with pytest.raises(UnusableReply):
        parse_review("no JSON", FUTURIST, final=True)


@pytest.mark.parametrize("choice", ["A", "B", "toss-up"])
def test_a_pick_is_read(choice: str) -> None:
    reply = parse_pick(json.dumps({"why": "It costs less.", "choice": choice}), FUTURIST)
    assert (reply.choice, reply.why, reply.flagged) == (choice, "It costs less.", "")
    assert PickReply.from_record(json.loads(json.dumps(reply.record()))) == reply


@pytest.mark.parametrize(
    "record",
    [
        {"choice": "A"},
        {"why": "x", "choice": "a"},
        {"why": "x", "choice": "left"},
        {"why": "", "choice": "A"},
        {"why": "word " * 151, "choice": "A"},
        {"why": "x", "choice": "A", "score": 3},
    ],
)
def test_an_unusable_pick_is_sent_back(record: dict[str, Any]) -> None:
    with pytest.raises(UnusableReply):
        parse_pick(json.dumps(record), FUTURIST)


def test_a_last_pick_that_talks_too_long_is_flagged() -> None:
    reply = parse_pick(json.dumps({"why": "word " * 151, "choice": "A"}), FUTURIST, final=True)
    assert reply.flagged == "reason of unusual length"


RUSSIAN = "Эта модель дешевле и читает больше за один раз, но лицензия неясна. " * 9


def test_an_answer_in_another_script_is_sent_back_once_and_then_flagged() -> None:
    record = json.dumps(answer(paragraph=RUSSIAN))
    assert complaint(record) == "the answer must be in English."
    assert parse_review(record, FUTURIST, final=True).flagged == "not in English"
    pick = json.dumps({"why": RUSSIAN[:200], "choice": "A"})
    with pytest.raises(UnusableReply, match="must be in English"):
        parse_pick(pick, FUTURIST)
    assert parse_pick(pick, FUTURIST, final=True).flagged == "not in English"


def test_what_is_far_too_long_is_refused_unread_also_the_last_time() -> None:
    for record in (answer(paragraph="word " * 1_300), answer(paragraph="word " * 12_001)):
        with pytest.raises(UnusableReply, match="far too long"):
            parse_review(json.dumps(record), FUTURIST, final=True)


def test_what_is_said_twice_of_an_answer_is_flagged_once() -> None:
    link = "See https://example.org for it."
    keys = [question.key for question in FUTURIST.questions if not question.one_of]
    reply = parse_review(json.dumps(answer(**dict.fromkeys(keys, link))), FUTURIST, final=True)
    assert len(keys) > 1
    assert reply.flagged == "links or markup removed"


def test_the_rubric_may_abstain_and_brings_its_points() -> None:
    points = [{"fact": "start", "points": 40, "because": "where every card starts"}]
    given = answer(score=None, verdict="skip", paragraph="Too little is known.", points=points)
    reply = parse_rubric_review(json.dumps(given), FUTURIST)
    assert (reply.score, reply.ship, reply.points) == (None, False, points)
    for wrong in (answer(points=[], score=None), answer(points=[], score=20), answer()):
        with pytest.raises(UnusableReply):
            parse_rubric_review(json.dumps(wrong), FUTURIST)


@pytest.mark.parametrize(
    ("hostile", "left"),
    [
        ("<?<", "?<"),
        ("<A<", "A<"),
        ("htt<p://evil.example<", "[link removed]<"),
        ("<script>alert(1)</script>Fine.", "Fine."),
        ("a <b>bold</b> claim", "a bold claim"),
        ("<img src=x onerror=alert(1)", ""),
        ("<scr<b>ipt>alert(1)</script>", "alert(1)"),
        ("&lt;script&gt;x&lt;/script&gt;ok", "ok"),
        ("see [the docs](https://evil.example/a_(b)) now", "see the docs now"),
        ("![pixel](https://evil.example/p.gif?q=1)", "pixel"),
        ("go to https://evil.example/x?y=1.", f"go to {LINK_REMOVED}."),
        ("<https://evil.example>", LINK_REMOVED),
        ("www.evil.example/x rocks", f"{LINK_REMOVED} rocks"),
        ("javascript:alert`1` and mailto:a@b.example", f"{LINK_REMOVED} and {LINK_REMOVED}"),
        ("he\u200bll\u202eo\x00 \ufeffthere\u2028you", "hello there you"),
        ("tags \U000e0041\U000e0042 gone\ufe0f", "tags gone"),
        ("x < 3 and y > 2, “quoted” – dash… ½", "x < 3 and y > 2, “quoted” – dash… ½"),
        ("a  \n\t b", "a b"),
        ("data: unknown", "data: unknown"),
    ],
)
def test_model_text_is_made_plain(hostile: str, left: str) -> None:
    assert plain(hostile) == left


def test_what_had_to_be_removed_is_flagged() -> None:
    reply = parse_review(json.dumps(answer(thesis="Read https://evil.example/ now")), FUTURIST)
    assert reply.answers["thesis"] == f"Read {LINK_REMOVED} now"
    assert reply.flagged == "links or markup removed"


@settings(deadline=None)
@given(st.text(alphabet=st.one_of(MARKUP, st.characters()), max_size=300))
def test_nothing_active_or_unseen_survives(text: str) -> None:
    left = plain(text)
    assert plain(left) == left
    assert not re.search(r"<[a-zA-Z/!?]|https?://\w|[\x00-\x1f\u200b-\u200f\u202a-\u202e\u2066-\u2069]", left)


@settings(deadline=None)
@given(st.text(max_size=400))
def test_no_text_breaks_the_reader(text: str) -> None:
    for parse in (parse_review, parse_pick, parse_rubric_review):
        with pytest.raises(UnusableReply):
            parse(text, FUTURIST)
