"""Texts that wait, and moderators at their desks."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from comparisons.counterpoints.actions import Words, submit
from comparisons.counterpoints.models import Counterpoint
from comparisons.pairings.models import Pairing
from comparisons.people.visitor import Visitor
from comparisons.reviews.models import Reviewer
from tests.factories.cards import make_card
from tests.factories.staff import make_staff

TEXT = "The skeptic **forgets** that the license forbids it."


@pytest.fixture
def pairing(db):
    Reviewer.objects.create(slug="skeptic", name="Skeptic", motto="Show me.", position=2)
    return Pairing.objects.between(make_card("alpha"), make_card("beta"))


@pytest.fixture
def waits(pairing):
    """One text that waits; the later it is made, the later it was sent."""
    made = iter(range(1_000))

    def waits(body: str = TEXT, *, by: str = "", ago: float | None = None, **given) -> Counterpoint:
        number = next(made)
        words = Words(kind="push_back", body=body, **given)
        text = submit(
            pairing=pairing, visitor=Visitor(by or f"reader {number}"), words=words, form_nonce=f"n{number}"
        )
        if ago is not None:
            Counterpoint.objects.filter(pk=text.pk).update(created_at=timezone.now() - timedelta(hours=ago))
        return text

    return waits


@pytest.fixture
def ann(db):
    return make_staff("moderator", "ann")


@pytest.fixture
def bob(db):
    return make_staff("moderator", "bob")


def desk_of(user) -> Client:
    """Their browser, which has been at the desk a moment ago."""
    client = Client()
    client.force_login(user)
    client.get("/methodology/")
    return client


@pytest.fixture
def desk(ann):
    return desk_of(ann)
