"""What a judge is asked and answers, whichever provider it sits behind, and the ways that can go wrong."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar, Literal, Protocol

from pydantic import BaseModel

from comparisons.cards.facts import Facts
from panel.personas import Persona

Kind = Literal["review", "pick"]


@dataclass(frozen=True, slots=True)
class Question:
    """One call. `system` and `user` are the prompt; `form` is the closed shape the answer must have."""

    kind: Kind
    persona: Persona
    facts: tuple[Facts, ...]  # in the order shown; what the rubric reads instead of the prompt
    system: str
    user: str
    form: type[BaseModel]
    longer: bool = False  # the last answer ran out of tokens: half as many again

    def repaired(self, complaint: str, *, longer: bool = False) -> Question:
        """The same question once more, saying what was wrong with the first answer."""
        return Question(
            kind=self.kind,
            persona=self.persona,
            facts=self.facts,
            system=self.system,
            user=f"{self.user}\n\nYour last answer could not be used: {complaint} Answer again, form only.",
            form=self.form,
            longer=self.longer or longer,
        )


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, unread: `text` is the reply as the model wrote it."""

    text: str
    served_model: str
    finish_reason: str = ""
    tokens_in: int = 0
    tokens_out: int = 0
    tokens_cached: int = 0
    http_status: int | None = None
    latency_ms: int | None = 0  # None: unknown, as in a batch
    raw_request: bytes = b""
    raw_response: bytes = b""


class ProviderError(Exception):
    """No usable answer. `retryable`: asking again later can help; `transient`: it counts for the breaker."""

    retryable: ClassVar[bool] = False
    transient: ClassVar[bool] = False

    def __init__(
        self,
        message: str,
        *,
        http_status: int | None = None,
        retry_after: float | None = None,  # seconds
        raw_request: bytes = b"",
        raw_response: bytes = b"",
        tokens_in: int = 0,
        tokens_out: int = 0,
        latency_ms: int | None = 0,
        may_have_cost: Decimal = Decimal(0),  # USD; a call that was cut off may be on the bill all the same
    ) -> None:
        super().__init__(message)
        self.http_status = http_status
        self.retry_after = retry_after
        self.raw_request = raw_request
        self.raw_response = raw_response
        self.tokens_in = tokens_in
        self.tokens_out = tokens_out
        self.latency_ms = latency_ms
        self.may_have_cost = may_have_cost


class Refused(ProviderError):
    """400, 404, 413, 422, a redirect: the same call will be refused again."""


class Misconfigured(ProviderError):
    """401, 402, 403: the key is wrong, lacks a right or is out of credit; nobody should keep knocking."""


class Throttled(ProviderError):
    """429: slower, please. Says nothing about the provider's health."""

    retryable = True


class NotYet(ProviderError):
    """Nobody was asked: this side waited for its turn longer than a thread should."""

    retryable = True


class Unavailable(ProviderError):
    """5xx, a refused connection, a timeout, an answer that is no answer."""

    retryable = True
    transient = True


class Provider(Protocol):
    """One judge. Instances are shared by the threads of a worker process."""

    kind: str
    label: str  # what readers see
    host: str  # "" for the rubric
    model: str
    sdk_version: str
    asks_both_orders: bool  # False where the order of two cards cannot matter
    calls_per_minute: int  # the limit its operator knows of; 0 when unknown
    price_table: str  # whose prices these are: a dated table, "settings", or "" where nothing is charged

    def settings(self) -> dict[str, Any]:
        """Everything that changes what this judge says; the hash of it is the judge's key. No secrets."""

    def ask(self, question: Question) -> Answer:
        """Blocks until the answer or the provider's deadline. Raises ProviderError."""

    def reserve_usd(self, question: Question) -> Decimal:
        """The most this call can cost, in USD."""

    def cost_usd(self, answer: Answer | ProviderError) -> Decimal:
        """What it did cost, in USD."""
