"""What a judge wrote, read: closed forms, strict parsing, text made harmless on the way in."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, cast

from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model

from panel.personas import Persona, StandingQuestion
from panel.plaintext import plain, visible
from panel.providers import Kind

SHIP_FROM = 60
WORDS = (40, 260)  # asked for are 90–180; a paragraph a little outside is still worth reading
WHY_WORDS = 150
ANSWER_CHARACTERS = 400
FIELD_CHARACTERS = 6_000  # of anything a reader is shown; four times what the words allow
REPLY_CHARACTERS = 60_000
FOREIGN = 0.3  # of all letters: beyond a name in its own script

PickChoice = Literal["A", "B", "toss-up"]
Verdict = Literal["ship", "skip"]

_CLOSED = ConfigDict(extra="forbid", str_strip_whitespace=True)
_FORMS: dict[tuple[str, Kind], type[BaseModel]] = {}

_FENCE = re.compile(r"```(?:json)?[ \t]*\n(.*)\n?```", re.DOTALL | re.IGNORECASE)


class UnusableReply(Exception):
    """The reply does not fit its form. `complaint` is a sentence the judge can be sent once."""

    def __init__(self, complaint: str) -> None:
        super().__init__(complaint)
        self.complaint = complaint


@dataclass(frozen=True, slots=True)
class ReviewReply:
    """One reviewer on one card, checked. `score` is None when the reviewer abstained."""

    score: int | None
    ship: bool
    paragraph: str
    answers: dict[str, str]
    points: list[dict[str, Any]] = field(default_factory=list)
    flagged: str = ""

    def record(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> ReviewReply:
        return cls(**record)


@dataclass(frozen=True, slots=True)
class PickReply:
    """One reviewer between two cards; A is the card that was shown first."""

    choice: PickChoice
    why: str
    flagged: str = ""

    def record(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> PickReply:
        return cls(**record)


def form_for(persona: Persona, kind: Kind) -> type[BaseModel]:
    """The closed shape of an answer: thinking first (standing answers, why), the decision after it."""
    # Kept, because a class made twice has two schemas in the eyes of a cache keyed by class.
    key = (persona.sha256, kind)
    if key not in _FORMS:
        _FORMS.setdefault(key, _review_form(persona) if kind == "review" else _pick_form(persona))
    return _FORMS[key]


def parse_review(text: str, persona: Persona, *, final: bool = False) -> ReviewReply:
    """A model's review. `final` takes what can be taken, flagged, where no second answer will come.

    Raises UnusableReply.
    """
    given = _validated(text, form_for(persona, "review"))
    flags = _Flags()
    answers = {
        question.key: _tidy(given[question.key], flags, question.key) for question in persona.questions
    }
    score, verdict = given["score"], given["verdict"]
    paragraph = _tidy(given["paragraph"], flags, "paragraph")
    if (verdict == "ship") != (score >= SHIP_FROM):
        due = "ship" if score >= SHIP_FROM else "skip"
        if not final:
            raise UnusableReply(
                f"score {score} and verdict “{verdict}” contradict each other:"
                f" {SHIP_FROM} and more is “ship”, less is “skip”."
            )
        flags.add(f"said {verdict} at {score}, counted as {due}")
    if complaint := _script_complaint(" ".join([*answers.values(), paragraph])):
        if not final:
            raise UnusableReply(complaint)
        flags.add("not in English")
    if complaint := _length_complaint("paragraph", paragraph, *WORDS):
        if not final:
            raise UnusableReply(complaint)
        flags.add("paragraph of unusual length")
    return ReviewReply(score, score >= SHIP_FROM, paragraph, answers, [], flags.text)


def parse_pick(text: str, persona: Persona, *, final: bool = False) -> PickReply:
    """A pick, of a model or of the rubric. Raises UnusableReply."""
    given = _validated(text, form_for(persona, "pick"))
    flags = _Flags()
    why = _tidy(given["why"], flags, "why")
    if complaint := _script_complaint(why):
        if not final:
            raise UnusableReply(complaint)
        flags.add("not in English")
    if complaint := _length_complaint("why", why, 1, WHY_WORDS):
        if not final:
            raise UnusableReply(complaint)
        flags.add("reason of unusual length")
    return PickReply(given["choice"], why, flags.text)


def parse_rubric_review(text: str, persona: Persona) -> ReviewReply:
    """The rubric's own review: with points, and without a score where it abstained. Raises UnusableReply."""
    given = _validated(text, _rubric_form(persona))
    score = given["score"]
    ship = score is not None and score >= SHIP_FROM
    if (given["verdict"] == "ship") != ship:
        raise UnusableReply(f"score {score} and verdict “{given['verdict']}” contradict each other.")
    flags = _Flags()
    return ReviewReply(
        score=score,
        ship=ship,
        paragraph=_tidy(given["paragraph"], flags, "paragraph"),
        answers={q.key: _tidy(given[q.key], flags, q.key) for q in persona.questions},
        points=[{**row, "because": plain(row["because"])} for row in given["points"]],
        flagged=flags.text,
    )


