"""A prepared query brings what the query set brings."""

from __future__ import annotations

import pytest
from django.db.models import CharField, QuerySet, Value
from django.db.models.functions import Concat
from pytest_django.fixtures import DjangoAssertNumQueries

from comparisons.cards.models import Card
from comparisons.prepared import Prepared
from tests.factories.cards import make_card

pytestmark = pytest.mark.django_db


def cards(slug: str) -> QuerySet[Card]:
    named = Concat("slug", Value("!"), output_field=CharField())
    return Card.objects.published().filter(slug=slug).annotate(called=named).order_by("pk")


def test_same_rows_in_one_query(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    make_card("beta"), make_card("alpha")
    prepared = Prepared(cards, example="no-such-card")
    assert prepared("nobody") == []
    for slug in ("alpha", "beta"):
        with django_assert_num_queries(1):
            (row,) = prepared(slug)
            assert (row.slug, vars(row)["called"], row.lab.name) == (slug, f"{slug}!", "Example Lab")
        (same,) = cards(slug)
        assert (row, row.facts, row.lab) == (same, same.facts, same.lab)
        assert {**vars(row), "_state": 0} == {**vars(same), "_state": 0}


@pytest.mark.parametrize("value", ["o'clock", "back\\slash", "100%s", "'; SELECT 1; --"])
def test_a_value_is_quoted(value: str) -> None:
    make_card("alpha", name=value), make_card("beta")
    named = Prepared(lambda name: Card.objects.published().filter(name=name), example="no such name")
    assert [row.slug for row in named(value)] == ["alpha"]


def test_the_example_must_be_a_value_of_the_query() -> None:
    with pytest.raises(AssertionError):
        Prepared(lambda value: Card.objects.all(), example="no-such-card")("alpha")
