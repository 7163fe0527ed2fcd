"""The judge that needs no model: points for typed facts, weighed by each persona's own file.

It reads no free text for its score, so a card cannot talk its way up.
"""

from __future__ import annotations

from typing import Any

from comparisons.cards.facts import Facts
from panel.personas import Persona
from panel.reply import SHIP_FROM
from panel.rubric import prose
from panel.rubric.points import Hit, hits_of, score_alone, score_of

RUBRIC_VERSION = "1"
WIN_BY = 3  # as in the verdict: a side is preferred when it is more than this many points ahead


def review(persona: Persona, facts: Facts) -> dict[str, Any]:
    """One reviewer on one card, as the record of a reply. Abstains (score None) below the persona's needs."""
    hits = hits_of(persona, facts)
    answers = prose.answers(persona, facts)
    if lacking := persona.lacks(facts):
        paragraph = prose.abstention(persona, facts, lacking, hits)
        return {**answers, "score": None, "verdict": "skip", "paragraph": paragraph, "points": []}
    score = score_of(persona, hits)
    return {
        **answers,
        "score": score,
        "verdict": "ship" if score >= SHIP_FROM else "skip",
        "paragraph": prose.paragraph(persona, facts, hits, score),
        "points": _points(persona, hits, score),
    }


def pick(persona: Persona, first_facts: Facts, second_facts: Facts) -> dict[str, Any]:
    """One reviewer between two cards. Swapped cards give the other letter and the same reason."""
    first, second = hits_of(persona, first_facts), hits_of(persona, second_facts)
    if persona.lacks(first_facts) or persona.lacks(second_facts):
        return {"why": prose.no_pick(persona, first_facts, second_facts), "choice": "toss-up"}
    lead = score_of(persona, first) - score_of(persona, second)
    if lead < 0 or (lead == 0 and _key(second_facts) < _key(first_facts)):
        # Told from the winner's side, or in one fixed order when nobody wins: the reason never depends
        # on which card was shown first.
        why = prose.reason(persona, (second_facts, second), (first_facts, first), -lead, won=-lead > WIN_BY)
    else:
        why = prose.reason(persona, (first_facts, first), (second_facts, second), lead, won=lead > WIN_BY)
    return {"why": why, "choice": _choice(lead)}


def score(persona: Persona, facts: Facts) -> int | None:
    """The score of `review` alone, in a tenth of its time."""
    return None if persona.lacks(facts) else score_alone(persona, facts)


def choice(persona: Persona, first: Facts, second: Facts) -> str:
    """The choice of `pick` alone."""
    if persona.lacks(first) or persona.lacks(second):
        return _choice(0)
    return _choice(score_alone(persona, first) - score_alone(persona, second))


def _choice(lead: int) -> str:
    return "toss-up" if abs(lead) <= WIN_BY else ("A" if lead > 0 else "B")


def _points(persona: Persona, hits: tuple[Hit, ...], score: int) -> list[dict[str, Any]]:
    """What gave how many points, a row a rule; the rows add up to the score."""
    start = persona.rubric.start
    rows = [{"fact": "start", "points": start, "because": "where every card starts"}]
    rows += [{"fact": hit.fact, "points": hit.points, "because": f"{hit.label}: {hit.shown}"} for hit in hits]
    if over := score - start - sum(hit.points for hit in hits):
        rows.append({"fact": "limit", "points": over, "because": "a score stays between 0 and 100"})
    return rows


def _key(facts: Facts) -> tuple[str, str]:
    return facts.name, facts.sha256
