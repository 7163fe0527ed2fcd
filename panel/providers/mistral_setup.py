"""Where Mistral is asked and how, checked before anybody asks. Light: knows nothing of the SDK."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

DEFAULT_SERVER = "https://api.mistral.ai"


@dataclass(frozen=True, slots=True)
class Setup:
    """Everything a Mistral judge is made from. Raises ImproperlyConfigured for what could never work."""

    server: str
    model: str
    temperature: float
    seed: int
    max_tokens: int
    deadline: float  # seconds by the clock, from the call to the last byte of the answer
    connections: int  # as many as ask at once
    calls_per_minute: int  # 0: unknown
    key: str = field(repr=False)

    def __post_init__(self) -> None:
        # The SDK appends /v1/… itself; the base URL that other clients want would make it /v1/v1.
        server = self.server.rstrip("/").removesuffix("/v1").rstrip("/")
        parts = urlsplit(server)
        if not parts.hostname or parts.username or parts.query or parts.fragment:
            raise ImproperlyConfigured("MISTRAL_SERVER_URL: wanted is https://host or https://host/path.")
        # A line break in a header is refused by the HTTP library in a message that quotes the header.
        if not (self.key.isascii() and self.key.isprintable()) or " " in self.key:
            raise ImproperlyConfigured("MISTRAL_API_KEY: holds a space or a character that no key has.")
        object.__setattr__(self, "server", server)

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

    @property
    def host(self) -> str:
        return urlsplit(self.server).netloc
