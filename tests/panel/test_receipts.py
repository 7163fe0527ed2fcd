"""What a public receipt says of an answer that should be read with care."""

import pytest

from comparisons.pairings.models import Pairing
from panel.actions.convene import convene
from panel.actions.hear import hear
from panel.models import Hearing
from tests.factories.cards import make_card

pytestmark = pytest.mark.django_db
MARK = "Read with care"


@pytest.mark.parametrize("kind", ["review", "pick"])
def test_a_flag_stands_on_the_receipt_whoever_looks(mistral, client, kind):
    known = {"license_class": "permissive"}
    Pairing.objects.between(make_card("alpha", **known), make_card("beta", **known))
    convene(Pairing.objects.with_cards(), scope="a pairing")
    hearing = Hearing.objects.filter(kind=kind).first()
    hear(hearing.pk)
    hearing.refresh_from_db()
    address = f"/receipts/{hearing.receipt_id}/"
    hearing.answer["flagged"] = ""
    hearing.save()
    assert MARK not in client.get(address).content.decode()
    assert client.get(f"{address}?format=json").json()["flagged"] == ""
    hearing.answer["flagged"] = "<b>picked</b> the card that the checked facts speak against"
    hearing.save()
    page = client.get(address).content.decode()
    assert MARK in page
    assert "&lt;b&gt;picked&lt;/b&gt; the card that the checked facts speak against" in page
    assert client.get(f"{address}?format=json").json()["flagged"] == hearing.answer["flagged"]


def test_a_receipt_of_an_answer_that_was_not_kept_carries_no_flag(mistral, client):
    known = {"license_class": "permissive"}
    Pairing.objects.between(make_card("alpha", **known), make_card("beta", **known))
    convene(Pairing.objects.with_cards(), scope="a pairing")
    mistral.script(["wrong_schema"])
    hearing = Hearing.objects.filter(kind="review").first()
    hear(hearing.pk)
    hearing.refresh_from_db()
    hearing.answer["flagged"] = "links or markup removed"
    hearing.save()
    refused = hearing.receipts.get(outcome="refused")
    assert MARK not in client.get(f"/receipts/{refused.pk}/").content.decode()
