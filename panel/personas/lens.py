"""The typed part of a persona file: which facts it scores, and in which words it says so."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from itertools import pairwise
from string import Formatter
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from panel.personas.readings import READINGS, Value

# Words a sentence may use that every card has; all others make it fit only cards where they are known.
ALWAYS = frozenset({"name", "lab", "category"})
ON_CARDS = ALWAYS | {
    "license", "context", "output", "lines", "price_in", "price_out", "bill", "bill_tenfold", "ratio",
    "params", "active", "memory", "release", "cutoff", "ways", "command", "languages", "inputs", "features",
    "provider",
}  # fmt: skip
IN_GAPS = {"missing", "known", "asked", "confidence"}
IN_PICKS = {"winner", "loser", "gap", "high", "low"}

# Freer licenses, lower prices and larger windows never cost points: the promise readers are given.
MORE_IS_BETTER = {"context_tokens", "output_tokens"}
LESS_IS_BETTER = {"price"}
FREER_THAN = {
    "license_class": (
        ("permissive", "weak_conditions"),
        ("weak_conditions", "community"),
        ("community", "non_commercial"),
        ("community", "proprietary"),
    ),
    "commercial_use": (("yes", "conditional"), ("conditional", "no")),
}

NUDGE = Decimal("0.000000001")


def _known_reading(name: str) -> str:
    if name not in READINGS and name != "score":
        raise ValueError(f"no card fact is called “{name}”")
    return name


def _words(value: object) -> object:
    # YAML reads a bare yes or no as a boolean.
    if isinstance(value, list):
        return [("yes" if item else "no") if isinstance(item, bool) else item for item in value]
    return value


def fields_of(sentence: str) -> set[str]:
    """The placeholders of a sentence. Raises ValueError on anything but a plain name in braces."""
    found = set()
    for _, name, spec, conversion in Formatter().parse(sentence):
        if name is None:
            continue
        if not name.isidentifier() or spec or conversion:
            raise ValueError(f"“{{{name}}}” is no plain placeholder")
        found.add(name)
    return found


def _sentence(text: str) -> str:
    if unknown := fields_of(text) - ON_CARDS - IN_GAPS - IN_PICKS:
        raise ValueError(f"no card has a “{sorted(unknown)[0]}” to fill in")
    return text


Sentence = Annotated[str, Field(min_length=1), AfterValidator(_sentence)]
Words = Annotated[tuple[str, ...], BeforeValidator(_words)]


class Closed(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=False)


class Bounds(Closed):
    """A condition on one value: at least, at most, or one of some words, of which “unknown” is one."""

    at_least: Value | None = Field(default=None, alias="from")
    at_most: Value | None = Field(default=None, alias="up_to")
    one_of: Words = Field(default=(), alias="is")

    def holds(self, value: Value | None) -> bool:
        if value is None:
            return "unknown" in self.one_of
        if self.one_of and str(value) not in self.one_of:
            return False
        if self.at_least is not None and not _ordered(self.at_least, value):
            return False
        return self.at_most is None or _ordered(value, self.at_most)


class Condition(Bounds):
    fact: Annotated[str, AfterValidator(_known_reading)]


class Line(Closed):
    """Something to say, where its conditions hold and every fact it names is known."""

    when: tuple[Condition, ...] = ()
    say: tuple[Sentence, ...] = Field(min_length=1)

    def fits(self, values: Mapping[str, Value | None]) -> bool:
        return all(condition.holds(values.get(condition.fact)) for condition in self.when)


class Band(Bounds):
    points: int = Field(ge=-60, le=60)
    say: tuple[Sentence, ...] = ()


class Unknown(Closed):
    points: int = Field(default=0, ge=-60, le=0)
    say: tuple[Sentence, ...] = ()


class Rule(Closed):
    """Points for one fact: the first band that holds decides, `unknown` where the card is silent."""

    fact: Annotated[str, AfterValidator(_known_reading)]
    bands: tuple[Band, ...] = Field(min_length=1)
    unknown: Unknown = Unknown()

    def band(self, value: Value | None) -> Band | Unknown:
        if value is None:
            return self.unknown
        return next((band for band in self.bands if band.holds(value)), Unknown())

    @model_validator(mode="after")
    def _never_punishes_better(self) -> Rule:
        try:
            compared = list(self._comparisons())
        except InvalidOperation:
            raise ValueError(f"“{self.fact}” is compared with numbers") from None
        for better, worse in compared:
            if better.points < worse.points:
                raise ValueError(f"a better “{self.fact}” must not cost points")
        return self

    def _comparisons(self) -> Iterable[tuple[Band | Unknown, Band | Unknown]]:
        if self.fact in FREER_THAN:
            return [(self.band(freer), self.band(other)) for freer, other in FREER_THAN[self.fact]]
        if self.fact not in MORE_IS_BETTER | LESS_IS_BETTER:
            return []
        edges = sorted(
            Decimal(edge) for band in self.bands for edge in (band.at_least, band.at_most) if edge is not None
        )
        # One value beside every edge is enough: points are constant between edges.
        tried = [self.band(edge + step) for edge in edges for step in (-NUDGE, Decimal(0), NUDGE)]
        pairs = list(pairwise(tried))
        return [(high, low) for low, high in pairs] if self.fact in MORE_IS_BETTER else pairs


class Rubric(Closed):
    """How the persona scores without a model: a start, rules that add and subtract, sentences to say it."""

    start: int = Field(ge=0, le=100)
    rules: tuple[Rule, ...] = Field(min_length=1)
    openings: tuple[Line, ...] = Field(min_length=1)
    turns: tuple[Line, ...] = Field(min_length=1)  # between what speaks for the verdict and what against
    gaps: tuple[Line, ...] = Field(min_length=1)  # what the card does not say
    closings: tuple[Line, ...] = Field(min_length=1)
    abstains: tuple[Line, ...] = Field(min_length=1)
    picks: tuple[Line, ...] = Field(min_length=1)
    toss_ups: tuple[Line, ...] = Field(min_length=1)
    answers: Mapping[str, tuple[Line, ...]]

    @model_validator(mode="after")
    def _always_something_to_say(self) -> Rubric:
        allowed = {"gaps": IN_GAPS, "abstains": IN_GAPS, "picks": IN_PICKS, "toss_ups": IN_PICKS}
        for name in ("openings", "turns", "gaps", "closings", "abstains", "picks", "toss_ups"):
            self._check(name, getattr(self, name), ALWAYS | allowed.get(name, set()))
        for key, lines in self.answers.items():
            self._check(f"answers.{key}", lines, ALWAYS)
        return self

    @staticmethod
    def _check(name: str, lines: tuple[Line, ...], given: Iterable[str]) -> None:
        last = lines[-1] if lines else None
        if last is None or last.when or not any(fields_of(say) <= set(given) for say in last.say):
            raise ValueError(f"the last of “{name}” must fit every card")


def _ordered(low: Value, high: Value) -> bool:
    """low <= high; text compares with text, numbers with numbers, and unlike kinds never hold."""
    if isinstance(low, str) or isinstance(high, str):
        return isinstance(low, str) and isinstance(high, str) and low <= high
    return low <= high
