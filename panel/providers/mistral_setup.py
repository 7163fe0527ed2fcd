"""Where Mistral is asked and how."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from django.conf import settings

from panel.providers import setup

DEFAULT_SERVER = "https://api.mistral.ai"


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup(setup.Setup):
    URL_SETTING: ClassVar[str] = "MISTRAL_SERVER_URL"
    KEY_SETTING: ClassVar[str] = "MISTRAL_API_KEY"

    @classmethod
    def from_settings(cls) -> Setup:
        return cls(
            server=settings.MISTRAL_SERVER_URL,
            key=settings.MISTRAL_API_KEY,
            model=settings.MISTRAL_MODEL,
            temperature=float(settings.MISTRAL_TEMPERATURE),
            seed=settings.MISTRAL_SEED,
            max_tokens=settings.MISTRAL_MAX_TOKENS,
            deadline=float(settings.MISTRAL_DEADLINE_SECONDS),
            connections=settings.PANEL_CONCURRENCY,
            calls_per_minute=settings.MISTRAL_CALLS_PER_MINUTE,
        )

    @property
    def can_speak(self) -> bool:
        """Mistral's own server wants a key; another one may not."""
        return bool(self.key) or self.server != DEFAULT_SERVER
