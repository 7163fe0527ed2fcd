"""The panel's own pages: every door from outside, and the journey of a staff member."""

import re
import uuid

import pytest
from django.test import Client

from comparisons.pairings.models import Pairing
from panel.actions.convene import convene
from panel.actions.hear import hear
from panel.models import Attempt, Hearing, Run
from tests.factories.cards import make_card

pytestmark = pytest.mark.django_db

SOME = uuid.UUID(int=7)
READ = ["/panel/", f"/panel/runs/{SOME}/"]
WRITE = ["/panel/convene/", f"/panel/runs/{SOME}/stop/", f"/panel/runs/{SOME}/resume/"]


@pytest.fixture
def cards(rubric_alone):
    return make_card("alpha", context_tokens=128000), make_card("beta")


@pytest.mark.parametrize("address", READ)
def test_a_stranger_is_sent_to_sign_in(client, address):
    answer = client.get(address)
    assert answer.status_code == 302
    assert answer.url.startswith("/admin/login/")


@pytest.mark.parametrize("address", WRITE)
def test_a_stranger_starts_nothing(client, cards, address):
    assert client.post(address, {"one": "alpha", "other": "beta", "confirm": "1"}).status_code == 302
    assert Run.objects.count() == 0


@pytest.mark.parametrize("address", WRITE)
def test_a_plain_account_starts_nothing(client, django_user_model, cards, address):
    client.force_login(django_user_model.objects.create_user("reader", password="x"))
    client.post(address, {"one": "alpha", "other": "beta", "confirm": "1"})
    assert Run.objects.count() == 0


@pytest.mark.parametrize("address", WRITE)
def test_getting_a_writing_address_is_refused(admin_client, address):
    assert admin_client.get(address).status_code == 405


def test_a_write_without_the_token_is_refused(cards, admin_user):
    client = Client(enforce_csrf_checks=True)
    client.force_login(admin_user)
    assert client.post("/panel/convene/", {"one": "alpha", "other": "beta"}).status_code == 403


def test_convening_first_says_what_it_costs_and_then_does_it(admin_client, admin_user, cards):
    names = {"one": "alpha", "other": "beta"}
    page = admin_client.post("/panel/convene/", names).content.decode()
    assert "12</b> hearings are new" in page
    assert "it costs nothing" in page
    assert Run.objects.count() == 0
    answer = admin_client.post("/panel/convene/", {**names, "confirm": "1"})
    run = Run.objects.get()
    assert answer.url == f"/panel/runs/{run.pk}/"
    assert run.started_by == admin_user


@pytest.mark.parametrize("order", [{"one": "alpha", "other": "beta"}, {"stale": "1"}])
def test_no_more_is_spent_than_the_editor_was_told(admin_client, mistral, order):
    known = {"license_class": "permissive"}  # enough for every reviewer to be asked
    alpha, beta, gamma = (make_card(slug, **known) for slug in ("alpha", "beta", "gamma"))
    Pairing.objects.between(alpha, beta)
    page = admin_client.post("/panel/convene/", order).content.decode()
    [told] = re.findall('name="at_most" value="([^"]+)"', page)
    more = {**order, "other": "beta\ngamma"} if "other" in order else order
    Pairing.objects.between(alpha, gamma)
    for at_most in (told, "", "NaN", "no number"):
        refused = admin_client.post("/panel/convene/", {**more, "confirm": "1", "at_most": at_most})
        assert refused.status_code == 422
        assert "it would cost more than the button said" in refused.text
    assert Run.objects.count() == 0
    [told] = re.findall('name="at_most" value="([^"]+)"', refused.text)
    admin_client.post("/panel/convene/", {**more, "confirm": "1", "at_most": told})
    assert Run.objects.get().sittings.count() == 2


@pytest.mark.parametrize(
    ("one", "other", "says"),
    [
        ("alpha", "nothing", "No model has this slug or name."),
        ("alpha", "alpha", "a card cannot be compared with itself"),
        ("", "beta", "This field is required."),
    ],
)
def test_a_refusal_stands_beside_the_field_and_keeps_what_was_typed(admin_client, cards, one, other, says):
    answer = admin_client.post("/panel/convene/", {"one": one, "other": other, "confirm": "1"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert says in page
    assert f">{other}</textarea>" in page
    assert Run.objects.count() == 0


def a_run():
    return convene(Pairing.objects.with_cards(), scope="alpha vs beta")


def test_a_run_is_watched_by_its_own_fragment_until_it_is_over(admin_client, cards):
    Pairing.objects.between(*cards)
    run = a_run()
    page = admin_client.get(f"/panel/runs/{run.pk}/")
    assert 'hx-trigger="every 2s"' in page.content.decode()
    for pk in Hearing.objects.values_list("pk", flat=True):
        hear(pk)
    part = admin_client.get(f"/panel/runs/{run.pk}/", headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    assert "hx-trigger" not in part
    assert "12</b> of" in part


def test_a_page_of_a_run_costs_the_same_queries_at_one_pairing_and_at_three(
    admin_client, cards, django_assert_num_queries
):
    Pairing.objects.between(*cards)
    run = a_run()
    admin_client.get("/panel/")  # notes once a minute that somebody is there
    with django_assert_num_queries(12):
        admin_client.get(f"/panel/runs/{run.pk}/")
    more = [make_card(f"more-{n}") for n in range(2)]
    for card in more:
        Pairing.objects.between(cards[0], card)
    run = convene(Pairing.objects.with_cards(), scope="three")
    with django_assert_num_queries(12):
        admin_client.get(f"/panel/runs/{run.pk}/")


def test_a_receipt_is_for_everybody_as_page_and_as_json(client, cards):
    Pairing.objects.between(*cards)
    a_run()
    hear(Hearing.objects.filter(kind="review").first().pk)
    receipt = Attempt.objects.get()
    assert "rule-based, no model" in client.get(f"/receipts/{receipt.pk}/").content.decode()
    record = client.get(f"/receipts/{receipt.pk}/", headers={"Accept": "application/json"}).json()
    assert record["id"] == str(receipt.pk)
    assert record["persona"]["slug"]
    assert record["cost_usd"] == "0.000000"


def test_an_unknown_receipt_is_not_found(client):
    assert client.get(f"/receipts/{SOME}/").status_code == 404
