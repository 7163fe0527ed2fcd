"""Persona files: what is read, and how a bad one is refused."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from comparisons.cards.facts import Facts, Identity
from panel.personas import FOLDER, BadPersona, load_personas, parse_persona

MINIMAL = """---
slug: auditor
name: The Auditor
motto: Show the receipt.
position: 7
excites: A receipt.
tires: No receipt.
questions:
  - {key: proof, question: "Where is the proof?"}
  - {key: mood, question: "Good or bad?", one_of: [good, bad]}
needs: [price or license_class]
rubric:
  start: 50
  rules:
    - fact: price
      bands:
        - {up_to: 1, points: 20, say: ["Cheap at {price_in}."]}
        - {points: -20}
    - fact: local
      bands:
        - {is: [yes], points: 5}
        - {is: [no], points: -5}
  openings: [{say: ["{name}, audited."]}]
  turns: [{say: ["However:"]}]
  gaps: [{say: ["Missing: {missing}."]}]
  closings: [{say: ["Signed."]}]
  abstains: [{say: ["No opinion without {missing}."]}]
  picks: [{say: ["{winner} by {gap}."]}]
  toss_ups: [{say: ["Nothing in it."]}]
  answers:
    proof: [{say: ["On file."]}]
    mood: [{when: [{fact: local, is: [yes]}], say: [good]}, {say: [bad]}]
