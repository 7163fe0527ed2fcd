"""Where a judge behind HTTP is asked and how, checked before anybody asks. Light: knows of no SDK."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from panel.providers import Question


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """Everything a judge is made from. Raises ImproperlyConfigured for what could never work."""

    URL_SETTING: ClassVar[str]
    KEY_SETTING: ClassVar[str] = ""

    server: str  # kept without /v1: whoever asks appends the whole path
    model: str
    temperature: float
    seed: int
    max_tokens: int
    deadline: float  # seconds by the clock, from the call to the last byte of the answer
    connections: int  # as many as ask at once
    calls_per_minute: int = 0  # 0: unknown
    key: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        # The base URL that other clients want ends in /v1 and would make it /v1/v1.
        server = self.server.rstrip("/").removesuffix("/v1").rstrip("/")
        parts = urlsplit(server)
        if not parts.hostname or parts.username or parts.query or parts.fragment:
            raise ImproperlyConfigured(f"{self.URL_SETTING}: wanted is https://host or https://host/path.")
        # A line break in a header is refused by the HTTP library in a message that quotes the header.
        if not (self.key.isascii() and self.key.isprintable()) or " " in self.key:
            raise ImproperlyConfigured(f"{self.KEY_SETTING}: holds a space or a character that no key has.")
        object.__setattr__(self, "server", server)

    @property
    def host(self) -> str:
        return urlsplit(self.server).netloc

    def most_tokens(self, question: Question) -> int:
        """How long the answer may be: half as long again where the last one was cut short."""
        return self.max_tokens * 3 // 2 if question.longer else self.max_tokens
