"""Mistral as a judge: its own SDK over our own wire."""

from __future__ import annotations

import json
import os
from decimal import Decimal
from functools import lru_cache, partial
from http.cookiejar import CookieJar, DefaultCookiePolicy
from importlib.metadata import version
from typing import Any, NamedTuple

# Before the import: a prompt for a server of one's own must not reach Mistral as a trace.
os.environ["MISTRAL_SDK_TELEMETRY"] = "false"

import httpx2
from mistralai.client import Mistral
from mistralai.client.chat import Chat
from mistralai.client.models import (
    ChatCompletionRequest,
    ChatCompletionRequestMessage,
    ResponseFormat,
    SystemMessage,
    UserMessage,
)
from mistralai.client.utils import serializers
from mistralai.client.utils.logger import NoOpLogger
from mistralai.extra import response_format_from_pydantic_model
from pydantic import BaseModel, ConfigDict, create_model

from panel import costs
from panel.providers import Answer, Misconfigured, ProviderError, Question, bills
from panel.providers.answers import completion
from panel.providers.batches import BatchDesk
from panel.providers.faults import fault
from panel.providers.line import Line
from panel.providers.mistral_batches import MistralBatches
from panel.providers.mistral_setup import Setup
from panel.providers.wire import Cut, Wire, exchange

# Given no key, the SDK takes MISTRAL_API_KEY or the file MISTRAL_SA_TOKEN_PATH names and sends it to whatever
# server it was pointed at. The wire throws this one away and adds the real one, or none.
NO_KEY = "the-wire-holds-the-key"


class _Client(NamedTuple):
    wire: Wire
    chat: Chat


class MistralProvider:
    """One instance serves all threads of a process; its client is made at the first call."""

    kind = "mistral"
    sdk_version = f"mistralai {version('mistralai')}"
    asks_both_orders = True
    price_table = costs.PRICE_TABLE

    def __init__(self, setup: Setup) -> None:
        self.setup = setup
        self.model = self.label = setup.model
        self.host = setup.host
        self.calls_per_minute = setup.calls_per_minute
        self._line = Line(partial(_connect, setup), _hang_up)
        self._connected = self._line.dialed
        self.batches: BatchDesk = MistralBatches(setup, self._body)
        self.close = self._line.close

    @classmethod
    def from_settings(cls) -> MistralProvider:
        return cls(Setup.from_settings())

    def settings(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "model": self.model,
            "digest": "",  # a hosted model shows none; its dated name must do
            "temperature": self.setup.temperature,
            "seed": self.setup.seed,
            "max_tokens": self.setup.max_tokens,
        }

    def ask(self, question: Question) -> Answer:
        if not self.setup.can_speak:
            raise Misconfigured(f"{self.host} wants a key: set MISTRAL_API_KEY.")
        chat = self._connected().chat
        with exchange(self.setup.deadline) as seen:
            try:
                # Not `parse`: an answer cut short makes it raise JSONDecodeError and forget what was paid.
                chat.complete(**self._asked(question))
            except Cut as cut:
                raise fault(self.host, seen, reserved=self.reserve_usd(question), cut=str(cut)) from cut
            except Exception as error:
                # Nothing came over the wire: a mistake of ours, to be seen as one.
                if seen.status is None:
                    raise
                raise fault(self.host, seen, reserved=self.reserve_usd(question)) from error
            answer = completion(seen)
            if answer is None:
                raise fault(self.host, seen, reserved=self.reserve_usd(question))
            return answer

    def _asked(self, question: Question) -> dict[str, Any]:
        messages: list[ChatCompletionRequestMessage] = [
            SystemMessage(content=question.system),
            UserMessage(content=question.user),
        ]
        return {
            "model": self.setup.model,
            "messages": messages,
            "temperature": self.setup.temperature,
            "random_seed": self.setup.seed,
            "max_tokens": self.setup.most_tokens(question),
            "response_format": _response_format(question.form),
        }

    def _body(self, question: Question) -> dict[str, Any]:
        """The very bytes of a single call, as JSON: a batch asks what a call would have asked."""
        asked = ChatCompletionRequest(stream=False, **self._asked(question))
        body: dict[str, Any] = json.loads(asked.model_dump_json(by_alias=True, exclude_none=True))
        return body

    def reserve_usd(self, question: Question) -> Decimal:
        return bills.reserved(
            question,
            form=_response_format(question.form).model_dump_json(),
            max_tokens=self.setup.most_tokens(question),
            price=costs.price(self.model),
        )

    def cost_usd(self, answer: Answer | ProviderError) -> Decimal:
        # Only the answer says which model an alias stood for.
        said = answer.served_model if isinstance(answer, Answer) else ""
        return bills.due(answer, costs.price(said if costs.is_listed(said) else self.model))


def _connect(setup: Setup) -> _Client:
    wire = Wire(setup.server, key=setup.key, connections=setup.connections)
    client = httpx2.Client(
        transport=wire,
        follow_redirects=False,
        trust_env=False,  # the wire looks for a proxy itself
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),  # no hearing is to know of another
    )
    sdk = Mistral(
        api_key=NO_KEY,
        server_url=setup.server,
        client=client,
        # Left to itself the SDK makes one: a second certificate store, and an event loop at exit.
        async_client=httpx2.AsyncClient(transport=httpx2.AsyncBaseTransport(), trust_env=False),
        retry_config=None,  # its retries wait as long as a server says; asking again is the queue's affair
        timeout_ms=round(setup.deadline * 1000),
        debug_logger=NoOpLogger(),  # MISTRAL_DEBUG would print whole prompts
    )
    return _Client(wire, sdk.chat)


def _hang_up(client: _Client) -> None:
    client.wire.close()


@lru_cache(maxsize=64)
def _compiled(name: str, form: Any) -> type[BaseModel]:
    config = ConfigDict(populate_by_name=True, arbitrary_types_allowed=True)
    return create_model(name, body=(form, ...), __config__=config)


def _compile_once(name: str, *, body: tuple[Any, Any], __config__: ConfigDict) -> type[BaseModel]:
    return _compiled(name, body[0])


# The SDK compiles six pydantic classes at every call, always the same six: more than half of what a call
# costs it, 2 of 4 ms of processor.
serializers.create_model = _compile_once  # type: ignore[assignment, attr-defined]


@lru_cache(maxsize=64)
def _response_format(form: type[BaseModel]) -> ResponseFormat:
    # A plain dict would make the SDK compile a pydantic class for it at every call.
    return ResponseFormat.model_validate(response_format_from_pydantic_model(form))
