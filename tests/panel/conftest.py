"""Who judges in the panel's tests."""

import pytest

from tests.fakes.mistral import FakeMistral


@pytest.fixture
def rubric_alone(settings):
    settings.PANEL_JUDGES = ("rubric",)


@pytest.fixture
def mistral(settings):
    """A Mistral API on loopback, first in the chain; the rubric behind it."""
    with FakeMistral(words="The fake has read the card.") as fake:
        settings.PANEL_JUDGES = ("mistral", "rubric")
        settings.MISTRAL_SERVER_URL = fake.url
        settings.MISTRAL_API_KEY = "a-key-for-tests"
        settings.MISTRAL_DEADLINE_SECONDS = 5
        yield fake
