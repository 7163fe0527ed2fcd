"""Rules that the database keeps, tried by breaking them."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction

from comparisons.cards.models import Card, CardSnapshot, Offer
from tests.factories.cards import SEEN_ON, make_card, make_lab, make_offer

pytestmark = pytest.mark.django_db


def refuses(name: str, write: Callable[[], object]) -> None:
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        write()


@pytest.mark.parametrize(
    "slug", ["", "Alpha", "alpha_1", "-alpha", "alpha-", "al--pha", "a-vs-b", "álpha", "a b"]
)
def test_card_slug_is_plain_and_without_vs(slug: str) -> None:
    lab = make_lab()
    refuses(
        "card_slug_is_plain_and_without_vs", lambda: Card.objects.create(slug=slug, lab=lab, name="Alpha")
    )


@pytest.mark.parametrize("slug", ["vs", "alpha-vs", "vs-alpha", "alpha-vs2", "7b"])
def test_slugs_that_only_look_like_a_comparison_are_good(slug: str) -> None:
    assert make_card(slug).slug == slug


def test_card_slug_is_there_once() -> None:
    card = make_card("alpha")
    refuses("slug", lambda: Card.objects.create(slug="alpha", lab=card.lab, name="Alpha"))


@pytest.mark.parametrize("column", ["price_in", "price_out"])
def test_card_prices_are_not_negative(column: str) -> None:
    card = make_card()
    refuses(
        "card_prices_are_not_negative",
        lambda: Card.objects.filter(pk=card.pk).update(**{column: Decimal("-0.01")}),
    )


@pytest.mark.parametrize("column", ["name", "category"])
def test_card_with_a_snapshot_has_name_and_category(column: str) -> None:
    card = make_card()
    refuses(
        "card_with_a_snapshot_has_name_and_category",
        lambda: Card.objects.filter(pk=card.pk).update(**{column: ""}),
    )


@pytest.mark.parametrize("column", ["price_in", "price_out", "price_cached"])
def test_offer_prices_are_not_negative(column: str) -> None:
    make_card(offers=[make_offer(price_in=1, price_out=2)])
    refuses("offer_prices_are_not_negative", lambda: Offer.objects.update(**{column: Decimal("-0.01")}))


def test_offer_once_per_card_provider_and_model_id() -> None:
    card = make_card(offers=[make_offer("example", "alpha-1")])
    Offer.objects.create(card=card, provider="example", model_id="alpha-2", seen_on=SEEN_ON)
    refuses(
        "offer_once_per_card_provider_and_model_id",
        lambda: Offer.objects.create(card=card, provider="example", model_id="alpha-1", seen_on=SEEN_ON),
    )


def test_snapshot_once_per_card_and_state() -> None:
    card = make_card()
    refuses(
        "snapshot_once_per_card_and_state",
        lambda: CardSnapshot.objects.create(card=card, sha256=card.facts.sha256, record={}),
    )


@pytest.mark.parametrize("sha", ["", "abc", "G" * 64, "A" * 64])
def test_snapshot_sha256_is_hex(sha: str) -> None:
    card = make_card()
    refuses("snapshot_sha256_is_hex", lambda: CardSnapshot.objects.create(card=card, sha256=sha, record={}))


@pytest.mark.parametrize("column", [{"record": {"name": "Beta"}}, {"sha256": "0" * 64}])
def test_snapshot_is_immutable(column: dict[str, object]) -> None:
    card = make_card()
    refuses("is immutable", lambda: CardSnapshot.objects.filter(card=card).update(**column))


def test_snapshot_cannot_move_to_another_card() -> None:
    alpha, beta = make_card("alpha"), make_card("beta")
    refuses("is immutable", lambda: CardSnapshot.objects.filter(card=alpha).update(card=beta))


def test_snapshot_may_be_saved_as_it_is() -> None:
    snapshot = CardSnapshot.objects.get(card=make_card())
    snapshot.save()


def test_a_snapshot_is_current_of_one_card_at_most() -> None:
    alpha, beta = make_card("alpha"), make_card("beta")
    refuses("snapshot", lambda: Card.objects.filter(pk=beta.pk).update(snapshot=alpha.snapshot))


def test_immutability_holds_without_django() -> None:
    make_card()
    with (
        pytest.raises(IntegrityError, match="is immutable"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("UPDATE comparisons_cardsnapshot SET record = '{}'")