def _review_form(persona: Persona) -> type[BaseModel]:
    fields: dict[str, Any] = {question.key: _answer(question) for question in persona.questions}
    fields["score"] = (int, Field(ge=0, le=100, strict=True))
    fields["verdict"] = (Verdict, ...)
    # No length here: it is measured in words, and long bounds blow up the grammars of local servers.
    fields["paragraph"] = (str, Field(description="one paragraph of 90 to 180 words"))
    return _model(persona, "Review", fields)


def _answer(question: StandingQuestion) -> tuple[Any, Any]:
    about = question.question
    if question.one_of:
        return Literal[question.one_of], Field(description=about)
    return str, Field(description=about, min_length=1, max_length=ANSWER_CHARACTERS)


def _pick_form(persona: Persona) -> type[BaseModel]:
    fields: dict[str, Any] = {
        "why": (str, Field(description="one to three sentences", min_length=1)),
        "choice": (PickChoice, ...),
    }
    return _model(persona, "Pick", fields)


def _rubric_form(persona: Persona) -> type[BaseModel]:
    fields = {key: (info.annotation, info) for key, info in form_for(persona, "review").model_fields.items()}
    fields["score"] = (int | None, Field(ge=0, le=100))
    fields["points"] = (list[_Point], Field())
    return _model(persona, "Rubric", fields)


class _Point(BaseModel):
    model_config = _CLOSED
    fact: str
    points: int
    because: str


def _model(persona: Persona, what: str, fields: dict[str, Any]) -> type[BaseModel]:
    name = "".join(part.capitalize() for part in persona.slug.split("-")) + what
    build = cast(Callable[..., type[BaseModel]], create_model)
    return build(name, __config__=_CLOSED, **fields)


def _validated(text: str, form: type[BaseModel]) -> dict[str, Any]:
    if len(text) > REPLY_CHARACTERS:
        raise UnusableReply("the answer is far too long: send the JSON form and nothing else.")
    fenced = _FENCE.fullmatch(text.strip())
    body = fenced[1] if fenced else text
    try:
        record = json.loads(body, object_pairs_hook=_once_each, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        detail = str(error) if isinstance(error, _Twice) else "it is not JSON"
        raise UnusableReply(f"{detail}; send one JSON object and nothing before or after it.") from error
    try:
        return form.model_validate(record).model_dump()
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        where = first["loc"][0] if first["loc"] else "the answer"
        # A name that is the model's own invention may be the card's, and this goes back into a prompt.
        known = where == "the answer" or where in form.model_fields
        complaint = f"field “{where}”: {first['msg']}" if known else "there is a field that was not asked for"
        raise UnusableReply(f"{complaint}.") from error


class _Twice(ValueError):
    pass


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    record = dict(pairs)
    if len(record) < len(pairs):
        raise _Twice("a field is there twice")
    return record


def _no_constant(name: str) -> None:
    raise ValueError(name)


def _length_complaint(name: str, text: str, least: int, most: int) -> str:
    words = len(text.split())
    if words < least:
        return f"{name} has {words} words, too few: write at least {least}."
    return f"{name} has {words} words, too many: write at most {most}." if words > most else ""


def _script_complaint(text: str) -> str:
    letters = [char for char in text if char.isalpha()]
    foreign = sum(not unicodedata.name(char, "").startswith("LATIN") for char in letters)
    return "the answer must be in English." if foreign > FOREIGN * len(letters) else ""


class _Flags:
    def __init__(self) -> None:
        self._said: list[str] = []

    def add(self, flag: str) -> None:
        if flag not in self._said:
            self._said.append(flag)

    @property
    def text(self) -> str:
        return "; ".join(self._said)[:200]


def _tidy(text: str, flags: _Flags, name: str) -> str:
    if len(text) > FIELD_CHARACTERS:
        raise UnusableReply(f"field “{name}” is far too long.")
    tidied = plain(text)
    if tidied != visible(text):
        flags.add("links or markup removed")
    if not tidied:
        raise UnusableReply(f"field “{name}” is empty.")
    return tidied
