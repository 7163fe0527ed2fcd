"""A judge on an Ollama server."""

from dataclasses import replace

from panel.providers.ollama import OllamaProvider
from panel.providers.ollama_setup import Setup
from tests.fakes.ollama import digest_of
from tests.panel.asking import PATIENT

MODEL = "qwen2.5:7b"


def judge_of(url, **changes):
    judge = OllamaProvider(setup_of(url, **changes), digest=digest_of(MODEL), version="0.12.6")
    yield judge
    judge.close()


def setup_of(url, **changes):
    plain = Setup(
        server=url,
        model=MODEL,
        temperature=0.2,
        seed=7,
        max_tokens=1400,
        num_ctx=8192,
        deadline=PATIENT,
        connections=8,
    )
    return replace(plain, **changes)
