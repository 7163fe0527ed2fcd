"""What a call may cost and what it did cost, by what the wire has seen of it."""

from __future__ import annotations

from decimal import Decimal

from panel import costs
from panel.costs import Price
from panel.providers import Answer, ProviderError, Question


def reserved(question: Question, *, form: str, max_tokens: int, price: Price) -> Decimal:
    """The most a call can cost, in USD. `form` is the schema as it is sent along."""
    prompt = len(f"{question.system}{question.user}{form}".encode())
    return costs.charge(prompt + costs.TEMPLATE_TOKENS, max_tokens, 0, price)


def due(told: Answer | ProviderError, price: Price) -> Decimal:
    """What it did cost, in USD; more than that where the server does not say how much it counted."""
    if isinstance(told, ProviderError):
        return told.may_have_cost or costs.charge(told.tokens_in, told.tokens_out, 0, price)
    if not told.tokens_in:  # a server that does not count: no more tokens than bytes
        prompt = len(told.raw_request) + costs.TEMPLATE_TOKENS
        return costs.charge(prompt, len(told.raw_response), 0, price)
    return costs.charge(told.tokens_in, told.tokens_out, told.tokens_cached, price)
