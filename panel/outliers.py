"""A model's answer held against the typed facts: what a card's words may have bought is flagged."""

from __future__ import annotations

from dataclasses import replace

from panel import rubric
from panel.providers import Question
from panel.reply import PickReply, ReviewReply

FAR_ABOVE = 35  # points; two honest judges of one card are rarely so far apart


def held_against_facts(reply: ReviewReply | PickReply, question: Question) -> ReviewReply | PickReply:
    """The reply, with a flag if it is far kinder than the rubric, which no words on a card can move.

    Only kinder: a card's own text has no reason to talk its score down.
    """
    doubt = _of_pick(reply, question) if isinstance(reply, PickReply) else _of_review(reply, question)
    if not doubt:
        return reply
    return replace(reply, flagged="; ".join(filter(None, (doubt, reply.flagged)))[:200])


def _of_review(reply: ReviewReply, question: Question) -> str:
    expected = rubric.score(question.persona, question.facts[0])
    if reply.score is None or expected is None or reply.score - expected < FAR_ABOVE:
        return ""
    return f"{reply.score - expected} points above what the checked facts alone give"


def _of_pick(reply: PickReply, question: Question) -> str:
    facts_say = rubric.choice(question.persona, *question.facts)
    if facts_say == reply.choice or "toss-up" in (facts_say, reply.choice):
        return ""
    return "picked the card that the checked facts speak against"
