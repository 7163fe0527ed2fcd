"""Each promise of the digest's tables, kept by the database itself."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from comparisons.digest.models import (
    Delivery,
    Edition,
    Interest,
    Issue,
    Outlet,
    Suppression,
)
from tests.factories.cards import make_card

pytestmark = pytest.mark.django_db


def refused(name, act):
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        act()


def issue(**columns):
    return Issue.objects.create(**{"year": 2026, "week": 47, **columns})


def delivery(subscriber, **columns):
    plain = {"kind": "confirm", "subscriber": subscriber, "not_before": timezone.now()}
    return Delivery.objects.create(**{**plain, **columns})


@pytest.mark.parametrize(
    ("name", "columns"),
    [
        ("subscriber_once_per_address", {"email": "ADA@example.org"}),
        ("subscriber_has_an_address", {"email": "ada"}),
        ("subscriber_tokens_are_random", {"token": "short"}),
        ("subscriber_tokens_are_random", {"confirm_token": ""}),
        ("subscriber_agreed_to_words_on_a_page", {"wording": ""}),
        ("subscriber_agreed_to_words_on_a_page", {"page": "elsewhere"}),
        ("subscriber_state_goes_with_its_dates", {"state": "pending"}),
        ("subscriber_state_goes_with_its_dates", {"confirmed_at": None}),
        ("subscriber_state_goes_with_its_dates", {"state": "unsubscribed"}),
        ("subscriber_state_goes_with_its_dates", {"state": "lost"}),
        ("subscriber_scope_is_known", {"scope": "hourly"}),
    ],
)
def test_subscribers(reader, name, columns):
    reader("ada@example.org")
    refused(name, lambda: reader(**{"email": "bob@example.org", **columns}))


def test_interests(reader):
    ada, card = reader(), make_card("alder")
    Interest.objects.create(subscriber=ada, card=card)
    refused("interest_once_per", lambda: Interest.objects.create(subscriber=ada, card=card))
    refused("interest_is_in", lambda: Interest.objects.create(subscriber=ada))
    refused("interest_is_in", lambda: Interest.objects.create(subscriber=ada, card=card, lab=card.lab))


def test_suppressions():
    refused("suppression_is_a_hash", lambda: Suppression.objects.create(keyed_hash="ada@example.org"))


@pytest.mark.parametrize(
    ("name", "columns"),
    [
        ("issue_once_per_week", {"week": 47}),
        ("issue_week_is_1_to_53", {"week": 54}),
        ("issue_week_is_1_to_53", {"week": 0}),
        ("issue_composed_is_frozen", {"state": "ready"}),
        ("issue_composed_is_frozen", {"content": {}}),
        ("issue_composed_is_frozen", {"state": "lost"}),
        ("issue_state_goes_with_its_dates", {"started_at": timezone.now()}),
        ("issue_state_goes_with_its_dates", {"finished_at": timezone.now()}),
    ],
)
def test_issues(name, columns):
    issue()
    refused(name, lambda: issue(**{"week": 48, **columns}))


def test_an_issue_that_is_ready_says_something_of_some_time():
    now = timezone.now()
    refused(
        "issue_composed_is_frozen",
        lambda: issue(state="ready", content={}, subject="Words", since=now, until=now),
    )


def test_editions():
    kept = Edition.objects.create(issue=issue(), keys=["a"], sha256="a" * 64)
    refused("edition_once_per", lambda: Edition.objects.create(issue=kept.issue, keys=[], sha256="a" * 64))


@pytest.mark.parametrize(
    ("name", "columns"),
    [
        ("delivery_letter_waits_once", {}),
        ("delivery_issue_goes_with_kind", {"kind": "issue"}),
        ("delivery_issue_goes_with_kind", {"kind": "other"}),
        ("delivery_claim_goes_with_state", {"claim": uuid4()}),
        ("delivery_claim_goes_with_state", {"begun_at": timezone.now()}),
        ("delivery_claim_goes_with_state", {"state": "sending"}),
        ("delivery_claim_goes_with_state", {"state": "sent"}),
        ("delivery_claim_goes_with_state", {"state": "unknown"}),
        ("delivery_claim_goes_with_state", {"state": "failed", "lease_until": timezone.now()}),
        ("delivery_claim_goes_with_state", {"state": "lost"}),
    ],
)
def test_deliveries(reader, name, columns):
    ada = reader()
    delivery(ada)
    refused(name, lambda: delivery(ada, **columns))


def test_one_delivery_an_issue_and_subscriber(reader):
    ada, week = reader(), issue()
    edition = Edition.objects.create(issue=week, keys=[], sha256="a" * 64)
    mail = {"kind": "issue", "issue": week, "edition": edition}
    delivery(ada, **mail)
    refused("delivery_once_per_issue_and_subscriber", lambda: delivery(ada, **mail))
    # The erased leave their counts behind, as many as there were.
    delivery(None, **mail), delivery(None, **mail)


def test_there_is_one_outlet():
    Outlet.objects.create()
    refused("outlet_is_one", lambda: Outlet.objects.bulk_create([Outlet(id=2)]))
