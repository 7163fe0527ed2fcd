"""A judge on a server that speaks the chat completions of OpenAI."""

from dataclasses import replace
from decimal import Decimal

from panel.costs import Price
from panel.providers.openai_compatible import OpenAICompatibleProvider
from panel.providers.openai_compatible_setup import Setup
from tests.panel.asking import KEY, PATIENT


def judge_of(url, **changes):
    judge = OpenAICompatibleProvider(setup_of(url, **changes))
    yield judge
    judge.close()


def setup_of(url, **changes):
    plain = Setup(
        server=url,
        model="local-model",
        temperature=0.2,
        seed=7,
        max_tokens=1400,
        deadline=PATIENT,
        connections=8,
        key=KEY,
        price=Price(Decimal("0.50"), Decimal("1.50")),
    )
    return replace(plain, **changes)
