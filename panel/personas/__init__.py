"""The panel's reviewers, each one Markdown file: front matter for the machine, a prompt for the model."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from comparisons.cards.facts import Facts
from panel.personas.lens import Rubric
from panel.personas.readings import READINGS, lacking

FOLDER = Path(__file__).parent
# These name the rest of a reply, so no standing question may have them.
RESERVED = frozenset({"score", "verdict", "paragraph", "points", "why", "choice", "flagged"})


class BadPersona(Exception):
    """A persona file that cannot be used; the message names file and field in one sentence."""

    def __init__(self, file: str, where: str, problem: str) -> None:
        super().__init__(f"{file}, {where}: {problem}.")
        self.file = file
        self.where = where


@dataclass(frozen=True, slots=True)
class StandingQuestion:
    """What this reviewer asks of every card. `one_of` closes the answer to a few words."""

    key: str
    question: str
    one_of: tuple[str, ...] = ()

    def record(self) -> dict[str, str]:
        """The question as the site stores it for readers."""
        return {"key": self.key, "question": self.question}


@dataclass(frozen=True, slots=True)
class Persona:
    """One reviewer. `sha256` is the version: one changed character makes another reviewer."""

    slug: str
    name: str
    motto: str
    position: int
    excites: str
    tires: str
    questions: tuple[StandingQuestion, ...]
    needs: tuple[str, ...]  # readings; "a or b" where either will do
    rubric: Rubric = field(repr=False, compare=False)
    prompt: str = field(repr=False)
    text: str = field(repr=False)
    sha256: str

    def lacks(self, facts: Facts) -> tuple[str, ...]:
        """What this card does not say and this reviewer cannot do without; not empty means abstain."""
        return lacking(self.needs, facts)


def _key(key: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,39}", key):
        raise ValueError("a key is lower case letters, digits and underscores")
    # A pydantic form is built from these keys, and its own attributes cannot be fields.
    if key in RESERVED or key.startswith("model_") or hasattr(BaseModel, key):
        raise ValueError(f"“{key}” is taken, choose another key")
    return key


def _need(need: str) -> str:
    for name in need.split(" or "):
        if name not in READINGS:
            raise ValueError(f"no card fact is called “{name}”")
    return need


def _one_line(text: str) -> str:
    return " ".join(text.split())


OneLine = Annotated[str, AfterValidator(_one_line)]


class _Question(BaseModel):
    model_config = ConfigDict(extra="forbid")
    key: Annotated[str, AfterValidator(_key)]
    question: Annotated[OneLine, Field(min_length=1, max_length=200)]
    one_of: tuple[str, ...] = ()


class _FrontMatter(BaseModel):
    model_config = ConfigDict(extra="forbid")
    slug: Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=40)]
    name: Annotated[OneLine, Field(min_length=1, max_length=80)]
    motto: Annotated[OneLine, Field(min_length=1, max_length=200)]
    position: Annotated[int, Field(ge=1, le=32767)]
    excites: Annotated[OneLine, Field(min_length=1, max_length=300)]
    tires: Annotated[OneLine, Field(min_length=1, max_length=300)]
    questions: Annotated[tuple[_Question, ...], Field(min_length=1)]
    needs: tuple[Annotated[str, AfterValidator(_need)], ...] = ()
    rubric: Rubric


def load_personas(folder: Path = FOLDER) -> tuple[Persona, ...]:
    """Every persona file of a folder, in the order of the bench. Raises BadPersona."""
    files = sorted(folder.glob("*.md"))
    if not files:
        raise BadPersona(str(folder), "folder", "it holds no persona file")
    personas = [parse_persona(_read(file), file=file.name) for file in files]
    for name in ("slug", "position"):
        seen: dict[object, str] = {}
        for file, persona in zip(files, personas, strict=True):
            value = getattr(persona, name)
            if other := seen.get(value):
                raise BadPersona(file.name, name, f"“{value}” is already taken by {other}")
            seen[value] = file.name
    return tuple(sorted(personas, key=lambda persona: persona.position))


def parse_persona(text: str, *, file: str = "persona") -> Persona:
    """One persona from its text, checked; `file` names it in complaints. Raises BadPersona."""
    matter, prompt = _split(file, text)
    given = _front_matter(file, matter)
    questions = tuple(StandingQuestion(**question.model_dump()) for question in given.questions)
    if missing := {question.key for question in questions} ^ given.rubric.answers.keys():
        raise BadPersona(
            file, "rubric.answers", f"“{sorted(missing)[0]}” is asked and not answered, or the reverse"
        )
    if len({question.key for question in questions}) < len(questions):
        raise BadPersona(file, "questions", "two of them have one key")
    for question in questions:
        said = {say for line in given.rubric.answers[question.key] for say in line.say}
        if question.one_of and not said <= set(question.one_of):
            raise BadPersona(file, f"rubric.answers.{question.key}", "an answer is none of the words allowed")
    return Persona(
        slug=given.slug,
        name=given.name,
        motto=given.motto,
        position=given.position,
        excites=given.excites,
        tires=given.tires,
        questions=questions,
        needs=given.needs,
        rubric=given.rubric,
        prompt=prompt,
        text=text,
        sha256=hashlib.sha256(text.encode()).hexdigest(),
    )


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadPersona(file.name, "file", f"it cannot be read ({error.__class__.__name__})") from error


def _split(file: str, text: str) -> tuple[str, str]:
    parts = re.fullmatch(r"---\n(.*?)\n---\n(.*)", text, re.DOTALL)
    if not parts:
        raise BadPersona(file, "front matter", "the file must start with a block between two lines of “---”")
    if not parts[2].strip():
        raise BadPersona(file, "prompt", "nothing stands below the front matter")
    return parts[1], parts[2].strip()


def _front_matter(file: str, matter: str) -> _FrontMatter:
    try:
        record: Any = yaml.safe_load(matter)
    except yaml.YAMLError as error:
        line = getattr(getattr(error, "problem_mark", None), "line", 0) + 2
        raise BadPersona(file, f"line {line}", "this is no YAML") from error
    if not isinstance(record, dict):
        raise BadPersona(file, "front matter", "it must be a list of “key: value” lines")
    try:
        return _FrontMatter.model_validate(record)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise BadPersona(file, where, first["msg"].removeprefix("Value error, ").rstrip(".")) from error
