"""From a hearing's rows to the question that is asked."""

from __future__ import annotations

from functools import lru_cache

from django.conf import settings

from panel.brief import brief_pick, brief_review
from panel.models import Hearing
from panel.personas import Persona, parse_persona
from panel.providers import Provider, Question
from panel.providers.chain import RUBRIC, provider_for


@lru_cache(maxsize=64)
def _persona(sha256: str, text: str) -> Persona:
    """The persona of the version that was convened, not of today's file."""
    return parse_persona(text)


def persona_of(hearing: Hearing) -> Persona:
    return _persona(hearing.persona.sha256, hearing.persona.text)


def question_of(hearing: Hearing) -> Question:
    """The same rows always make the same prompt, byte for byte."""
    persona, first = persona_of(hearing), hearing.first
    key = settings.SECRET_KEY.encode()
    if hearing.second is None:
        return brief_review(persona, first.facts, first.sha256, key=key)
    second = hearing.second
    return brief_pick(persona, first.facts, second.facts, first.sha256, second.sha256, key=key)


def who_answers(question: Question, judge: Provider) -> Provider:
    """The judge; but of a card that says too little for a reviewer no model is asked: the rubric abstains."""
    if question.kind == "review" and question.persona.lacks(question.facts[0]):
        return provider_for(RUBRIC) or judge
    return judge
