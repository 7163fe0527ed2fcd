"""Mistral as a judge: its own SDK over our own wire."""

from __future__ import annotations

import os
import threading
import weakref
from collections.abc import Callable
from decimal import Decimal
from functools import lru_cache
from http.cookiejar import CookieJar, DefaultCookiePolicy
from importlib.metadata import version
from typing import Any, NamedTuple

# Before the import: a prompt for a server of one's own must not reach Mistral as a trace.
os.environ["MISTRAL_SDK_TELEMETRY"] = "false"

import httpx2
from mistralai.client import Mistral
from mistralai.client.chat import Chat
from mistralai.client.models import (
    ChatCompletionRequestMessage,
    ChatCompletionResponse,
    ResponseFormat,
    SystemMessage,
    TextChunk,
    UserMessage,
)
from mistralai.client.utils.logger import NoOpLogger
from mistralai.extra import response_format_from_pydantic_model
from pydantic import BaseModel

from panel import costs
from panel.providers import Answer, Misconfigured, ProviderError, Question
from panel.providers.faults import fault, one_line, usage_of
from panel.providers.mistral_setup import Setup
from panel.providers.wire import Cut, Exchange, Wire, exchange

# Given no key, the SDK takes MISTRAL_API_KEY or the file MISTRAL_SA_TOKEN_PATH names and sends it to whatever
# server it was pointed at. The wire throws this one away and adds the real one, or none.
NO_KEY = "the-wire-holds-the-key"


class _Line(NamedTuple):
    process: int
    wire: Wire
    chat: Chat
    hang_up: Callable[[], Any]  # at the latest when the provider is forgotten or the process ends


class MistralProvider:
    """One instance serves all threads of a process; its client is made at the first call."""

    kind = "mistral"
    sdk_version = f"mistralai {version('mistralai')}"
    asks_both_orders = True

    def __init__(self, setup: Setup) -> None:
        self.setup = setup
        self.model = self.label = setup.model
        self.host = setup.host
        self.calls_per_minute = setup.calls_per_minute
        self._line: _Line | None = None
        self._lock = threading.Lock()

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
        messages: list[ChatCompletionRequestMessage] = [
            SystemMessage(content=question.system),
            UserMessage(content=question.user),
        ]
        with exchange(self.setup.deadline) as seen:
            try:
                # Not `parse`: an answer cut short makes it raise JSONDecodeError and forget what was paid.
                reply = chat.complete(
                    model=self.setup.model,
                    messages=messages,
                    temperature=self.setup.temperature,
                    random_seed=self.setup.seed,
                    max_tokens=self._max_tokens(question),
                    response_format=_response_format(question.form),
                )
            except Cut as cut:
                raise fault(self.host, seen, reserved=self.reserve_usd(question), cut=str(cut)) from cut
            except Exception as error:
                # Nothing came over the wire: a mistake of ours, to be seen as one.
                if seen.status is None:
                    raise
                raise fault(self.host, seen, reserved=self.reserve_usd(question)) from error
            return _answer(reply, seen)

    def reserve_usd(self, question: Question) -> Decimal:
        form = _response_format(question.form).model_dump_json()
        prompt = len(f"{question.system}{question.user}{form}".encode())
        return costs.reserve(prompt, self._max_tokens(question), self.model)

    def cost_usd(self, answer: Answer | ProviderError) -> Decimal:
        if isinstance(answer, ProviderError):
            return answer.may_have_cost or costs.cost(answer.tokens_in, answer.tokens_out, 0, self.model)
        # Only the answer says which model an alias stood for.
        model = answer.served_model if costs.is_listed(answer.served_model) else self.model
        if not answer.tokens_in:  # a server that does not count: no more tokens than bytes
            return costs.reserve(len(answer.raw_request), len(answer.raw_response), model)
        return costs.cost(answer.tokens_in, answer.tokens_out, answer.tokens_cached, model)

    def close(self) -> None:
        """Drops the connections; the next call makes new ones."""
        with self._lock:
            line, self._line = self._line, None
        if line is not None:
            line.hang_up()

    def _connected(self) -> _Line:
        """This process's client: one made before a fork would share its sockets with the parent's."""
        with self._lock:
            if self._line is None or self._line.process != os.getpid():
                wire, chat = _connect(self.setup)
                self._line = _Line(os.getpid(), wire, chat, weakref.finalize(self, wire.close))
            return self._line

    def _max_tokens(self, question: Question) -> int:
        return self.setup.max_tokens * 3 // 2 if question.longer else self.setup.max_tokens


def _connect(setup: Setup) -> tuple[Wire, Chat]:
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
    return wire, sdk.chat


@lru_cache(maxsize=64)
def _response_format(form: type[BaseModel]) -> ResponseFormat:
    # A plain dict would make the SDK compile a pydantic class for it at every call.
    return ResponseFormat.model_validate(response_format_from_pydantic_model(form))


def _answer(reply: ChatCompletionResponse, seen: Exchange) -> Answer:
    """A missing text is an answer too: whoever reads it complains and asks once more."""
    choice = reply.choices[0] if reply.choices else None
    content = choice.message.content if choice and choice.message else None
    if isinstance(content, list):  # reasoning models send their thinking as chunks beside the text
        content = "".join(chunk.text for chunk in content if isinstance(chunk, TextChunk))
    tokens_in, tokens_out, tokens_cached = usage_of(seen.body)
    return Answer(
        text=content if isinstance(content, str) else "",
        served_model=one_line(reply.model, 120),
        finish_reason=one_line(choice.finish_reason, 40) if choice else "",
        tokens_in=tokens_in,
        tokens_out=tokens_out,
        tokens_cached=tokens_cached,
        http_status=seen.status,
        latency_ms=seen.latency_ms,
        raw_request=seen.request,
        raw_response=seen.response,
    )
