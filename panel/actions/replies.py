"""Reading what a judge said, whichever way it came: by a call or as a line of a batch."""

from __future__ import annotations

import json

from django.conf import settings

from panel.brief import canary_for
from panel.canary import carries_canary
from panel.outliers import held_against_facts
from panel.providers import Answer, Provider, ProviderError, Question
from panel.providers.chain import RUBRIC
from panel.reply import (
    REPLY_CHARACTERS,
    PickReply,
    ReviewReply,
    parse_pick,
    parse_review,
    parse_rubric_review,
)

RECITED = "The answer gives away a word that only its instructions hold."
RAN_OUT = frozenset({"length", "model_length"})  # finish reasons of an answer that was cut short


class Quarantined(ProviderError):
    """A card talked the model into reciting its orders; what it said is kept for staff and never shown."""


def read(question: Question, provider: Provider, answer: Answer, *, final: bool) -> ReviewReply | PickReply:
    """`final` takes what can be taken, flagged, because no second answer will come.

    Raises UnusableReply, Quarantined.
    """
    persona = question.persona
    if provider.kind == RUBRIC and question.kind == "review":
        # It alone may abstain and explains its points.
        return parse_rubric_review(answer.text, persona)
    canary = canary_for(persona, settings.SECRET_KEY.encode())
    if carries_canary(answer.text[:REPLY_CHARACTERS], canary):  # a longer one is refused unread
        raise Quarantined(RECITED)
    parse = parse_pick if question.kind == "pick" else parse_review
    reply = parse(answer.text, persona, final=final)
    # Looked for again: taking escapes and tags out of an answer can put the word together.
    if carries_canary(json.dumps(reply.record(), ensure_ascii=False), canary):
        raise Quarantined(RECITED)
    return reply if provider.kind == RUBRIC else held_against_facts(reply, question)
