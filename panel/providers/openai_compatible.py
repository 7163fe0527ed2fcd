"""Any server that speaks the chat completions of OpenAI as a judge: vLLM, llama.cpp, LM Studio and others."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from panel.providers import Answer, ProviderError, Question, bills
from panel.providers.answers import completion
from panel.providers.faults import fault
from panel.providers.line import PlainLine
from panel.providers.openai_compatible_setup import Setup


class OpenAICompatibleProvider:
    kind = "openai_compatible"
    sdk_version = ""
    asks_both_orders = True
    price_table = "settings"  # its price is the operator's to know

    def __init__(self, setup: Setup) -> None:
        self.setup = setup
        self.model = self.label = setup.model
        self.host = setup.host
        self.calls_per_minute = setup.calls_per_minute
        self._line = PlainLine(setup)
        self.close = self._line.close

    def settings(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "model": self.model,
            # No digest is to be had, and servers call very different files by one name ("default").
            "digest": "",
            "host": self.host,
            "temperature": self.setup.temperature,
            "seed": self.setup.seed,
            "max_tokens": self.setup.max_tokens,
        }

    def ask(self, question: Question) -> Answer:
        seen, cut = self._line.post("/v1/chat/completions", self._body(question))
        answer = None if cut else completion(seen)
        if answer is None:
            raise fault(self.host, seen, reserved=self.reserve_usd(question), cut=cut)
        return answer

    def reserve_usd(self, question: Question) -> Decimal:
        return bills.reserved(
            question,
            form=json.dumps(_response_format(question)),
            max_tokens=self.setup.most_tokens(question),
            price=self.setup.price,
        )

    def cost_usd(self, answer: Answer | ProviderError) -> Decimal:
        return bills.due(answer, self.setup.price)

    def _body(self, question: Question) -> dict[str, Any]:
        return {
            "model": self.setup.model,
            "messages": [
                {"role": "system", "content": question.system},
                {"role": "user", "content": question.user},
            ],
            "response_format": _response_format(question),
            "temperature": self.setup.temperature,
            "seed": self.setup.seed,
            "max_tokens": self.setup.most_tokens(question),
            "stream": False,
        }


def _response_format(question: Question) -> dict[str, Any]:
    schema = question.form.model_json_schema()
    return {
        "type": "json_schema",
        "json_schema": {"name": question.form.__name__, "strict": True, "schema": schema},
    }
