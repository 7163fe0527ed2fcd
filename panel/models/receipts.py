"""Receipts and money: one attempt a call, one row of spend a day."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.urls import reverse

from panel.models.hearings import Hearing
from panel.models.runs import Batch, Run


class Spend(models.Model):
    """One day's money: reserved before each call, settled after it. The sum is the day's charge."""

    day = models.DateField(unique=True)  # UTC
    reserved_usd = models.DecimalField(max_digits=12, decimal_places=6, default=0)
    spent_usd = models.DecimalField(max_digits=12, decimal_places=6, default=0)

    class Meta:
        verbose_name = verbose_name_plural = "daily spend"
        constraints = [
            models.CheckConstraint(
                name="spend_is_not_negative", condition=Q(reserved_usd__gte=0, spent_usd__gte=0)
            )
        ]

    def __str__(self) -> str:
        return f"{self.day}: {self.spent_usd + self.reserved_usd} USD"


class Attempt(models.Model):
    """The receipt of one call: written before the call, closed after it, never changed again."""

    class Outcome(models.TextChoices):
        OPEN = "open", "outcome unknown"
        ANSWERED = "answered"
        REFUSED = "refused"  # the answer came and could not be used
        FAILED = "failed"  # no answer came

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    hearing = models.ForeignKey(Hearing, on_delete=models.CASCADE, related_name="receipts")
    run = models.ForeignKey(Run, on_delete=models.SET_NULL, null=True, related_name="receipts")
    batch = models.ForeignKey(Batch, on_delete=models.SET_NULL, null=True, related_name="receipts")
    number = models.PositiveSmallIntegerField()  # 1 for the first attempt
    repair = models.BooleanField(default=False)  # asked again because the answer did not fit its form
    fence = models.PositiveIntegerField()
    opened_at = models.DateTimeField(auto_now_add=True)
    closed_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=8, choices=Outcome, default=Outcome.OPEN)
    provider = models.CharField(max_length=20)
    host = models.CharField(max_length=200, blank=True)
    requested_model = models.CharField(max_length=120)
    served_model = models.CharField(max_length=120, blank=True)
    sdk_version = models.CharField(max_length=40, blank=True)
    prompt_sha = models.CharField(max_length=64)
    seed = models.BigIntegerField(null=True)
    http_status = models.PositiveSmallIntegerField(null=True)
    error_class = models.CharField(max_length=60, blank=True)
    error = models.CharField(max_length=500, blank=True)
    finish_reason = models.CharField(max_length=40, blank=True)
    tokens_in = models.PositiveIntegerField(default=0)
    tokens_out = models.PositiveIntegerField(default=0)
    tokens_cached = models.PositiveIntegerField(default=0)
    price_table = models.CharField(max_length=20, blank=True)
    reserved_usd = models.DecimalField(max_digits=12, decimal_places=6, default=0)
    cost_usd = models.DecimalField(max_digits=12, decimal_places=6, null=True)
    latency_ms = models.PositiveIntegerField(null=True)  # null: unknown, as in a batch
    raw_request = models.BinaryField(null=True)  # zlib
    raw_response = models.BinaryField(null=True)  # zlib

    class Meta:
        ordering = ["opened_at"]
        indexes = [models.Index(name="attempt_by_day", fields=["opened_at"])]
        constraints = [
            models.CheckConstraint(
                name="attempt_open_until_closed",
                condition=Q(outcome="open", closed_at__isnull=True)
                | (~Q(outcome="open") & Q(closed_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="attempt_closed_has_cost", condition=Q(outcome="open") | Q(cost_usd__isnull=False)
            ),
            models.CheckConstraint(name="attempt_fence_from_one", condition=Q(fence__gte=1)),
        ]

    def __str__(self) -> str:
        return f"{self.provider} {self.outcome} {self.id}"

    def get_absolute_url(self) -> str:
        return reverse("receipt", args=[self.pk])
