"""A question, a judge to put it to, and the error that came of it."""

import time
from dataclasses import replace
from typing import Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field

from panel.providers import ProviderError, Question
from panel.providers.mistral import MistralProvider
from panel.providers.mistral_setup import Setup

KEY = "a-key-nobody-else-may-see"
DEADLINE = 0.4  # seconds, where waiting it out is the point
LEEWAY = 3.0  # for a machine that is busy with other tests
PATIENT = 10.0  # elsewhere: a busy machine is no fault


class Form(BaseModel):
    model_config = ConfigDict(extra="forbid")
    buyer: str = Field(min_length=3, max_length=300)
    score: int = Field(ge=0, le=100)
    verdict: Literal["ship", "skip"]
    paragraph: str = Field(min_length=200)


QUESTION = Question(
    kind="review",
    persona=None,  # only the rubric reads it
    facts=(),
    system="You are a reviewer.",
    user="The card: naïve.",
    form=Form,
)


def judge_of(url, **changes):
    judge = MistralProvider(setup_of(url, **changes))
    yield judge
    judge.close()


def setup_of(url, **changes):
    plain = Setup(
        calls_per_minute=0,
        server=url,
        model="mistral-medium-2604",
        temperature=0.2,
        seed=7,
        max_tokens=1400,
        deadline=PATIENT,
        connections=32,
        key=KEY,
    )
    return replace(plain, **changes)


def error_of(judge, question=QUESTION):
    """The error, which came in time, with a receipt that gives no key away."""
    started = time.monotonic()
    with pytest.raises(ProviderError) as caught:
        judge.ask(question)
    assert time.monotonic() - started < judge.setup.deadline + LEEWAY
    error = caught.value
    assert KEY.encode() not in error.raw_request + error.raw_response
    assert KEY[:12] not in f"{error!r}{error}"
    return error
