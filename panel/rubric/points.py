"""Facts into points, by the rules of one persona."""

from __future__ import annotations

from dataclasses import dataclass

from comparisons.cards.facts import Facts
from panel.personas import Persona
from panel.personas.lens import Band, Unknown
from panel.personas.readings import READINGS, Value
from panel.plaintext import plain


@dataclass(frozen=True, slots=True)
class Hit:
    """What one rule made of one fact."""

    fact: str
    label: str
    shown: str  # the value in words, "unknown" where the card is silent
    known: bool
    band: Band | Unknown

    @property
    def points(self) -> int:
        return self.band.points


def hits_of(persona: Persona, facts: Facts) -> tuple[Hit, ...]:
    """Every rule of the persona on this card, in the order of its file."""
    hits = []
    for rule in persona.rubric.rules:
        reading = READINGS[rule.fact]
        value = reading.read(facts)
        shown = "unknown" if value is None else plain(reading.show(facts, value))[:80]
        hits.append(Hit(rule.fact, reading.label, shown, value is not None, rule.band(value)))
    return tuple(hits)


def score_of(persona: Persona, hits: tuple[Hit, ...]) -> int:
    return _bounded(persona.rubric.start + sum(hit.points for hit in hits))


def score_alone(persona: Persona, facts: Facts) -> int:
    """The same score, without the words that `hits_of` finds for it."""
    rules = persona.rubric.rules
    points = (rule.band(READINGS[rule.fact].read(facts)).points for rule in rules)
    return _bounded(persona.rubric.start + sum(points))


def _bounded(score: int) -> int:
    return max(0, min(100, score))


def values_of(facts: Facts) -> dict[str, Value | None]:
    """Everything a persona's sentences may depend on."""
    return {name: reading.read(facts) for name, reading in READINGS.items()}
