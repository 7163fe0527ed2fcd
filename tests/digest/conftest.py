"""A week that had something of everything, readers, and a mail server that is real."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.utils import timezone

from comparisons.digest.letters import letter
from comparisons.digest.models import Subscriber
from comparisons.digest.sending.sender import ending
from tests.fakes.smtp import Sink


@pytest.fixture(autouse=True)
def _fresh_letters() -> Iterator[None]:
    """Rows of another test may have the same keys."""
    letter.cache_clear()
    ending.clear()
    yield


@pytest.fixture
def reader(db: None) -> Callable[..., Subscriber]:
    def make(email: str = "ada@example.org", **columns: Any) -> Subscriber:
        now = timezone.now()
        plain = {"state": "confirmed", "confirmed_at": now, "asked_at": now, "wording": "1", "page": "/"}
        return Subscriber.objects.create(email=email, **{**plain, **columns})

    return make


@pytest.fixture
def by_smtp(settings: Any) -> Callable[[Sink], None]:
    """Points the site at a sink."""

    def point(sink: Sink) -> None:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", sink.port
        settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
        settings.EMAIL_TIMEOUT = 10
        settings.DIGEST_CONNECTIONS = 1
        settings.DIGEST_RATE = (100_000, 1)

    return point


@pytest.fixture
def sink(by_smtp: Callable[[Sink], None]) -> Iterator[Sink]:
    with Sink() as sink:
        by_smtp(sink)
        yield sink
