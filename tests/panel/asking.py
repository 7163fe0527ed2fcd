"""A question for any judge behind HTTP, the error that came of it, and what is true of each of them."""

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field

from panel.providers import Misconfigured, ProviderError, Question, Refused, Throttled, Unavailable
from tests.fakes.replies import FAULTS, at_random

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


def check_status(fake, judge, meets, kind, says):
    """A status is an error of this kind, for which nobody is charged."""
    fake.script([meets])
    error = error_of(judge)
    assert type(error) is kind
    assert error.http_status == int(meets[:3])
    assert error.retry_after == (7 if ":" in meets else None)
    assert says in str(error)
    assert judge.host in str(error)
    assert judge.cost_usd(error) == error.may_have_cost == 0
    assert error.raw_response.startswith(f"HTTP {meets[:3]}\n".encode())


def check_no_answer(fake, judge, meets, says):
    """The error of an answer that is none; the next call finds a sound connection."""
    fake.script([meets])
    error = error_of(judge)
    assert type(error) is Unavailable
    assert says in str(error)
    assert len(error.raw_response) < 1_001_000
    assert judge.ask(QUESTION).text
    return error


def check_deadline(fake, hasty, meets):
    """The error of a judge made with DEADLINE before a server that is too slow."""
    fake.script([meets])
    error = error_of(hasty)
    assert type(error) is Unavailable
    assert "No whole answer within 0.4 seconds." in str(error)
    assert DEADLINE <= error.latency_ms / 1000 < DEADLINE + LEEWAY
    return error


def check_found_again(fake, judge):
    """A server that went down costs nothing, and its return needs nobody's help."""
    judge.ask(QUESTION)
    fake.down()
    error = error_of(judge)
    assert type(error) is Unavailable
    assert "Connection refused" in str(error)
    assert judge.cost_usd(error) == 0
    fake.up()
    assert judge.ask(QUESTION).text


def check_any_order(fake, judge, seed):
    """Sixty calls by eight threads: each an answer or a known error."""
    quick = [fault for fault in FAULTS if fault not in SLOW]
    fake.script(at_random(seed, dict.fromkeys([*quick, "429:1", "500", "404"], 0.04)))

    def ask(_):
        try:
            return judge.ask(QUESTION).http_status
        except ProviderError as error:
            return type(error)

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(ask, range(60)))
    assert len(outcomes) == len(fake.calls) == 60
    assert {200, Unavailable} <= set(outcomes)
