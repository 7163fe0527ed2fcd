"""A pairing to argue on, and a form that was opened long enough ago."""

import time

import pytest

from comparisons.counterpoints.actions import Words, submit
from comparisons.counterpoints.forms import Stamp
from comparisons.counterpoints.models import Counterpoint
from comparisons.pairings.models import Pairing
from comparisons.people.visitor import Visitor
from comparisons.reviews.models import Reviewer
from tests.factories.cards import make_card

TEXT = "The skeptic **forgets** that the license forbids it."


@pytest.fixture
def pairing() -> Pairing:
    Reviewer.objects.create(slug="skeptic", name="Skeptic", motto="Show me.", position=2)
    Reviewer.objects.create(slug="gone", name="Retired", motto="I was here.", position=9, active=False)
    return Pairing.objects.between(make_card("alpha"), make_card("beta"))


def stamp(monkeypatch: pytest.MonkeyPatch, slug: str = "alpha-vs-beta", *, ago: float = 60) -> str:
    """The stamp of a form opened `ago` seconds before now."""
    with monkeypatch.context() as clock:
        now = time.time()
        clock.setattr("time.time", lambda: now - ago)
        return Stamp(slug).fresh()


@pytest.fixture
def typed(monkeypatch):
    """What a reader has typed into a form opened a minute ago; change and add as needed."""

    def typed(**given: str) -> dict[str, str]:
        return {"kind": "push_back", "body": TEXT, "stamp": stamp(monkeypatch), **given}

    return typed


@pytest.fixture
def sent(pairing):
    """One counterpoint that waits, made without a browser."""

    def sent(body: str = TEXT, *, nonce: str = "n", **given: str) -> Counterpoint:
        words = Words(kind="push_back", body=body, **given)
        return submit(pairing=pairing, visitor=Visitor("ann"), words=words, form_nonce=nonce)

    return sent
