"""Whose prices a receipt was charged at."""

from decimal import Decimal

import pytest

from comparisons.pairings.models import Pairing
from panel.actions.convene import convene
from panel.actions.hear import hear
from panel.costs import PRICE_TABLE
from panel.models import Attempt, Hearing
from tests.factories.cards import make_card
from tests.fakes.openai_compatible import FakeOpenAICompatible

pytestmark = pytest.mark.django_db


def a_receipt():
    Pairing.objects.between(make_card("alpha", license_class="permissive"), make_card("beta"))
    convene(Pairing.objects.with_cards(), scope="a pairing")
    hear(Hearing.objects.filter(kind="review", first__card__slug="alpha").first().pk)
    return Attempt.objects.get()


@pytest.mark.parametrize("usd", ["0.50", "0"])
def test_a_server_of_ones_own_is_charged_at_the_price_of_the_settings(settings, client, usd):
    with FakeOpenAICompatible() as server:
        settings.PANEL_JUDGES = ("openai_compatible",)
        settings.OPENAI_COMPATIBLE_URL, settings.OPENAI_COMPATIBLE_MODEL = server.url, "local-model"
        settings.OPENAI_COMPATIBLE_USD_IN = settings.OPENAI_COMPATIBLE_USD_OUT = Decimal(usd)
        receipt = a_receipt()
    assert receipt.price_table == "settings"
    assert "prices from this site’s settings" in client.get(f"/receipts/{receipt.pk}/").content.decode()


def test_mistral_is_charged_by_the_dated_table(mistral):
    assert a_receipt().price_table == PRICE_TABLE


def test_the_rubric_is_charged_by_none(rubric_alone):
    assert a_receipt().price_table == ""
