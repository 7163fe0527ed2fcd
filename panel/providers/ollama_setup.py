"""Where Ollama is asked and how."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from django.conf import settings

from panel.providers import setup

DEFAULT_SERVER = "http://127.0.0.1:11434"  # tried without a word: who runs Ollama here need not say so


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup(setup.Setup):
    URL_SETTING: ClassVar[str] = "OLLAMA_URL"

    num_ctx: int  # tokens of prompt and answer together
    announced: bool = False  # somebody wrote the address down and expects a server there

    @classmethod
    def from_settings(cls) -> Setup:
        return cls(
            server=settings.OLLAMA_URL or DEFAULT_SERVER,
            announced=bool(settings.OLLAMA_URL),
            model=settings.OLLAMA_MODEL,
            temperature=float(settings.OLLAMA_TEMPERATURE),
            seed=settings.OLLAMA_SEED,
            max_tokens=settings.OLLAMA_MAX_TOKENS,
            num_ctx=settings.OLLAMA_NUM_CTX,
            deadline=float(settings.OLLAMA_DEADLINE_SECONDS),
            connections=settings.OLLAMA_CONCURRENCY,
        )
