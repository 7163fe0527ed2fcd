"""Ollama as a judge: its native API, because only that one refuses to cut a prompt that is too long."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from panel.providers import Answer, ProviderError, Question, Refused, Throttled
from panel.providers.answers import chat
from panel.providers.faults import fault, record, said_of
from panel.providers.line import PlainLine
from panel.providers.ollama_setup import Setup
from panel.providers.ollama_shelf import forget
from panel.providers.wire import Exchange

NOT_FOUND, BUSY = 404, 503
# A model that thinks first spends the tokens of its answer on it. Some versions of Ollama do not enforce the
# form when told not to think; the reply is read as if nobody ever did (ollama/ollama#14645).
THINK = False


class OllamaProvider:
    """One model by its digest: the same name pulled anew is another judge."""

    kind = "ollama"
    asks_both_orders = True
    price_table = ""

    def __init__(self, setup: Setup, *, digest: str, version: str) -> None:
        self.setup = setup
        self.model = self.label = setup.model
        self.host = setup.host
        self.calls_per_minute = setup.calls_per_minute
        self.sdk_version = f"Ollama {version}".strip()
        self._digest = digest
        self._line = PlainLine(setup)
        self.close = self._line.close

    def settings(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "model": self.model,
            "digest": self._digest,
            "temperature": self.setup.temperature,
            "seed": self.setup.seed,
            "max_tokens": self.setup.max_tokens,
            "num_ctx": self.setup.num_ctx,
            "think": THINK,
        }

    def ask(self, question: Question) -> Answer:
        seen, cut = self._line.post("/api/chat", self._body(question))
        answer = None if cut else chat(seen)
        if answer is None:
            raise self._fault(seen, cut)
        return answer

    def reserve_usd(self, question: Question) -> Decimal:
        return Decimal(0)

    def cost_usd(self, answer: Answer | ProviderError) -> Decimal:
        return Decimal(0)

    def _body(self, question: Question) -> dict[str, Any]:
        return {
            "model": self.setup.model,
            "messages": [
                {"role": "system", "content": question.system},
                {"role": "user", "content": question.user},
            ],
            "format": question.form.model_json_schema(),
            "stream": False,
            "think": THINK,
            # Left to itself it drops the beginning of what does not fit, before the answer and during it, and
            # says nothing: a review of half a card.
            "truncate": False,
            "shift": False,
            "options": {
                "num_ctx": self.setup.num_ctx,
                "seed": self.setup.seed,
                "temperature": self.setup.temperature,
                "num_predict": self.setup.most_tokens(question),
            },
        }

    def _fault(self, seen: Exchange, cut: str) -> ProviderError:
        if seen.status == NOT_FOUND:
            forget(self.setup.server)
            sentence = f"{self.host} has no {self.model} (404); run: ollama pull {self.model}"
            return Refused(sentence, **record(seen))
        # Its queue is full: that is what others say with 429, and no sign of ill health.
        said = said_of(seen.body)
        if seen.status == BUSY and "busy" in said:
            return Throttled(f"{self.host} asks to slow down (503). It says: {said}", **record(seen))
        return fault(self.host, seen, reserved=Decimal(0), cut=cut)
