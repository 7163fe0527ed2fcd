"""What a judge wrote, read: closed forms, strict parsing, text made harmless on the way in."""

from __future__ import annotations

import html
import json
import re
import unicodedata
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, cast

from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model

from panel.personas import Persona, StandingQuestion
from panel.providers import Kind

SHIP_FROM = 60
WORDS = (40, 260)  # asked for are 90–180; a paragraph a little outside is still worth reading
WHY_WORDS = 150
ANSWER_CHARACTERS = 400
REPLY_CHARACTERS = 60_000

PickChoice = Literal["A", "B", "toss-up"]
Verdict = Literal["ship", "skip"]

_CLOSED = ConfigDict(extra="forbid", str_strip_whitespace=True)
_FORMS: dict[tuple[str, Kind], type[BaseModel]] = {}

_FENCE = re.compile(r"```(?:json)?[ \t]*\n(.*)\n?```", re.DOTALL | re.IGNORECASE)
_LINK = re.compile(r"!?\[([^\[\]]*)\]\([^()]*(?:\([^()]*\)[^()]*)*\)")
_URL = re.compile(
    r"<?\b(?:(?:https?|ftp|file|ws|wss)://|(?:javascript|vbscript|mailto|data):(?=\S)|www\.)[^\s<>]*[^\s<>.,;:!?)\]}'\"”’]>?",
    re.IGNORECASE,
)
_HIDDEN_ELEMENT = re.compile(r"<(script|style)\b[^>]*>.*?</\1\s*>", re.DOTALL | re.IGNORECASE)
_TAG = re.compile(r"<!--.*?(?:-->|$)|</?[a-zA-Z][^<>]*(?:>|$)|<[!?][^<>]*(?:>|$)", re.DOTALL)
_SELECTORS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef\u115f\u1160\u3164\uffa0\u2800]")
LINK_REMOVED = "[link removed]"


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


def visible(text: str) -> str:
    """Text without control, bidi, zero-width and other unseen characters; quotes and dashes stay."""
    kept = (
        # Line and paragraph ends part words; format characters sit inside them.
        " " if unicodedata.category(char) in {"Zs", "Zl", "Zp"} or char in "\t\n\r\v\f\x85" else char
        for char in _SELECTORS.sub("", text)
        if char in "\t\n\r\v\f\x85" or unicodedata.category(char) not in {"Cc", "Cf", "Cs", "Co", "Cn"}
    )
    return " ".join("".join(kept).split())


def plain(text: str) -> str:
    """Visible text without HTML, and with links, images and addresses reduced to what a reader may see."""
    text, before = visible(text), None
    # Again until nothing changes: taking one tag out can put another together.
    while text != before:
        before = text
        text = html.unescape(text)
        text = _LINK.sub(r"\1", text)
        text = _URL.sub(LINK_REMOVED, text)
        text = _TAG.sub(" ", _HIDDEN_ELEMENT.sub(" ", text))
        text = visible(text)
    return text


def carries_canary(text: str, canary: str) -> bool:
    """Whether a reply gives away the word hidden in the prompt, however it is cut up or dressed."""
    return bool(canary) and _letters(canary) in _letters(text)


def _letters(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(char for char in folded if char.isalnum())


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
        where = ".".join(str(part) for part in first["loc"]) or "the answer"
        # The name may be the model's own invention and goes back into a prompt.
        raise UnusableReply(f"field “{visible(where)[:60]}”: {first['msg']}.") from error


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
    tidied = plain(text)
    if tidied != visible(text):
        flags.add("links or markup removed")
    if not tidied:
        raise UnusableReply(f"field “{name}” is empty.")
    return tidied
