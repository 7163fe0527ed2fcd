"""Subscribers and their consent, sign-ups that wait to be read, and what is left of the erased."""

from __future__ import annotations

import secrets
from typing import Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.urls import reverse

from comparisons.cards.models import Card, Lab
from comparisons.digest.addresses import LONGEST

TOKEN = r"^[A-Za-z0-9_-]{32}$"  # noqa: S105 - a pattern


def new_token() -> str:
    """192 random bits: the address it stands in is the key to one subscription."""
    return secrets.token_urlsafe(24)


class SignUp(models.Model):
    """A request to subscribe, as it came in. The web only ever adds rows here, for known and unknown
    addresses alike; a worker reads them and deletes them."""

    email = models.CharField(max_length=LONGEST)
    wording = models.CharField(max_length=20)
    page = models.CharField(max_length=200)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"sign-up {self.pk}"  # an address does not belong into logs


class SubscriberQuerySet(models.QuerySet["Subscriber"]):
    def at(self, email: str) -> Self:
        return self.filter(email__iexact=email)

    def reading(self) -> Self:
        """Who gets the next issue."""
        return self.filter(state=Subscriber.State.CONFIRMED)


class Subscriber(models.Model):
    """One address and what its owner agreed to: when, to which words, on which page."""

    class State(models.TextChoices):
        PENDING = "pending", "Asked to confirm"
        CONFIRMED = "confirmed", "Confirmed"
        UNSUBSCRIBED = "unsubscribed", "Unsubscribed"
        SUSPENDED = "suspended", "Suspended: mail came back"

    class Scope(models.TextChoices):
        WEEKLY = "weekly", "Everything of the week"
        VERDICTS = "verdicts", "Only flips and new verdicts"

    email = models.CharField(max_length=LONGEST)
    state = models.CharField(max_length=12, choices=State, default=State.PENDING)
    # In every mail; never changes and never expires, so that the oldest mail still unsubscribes.
    token = models.CharField(max_length=32, unique=True, default=new_token, editable=False)
    # In the mail that asks; new with every request, and good for one answer.
    confirm_token = models.CharField(max_length=32, unique=True, default=new_token, editable=False)
    scope = models.CharField(max_length=8, choices=Scope, default=Scope.WEEKLY)
    asked_at = models.DateTimeField()
    wording = models.CharField(max_length=20)
    page = models.CharField(max_length=200)
    confirmed_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)  # unsubscribed or suspended

    objects = SubscriberQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(Lower("email"), name="subscriber_once_per_address"),
            models.CheckConstraint(
                name="subscriber_has_an_address", condition=Q(email__regex=r"^[^@\s]+@[^@\s]+$")
            ),
            models.CheckConstraint(
                name="subscriber_tokens_are_random",
                condition=Q(token__regex=TOKEN) & Q(confirm_token__regex=TOKEN),
            ),
            models.CheckConstraint(
                name="subscriber_agreed_to_words_on_a_page",
                condition=~Q(wording="") & Q(page__startswith="/"),
            ),
            models.CheckConstraint(
                name="subscriber_state_goes_with_its_dates",
                condition=Q(state="pending", confirmed_at__isnull=True, ended_at__isnull=True)
                | Q(state="confirmed", confirmed_at__isnull=False, ended_at__isnull=True)
                | Q(
                    state__in=["unsubscribed", "suspended"],
                    confirmed_at__isnull=False,
                    ended_at__isnull=False,
                ),
            ),
            models.CheckConstraint(
                name="subscriber_scope_is_known", condition=Q(scope__in=["weekly", "verdicts"])
            ),
        ]

    def __str__(self) -> str:
        return f"subscriber {self.pk}"

    @property
    def preferences_address(self) -> str:
        return reverse("digest-preferences", args=[self.token])

    @property
    def unsubscribe_address(self) -> str:
        return reverse("digest-unsubscribe", args=[self.token])


class Interest(models.Model):
    """A lab or a card that a subscriber wants to read about; without any, they read about all."""

    subscriber = models.ForeignKey(
        Subscriber, on_delete=models.CASCADE, related_name="interests", db_index=False
    )
    lab = models.ForeignKey(Lab, on_delete=models.CASCADE, null=True, related_name="+")
    card = models.ForeignKey(Card, on_delete=models.CASCADE, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="interest_once_per_subscriber_and_target",
                fields=["subscriber", "lab", "card"],
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                name="interest_is_in_a_lab_or_a_card",
                condition=Q(lab__isnull=False, card__isnull=True) | Q(lab__isnull=True, card__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.lab or self.card} for {self.subscriber_id}"


class Suppression(models.Model):
    """All that is left of an erased address: an HMAC, so that nobody writes to it again unasked."""

    keyed_hash = models.CharField(max_length=64, unique=True)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="suppression_is_a_hash", condition=Q(keyed_hash__regex=r"^[0-9a-f]{64}$")
            )
        ]

    def __str__(self) -> str:
        return self.keyed_hash[:12]
