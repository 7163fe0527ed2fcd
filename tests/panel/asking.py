"""A question for any judge behind HTTP, the error that came of it, and what every server's faults become."""

import time
from typing import Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field

from panel.providers import Misconfigured, ProviderError, Question, Refused, Throttled, Unavailable

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

# What a call meets, the error, and words of its sentence.
STATUSES = [
    ("400", Refused, "Invalid request"),
    ("404", Refused, "Invalid model"),
    ("413", Refused, "Status 413"),
    ("422", Refused, "Field required"),
    ("401", Misconfigured, "Unauthorized"),
    ("402", Misconfigured, "Status 402"),
    ("403", Misconfigured, "Status 403"),
    ("429", Throttled, "Rate limit exceeded"),
    ("408", Unavailable, "failed (408)"),
    ("500", Unavailable, "failed (500)"),
    ("502", Unavailable, "failed (502)"),
    ("503:7", Unavailable, "failed (503)"),
]
NO_ANSWERS = [
    ("reset", "The connection failed: "),
    ("short", "The connection failed: "),
    ("babble", "The connection failed: "),
    ("html", "It sent text/html; charset=utf-8 instead of JSON."),
    ("html_as_json", "It sent broken JSON."),
    ("truncated", "It sent broken JSON."),
    ("deprecated", "It sent JSON that is no completion."),  # Mistral's SDK stumbles over its own warning
    ("not_a_completion", "It sent JSON that is no completion."),
    ("empty", "An answer with status 204 is no completion."),
    ("huge", "The answer is larger than 1,000,000 bytes."),
    ("packed", "The answer came packed, which was not asked for."),
]
SLOW = ["hang", "drip", "drip_headers"]


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
