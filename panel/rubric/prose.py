"""Points into sentences, the persona's own. A sentence is used only if every fact in it is known."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping

from comparisons.cards.facts import Facts
from panel.personas import Persona
from panel.personas.lens import Line, fields_of
from panel.personas.readings import READINGS, Value
from panel.reply import SHIP_FROM
from panel.rubric.points import Hit, values_of
from panel.rubric.words import fills_of, joined, name_of

LEAST, MOST = 60, 180  # words of a paragraph
FOR, AGAINST = 3, 2  # sentences for the verdict and against it, before the length is looked at
NAMED_GAPS = 4  # unknown facts listed by name; the rest are counted

Fills = Mapping[str, str]


def answers(persona: Persona, facts: Facts) -> dict[str, str]:
    """The standing questions, answered from facts alone."""
    values, fills = values_of(facts), fills_of(facts)
    said = {}
    for question in persona.questions:
        lines = persona.rubric.answers[question.key]
        seed = _seed(persona, facts, question.key)
        said[question.key] = _first(lines, values, fills, seed, fullest=True)
    return said


def paragraph(persona: Persona, facts: Facts, hits: tuple[Hit, ...], score: int) -> str:
    """60–180 words: the call, the facts that carried it, those that spoke against it, what is unknown."""
    rubric = persona.rubric
    values = {**values_of(facts), "score": score}
    fills = {**fills_of(facts), **_gaps(hits)}

    def line(name: str, lines: tuple[Line, ...]) -> str:
        return _first(lines, values, fills, _seed(persona, facts, name))

    told = [(hit, sentence) for hit in hits if (sentence := _of(persona, facts, hit, fills))]
    ship = score >= SHIP_FROM
    with_verdict = _weightiest((one for one in told if (one[0].points > 0) == ship and one[0].points), FOR)
    against = _weightiest((one for one in told if (one[0].points < 0) == ship and one[0].points), AGAINST)
    rest = [one for one in told if one not in with_verdict and one not in against]
    frame = [
        line("opening", rubric.openings),
        line("gaps", rubric.gaps) if any(not hit.known for hit in hits) else "",
        line("closing", rubric.closings),
    ]
    turn = line("turn", rubric.turns) if against and with_verdict else ""
    while rest and _count([*frame, turn, *_sentences(with_verdict), *_sentences(against)]) < LEAST:
        with_verdict.append(rest.pop(0))
    while _count([*frame, turn, *_sentences(with_verdict), *_sentences(against)]) > MOST and with_verdict:
        (against or with_verdict).pop()
        turn = turn if against else ""
    opening, gaps, closing = frame
    parts = [opening, *_sentences(with_verdict), turn, *_sentences(against), gaps, closing]
    return " ".join(part for part in parts if part)


def abstention(persona: Persona, facts: Facts, lacking: tuple[str, ...], hits: tuple[Hit, ...]) -> str:
    """Why this reviewer gives no score."""
    labels = [joined([READINGS[name].label for name in need.split(" or ")], "or") for need in lacking]
    fills = {**fills_of(facts), **_gaps(hits), "missing": joined(labels)}
    return _first(persona.rubric.abstains, values_of(facts), fills, _seed(persona, facts, "abstains"))


def no_pick(persona: Persona, first: Facts, second: Facts) -> str:
    """Why this reviewer does not choose."""
    thin = sorted({name_of(facts) for facts in (first, second) if persona.lacks(facts)})
    return f"No choice without a score: the card of {joined(thin)} says too little for this reviewer."


def reason(
    persona: Persona,
    ahead: tuple[Facts, tuple[Hit, ...]],
    behind: tuple[Facts, tuple[Hit, ...]],
    lead: int,
    *,
    won: bool,
) -> str:
    """What made the difference, told from the side that is ahead."""
    (winner, winning), (loser, losing) = ahead, behind
    start = persona.rubric.start
    scores = [max(0, min(100, start + sum(hit.points for hit in hits))) for hits in (winning, losing)]
    fills = {
        **fills_of(winner),
        "winner": name_of(winner),
        "loser": name_of(loser),
        "gap": _points(lead),
        "high": str(scores[0]),
        "low": str(scores[1]),
    }
    lines = persona.rubric.picks if won else persona.rubric.toss_ups
    seed = _seed(persona, winner, f"pick {loser.name}")
    parts = [_first(lines, {**values_of(winner), "score": lead}, fills, seed)]
    pairs = [(mine.points - other.points, mine, other) for mine, other in zip(winning, losing, strict=True)]
    gains = sorted((pair for pair in pairs if pair[0] > 0), key=lambda pair: -pair[0])[:3]
    losses = sorted((pair for pair in pairs if pair[0] < 0), key=lambda pair: pair[0])[:2]
    if gains:
        parts.append(f"For {name_of(winner)}: {'; '.join(_versus(*gain) for gain in gains)}.")
    if losses:
        parts.append(
            f"For {name_of(loser)}: {'; '.join(_versus(-by, mine, other) for by, other, mine in losses)}."
        )
    return " ".join(parts)


def _first(
    lines: Iterable[Line],
    values: Mapping[str, Value | None],
    fills: Fills,
    seed: str,
    *,
    fullest: bool = False,
) -> str:
    for line in lines:
        if line.fits(values) and (sentence := _choose(line.say, fills, seed, fullest=fullest)):
            return sentence
    # Unreachable for a persona that was read from a file: its last line always fits.
    raise LookupError("no sentence fits this card")


def _of(persona: Persona, facts: Facts, hit: Hit, fills: Fills) -> str:
    return _choose(hit.band.say, fills, _seed(persona, facts, hit.fact))


def _choose(sentences: tuple[str, ...], fills: Fills, seed: str, *, fullest: bool = False) -> str:
    """One of the sentences that can be filled in. Which one depends on the card, so that cards differ."""
    fitting = [sentence for sentence in sentences if fields_of(sentence) <= fills.keys()]
    if not fitting:
        return ""
    if fullest:
        # The others are there for cards that lack a fact, and may say that it is lacking.
        most = max(len(fields_of(sentence)) for sentence in fitting)
        fitting = [sentence for sentence in fitting if len(fields_of(sentence)) == most]
    drawn = int.from_bytes(hashlib.sha256(seed.encode()).digest()[:4])
    return fitting[drawn % len(fitting)].format_map(fills)


def _seed(persona: Persona, facts: Facts, place: str) -> str:
    return f"{persona.slug}|{facts.lab}|{facts.name}|{facts.params_total_b}|{place}"


def _weightiest(told: Iterable[tuple[Hit, str]], most: int) -> list[tuple[Hit, str]]:
    return sorted(told, key=lambda one: -abs(one[0].points))[:most]


def _sentences(told: Iterable[tuple[Hit, str]]) -> list[str]:
    return [sentence for _, sentence in told]


def _count(parts: Iterable[str]) -> int:
    return sum(len(part.split()) for part in parts)


def _gaps(hits: tuple[Hit, ...]) -> dict[str, str]:
    missing = list(dict.fromkeys(hit.label for hit in hits if not hit.known))
    if len(missing) > NAMED_GAPS + 1:
        missing = [*missing[:NAMED_GAPS], f"{len(missing) - NAMED_GAPS} more"]
    known, asked = sum(hit.known for hit in hits), len(hits)
    confidence = "high" if 5 * known >= 4 * asked else ("medium" if 2 * known >= asked else "low")
    return {
        "missing": joined(missing) or "nothing",
        "known": str(known),
        "asked": str(asked),
        "confidence": confidence,
    }


def _versus(by: int, mine: Hit, other: Hit) -> str:
    return f"{mine.label}, {mine.shown} against {other.shown} ({_points(by)})"


def _points(count: int) -> str:
    return f"{count} point" if count == 1 else f"{count} points"
