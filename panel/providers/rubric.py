"""The rubric as a judge: reads the card's facts, asks nobody, costs nothing."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from panel import rubric
from panel.providers import Answer, ProviderError, Question


class RubricProvider:
    kind = "rubric"
    host = ""
    sdk_version = ""
    asks_both_orders = False  # it reads two cards side by side: their order changes nothing
    price_table = ""
    calls_per_minute = 0

    def __init__(self) -> None:
        self.model = f"rubric-v{rubric.RUBRIC_VERSION}"
        self.label = f"Rubric v{rubric.RUBRIC_VERSION}"

    def settings(self) -> dict[str, Any]:
        return {"kind": self.kind, "version": rubric.RUBRIC_VERSION}

    def ask(self, question: Question) -> Answer:
        if question.kind == "pick":
            first, second = question.facts
            reply = rubric.pick(question.persona, first, second)
        else:
            reply = rubric.review(question.persona, question.facts[0])
        text = json.dumps(reply, ensure_ascii=False)
        return Answer(text=text, served_model=self.model, finish_reason="stop", raw_response=text.encode())

    def reserve_usd(self, question: Question) -> Decimal:
        return Decimal(0)

    def cost_usd(self, answer: Answer | ProviderError) -> Decimal:
        return Decimal(0)
