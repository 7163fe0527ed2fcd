"""A small site to ask, and the tokens to ask it with."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from comparisons.people.models import Token, User
from comparisons.people.tokens import issue
from tests.api.site import fill


@pytest.fixture(autouse=True)
def _unlimited(settings) -> None:
    """Tests of other things are not to run into the limit of their common network."""
    settings.API_PER_NETWORK = settings.API_PER_TOKEN = (1_000_000, 3600)
    settings.PANEL_JUDGES = ("rubric",)


@pytest.fixture
def site(db) -> SimpleNamespace:
    return fill()


@pytest.fixture
def staff(db) -> User:
    return User.objects.create_superuser("ann", password="a password for tests")


@pytest.fixture
def bearer(staff):
    """Headers with a token of these scopes."""

    def headers(*scopes: str, **more: str) -> dict[str, Any]:
        _, secret = issue(name="tests", owner=staff, scopes=[Token.Scope(each) for each in scopes], days=1)
        return {"Authorization": f"Bearer {secret}", **more}

    return headers
