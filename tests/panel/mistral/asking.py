"""A Mistral judge to put a question to."""

from dataclasses import replace

from panel.providers.mistral import MistralProvider
from panel.providers.mistral_setup import Setup
from tests.panel.asking import KEY, PATIENT


def judge_of(url, **changes):
    judge = MistralProvider(setup_of(url, **changes))
    yield judge
    judge.close()


def setup_of(url, **changes):
    plain = Setup(
        server=url,
        model="mistral-medium-2604",
        temperature=0.2,
        seed=7,
        max_tokens=1400,
        deadline=PATIENT,
        connections=32,
        key=KEY,
    )
    return replace(plain, **changes)
