"""Cards in the admin can be looked at, searched and not touched."""

from __future__ import annotations

import pytest
from django.contrib import admin
from django.test import RequestFactory

import comparisons.cards.admin  # noqa: F401 – registers
from comparisons.cards.models import Card, CardSnapshot, Lab, Offer
from comparisons.people.models import User
from tests.factories.cards import make_card, make_offer

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("model", [Lab, Card, CardSnapshot, Offer])
def test_everything_is_shown_and_nothing_can_be_changed(
    model: type, django_assert_max_num_queries: object
) -> None:
    card = make_card(offers=[make_offer(price_in=1, price_out=2)])
    request = RequestFactory().get("/admin/", {"q": card.lab.name})
    request.user = User.objects.create_superuser("root", "root@example.org", "word")
    page = admin.site._registry[model]
    assert page.has_view_permission(request)
    assert not page.has_add_permission(request)
    assert not page.has_change_permission(request)
    assert not page.has_delete_permission(request)
    row = model.objects.get()  # type: ignore[attr-defined]
    listed = page.changelist_view(request).render()
    assert listed.status_code == 200
    shown = page.change_view(request, str(row.pk)).render()
    assert shown.status_code == 200
    if model is CardSnapshot:
        assert "128000" in shown.content.decode()