---
You are the Auditor.
"""


def write(folder: Path, name: str, text: str) -> Path:
    (folder / name).write_text(text, encoding="utf-8")
    return folder


def refused(text: str) -> str:
    with pytest.raises(BadPersona) as caught:
        parse_persona(text, file="auditor.md")
    message = str(caught.value)
    assert message.startswith("auditor.md, ")
    assert message.endswith(".")
    assert "\n" not in message
    return message


def test_the_bench_comes_in_the_order_of_its_positions() -> None:
    personas = load_personas()
    assert [persona.position for persona in personas] == sorted(persona.position for persona in personas)
    assert [persona.slug for persona in personas] == ["builder", "skeptic", "futurist", "founder"]


def test_the_standing_questions_are_those_of_the_panel() -> None:
    keys = {persona.slug: [question.key for question in persona.questions] for persona in load_personas()}
    assert keys == {
        "builder": ["primitive", "dx_bet", "moment_of_truth", "weekend_alternative", "ship_decision"],
        "skeptic": ["category", "direct_competitors", "breaks_when", "killed_in_12_months_by", "wrong_if"],
        "futurist": ["thesis", "depends_on", "second_order", "trend", "infrastructure_if"],
        "founder": [
            "buyer", "budget", "pricing_architecture", "moat", "survives_10x_cheaper", "business_decision",
        ],
    }  # fmt: skip


def test_prompts_name_every_anchor_and_the_ship_line() -> None:
    for persona in load_personas():
        for anchor in ("95:", "80:", "60:", "40:", "20:", "60 or more means ship", "90 to 180 words"):
            assert anchor in persona.prompt, (persona.slug, anchor)
        assert len(persona.prompt.split()) < 400  # a small model stops following long orders


def test_the_version_is_the_hash_of_the_whole_file() -> None:
    for persona in load_personas():
        text = (FOLDER / f"{persona.slug}.md").read_text(encoding="utf-8")
        assert persona.text == text
        assert persona.sha256 == hashlib.sha256(text.encode()).hexdigest()


def test_a_stored_text_gives_the_same_persona_as_its_file() -> None:
    for persona in load_personas():
        assert parse_persona(persona.text) == persona


def test_another_site_may_seat_another_bench(tmp_path: Path) -> None:
    write(tmp_path, "auditor.md", MINIMAL)
    write(tmp_path, "notes.txt", "not a persona")
    (auditor,) = load_personas(tmp_path)
    assert (auditor.slug, auditor.position, auditor.prompt) == ("auditor", 7, "You are the Auditor.")
    assert auditor.questions[1].one_of == ("good", "bad")
    assert auditor.rubric.start == 50


def test_needs_are_met_by_any_of_their_alternatives() -> None:
    auditor = parse_persona(MINIMAL)
    bare = Facts(name="X", lab="Y", category="Z", identity=Identity("not_found"))
    assert auditor.lacks(bare) == ("price or license_class",)
    assert auditor.lacks(Facts(name="X", lab="Y", category="Z", license_class="permissive")) == ()


@pytest.mark.parametrize(
    ("old", "new", "field", "problem"),
    [
        ("slug: auditor", "slug: The Auditor", "slug", "match"),
        ("position: 7", "position: first", "position", "integer"),
        ("position: 7", "position: 0", "position", "greater"),
        ("motto: Show the receipt.\n", "", "motto", "required"),
        ("tires: No receipt.", "tires: No receipt.\nmood: bad", "mood", "not permitted"),
        ("key: proof", "key: score", "questions.0.key", "taken"),
        ("key: proof", "key: copy", "questions.0.key", "taken"),
        ("key: proof", "key: Proof!", "questions.0.key", "lower case"),
        ("key: proof", "key: evidence", "rubric.answers", "asked and not answered"),
        ("key: mood", "key: proof", "rubric.answers", "asked and not answered"),
        ("say: [good]", "say: [great]", "rubric.answers.mood", "none of the words"),
        ("needs: [price or", "needs: [prise or", "needs.0", "no card fact"),
        ("fact: price", "fact: vibes", "rubric.rules.0.fact", "no card fact"),
        ("{price_in}", "{price_inn}", "rubric.rules.0.bands.0.say.0", "price_inn"),
        ("{price_in}", "{price_in.real}", "rubric.rules.0.bands.0.say.0", "placeholder"),
        ("up_to: 1, points: 20", "up_to: 1, points: -30", "rubric.rules.0", "must not cost points"),
        ("up_to: 1,", "up_to: cheap,", "rubric.rules.0", "numbers"),
        ("{say: [\"Signed.\"]}", "{say: [\"For {context}.\"]}", "rubric", "closings"),
        ("You are the Auditor.\n", "\n", "prompt", "nothing stands"),
        ("---\nslug", "slug", "front matter", "---"),
        ("motto: Show", "motto: [Show", "line", "YAML"),
    ],
)  # fmt: skip
def test_a_bad_file_is_refused_with_its_field(old: str, new: str, field: str, problem: str) -> None:
    assert old in MINIMAL
    message = refused(MINIMAL.replace(old, new, 1))
    assert message.startswith(f"auditor.md, {field}")
    assert problem in message


def test_two_files_cannot_share_a_seat(tmp_path: Path) -> None:
    write(tmp_path, "a.md", MINIMAL)
    write(tmp_path, "b.md", MINIMAL.replace("slug: auditor", "slug: other"))
    with pytest.raises(BadPersona, match=r"b\.md, position: “7” is already taken by a\.md"):
        load_personas(tmp_path)


def test_two_questions_cannot_share_a_key() -> None:
    text = MINIMAL.replace(
        '"Good or bad?", one_of: [good, bad]}', '"Good?"}\n  - {key: mood, question: "Bad?"}'
    )
    assert "two of them" in refused(text)


def test_an_empty_folder_is_no_bench(tmp_path: Path) -> None:
    with pytest.raises(BadPersona, match="no persona file"):
        load_personas(tmp_path)


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(BadPersona, match=r"a\.md, file: it cannot be read"):
        load_personas(tmp_path)


@pytest.mark.parametrize(
    ("bands", "fact"),
    [
        ("[{is: [permissive], points: 1}, {is: [community], points: 2}]", "license_class"),
        ("[{is: [yes], points: 1}, {is: [conditional], points: 2}]", "commercial_use"),
        ("[{from: 1000, points: 1}, {points: 2}]", "context_tokens"),
        ("[{from: 10, points: 5}, {from: 100, points: 9}, {points: 6}]", "output_tokens"),
        ("[{up_to: 1, points: 1}, {up_to: 2, points: 3}, {points: 0}]", "price"),
    ],
)
def test_no_rule_may_punish_what_is_better(bands: str, fact: str) -> None:
    rule = f"    - fact: {fact}\n      bands: {bands}\n"
    message = refused(MINIMAL.replace("  openings:", f"{rule}  openings:"))
    assert f"a better “{fact}” must not cost points" in message
