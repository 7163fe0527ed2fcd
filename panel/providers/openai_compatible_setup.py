"""Where a server that speaks the chat completions of OpenAI is asked, how, and for how much."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from panel.costs import Price
from panel.providers import setup


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup(setup.Setup):
    URL_SETTING: ClassVar[str] = "OPENAI_COMPATIBLE_URL"
    KEY_SETTING: ClassVar[str] = "OPENAI_COMPATIBLE_API_KEY"

    price: Price

    @classmethod
    def from_settings(cls) -> Setup | None:
        """None when no such server is named. Raises ImproperlyConfigured for one without a model."""
        if not settings.OPENAI_COMPATIBLE_URL:
            return None
        if not settings.OPENAI_COMPATIBLE_MODEL:
            raise ImproperlyConfigured(
                "OPENAI_COMPATIBLE_MODEL: name the model that OPENAI_COMPATIBLE_URL serves."
            )
        return cls(
            server=settings.OPENAI_COMPATIBLE_URL,
            key=settings.OPENAI_COMPATIBLE_API_KEY,
            model=settings.OPENAI_COMPATIBLE_MODEL,
            temperature=float(settings.OPENAI_COMPATIBLE_TEMPERATURE),
            seed=settings.OPENAI_COMPATIBLE_SEED,
            max_tokens=settings.OPENAI_COMPATIBLE_MAX_TOKENS,
            deadline=float(settings.OPENAI_COMPATIBLE_DEADLINE_SECONDS),
            connections=settings.OPENAI_COMPATIBLE_CONCURRENCY,
            price=Price(settings.OPENAI_COMPATIBLE_USD_IN, settings.OPENAI_COMPATIBLE_USD_OUT),
        )
