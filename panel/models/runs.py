"""Orders to the panel: runs, and the batches they are submitted in."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from panel.models.judges import Judge


class Run(models.Model):
    """One order to the panel: some pairings, by whom, with which judges in which order."""

    class State(models.TextChoices):
        RUNNING = "running"
        DONE = "done"
        STOPPED = "stopped"
        PAUSED_BUDGET = "paused_budget", "paused: budget spent"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    scope = models.CharField(max_length=200)  # in words: "featured pairings"
    chain = models.JSONField()  # judge ids in the order they may speak
    state = models.CharField(max_length=14, choices=State, default=State.RUNNING)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    started_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True)
    swept_at = models.DateTimeField(null=True)  # the broom has seen to what happened before

    class Meta:
        ordering = ["-started_at"]
        constraints = [
            models.CheckConstraint(
                name="run_ended_when_done",
                condition=~Q(state="done") | Q(ended_at__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return f"{self.scope} ({self.state})"

    def get_absolute_url(self) -> str:
        return reverse("panel-run", args=[self.pk])


class BatchQuerySet(models.QuerySet["Batch"]):
    def open(self) -> Self:
        """Not over: its questions are with nobody else, and money may be reserved for them."""
        return self.filter(state__in=Batch.OPEN)

    def idle(self, now: datetime) -> Self:
        """Nobody works on it, or whoever did went silent."""
        return self.filter(Q(busy_until__isnull=True) | Q(busy_until__lt=now))


class Batch(models.Model):
    """A job of many questions that the provider answers in its own time, at half price.

    Its id goes along as the job's mark: whoever crashed between asking for a job and writing down its name
    finds it again by that.
    """

    class State(models.TextChoices):
        PREPARING = "preparing"
        SUBMITTED = "submitted"
        DONE = "done"
        FAILED = "failed"
        RELEASED = "released"  # canceled: what was not answered went back to the queue

    OPEN = (State.PREPARING, State.SUBMITTED)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="batches")
    judge = models.ForeignKey(Judge, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=9, choices=State, default=State.PREPARING)
    host = models.CharField(max_length=200, blank=True)  # where it was submitted
    remote_id = models.CharField(max_length=100, blank=True)
    remote_state = models.CharField(max_length=40, blank=True)  # as the provider last put it
    requests = models.PositiveIntegerField(default=0)  # questions in it
    returned = models.PositiveIntegerField(default=0)  # questions whose line came back and was kept
    released = models.PositiveIntegerField(default=0)  # questions that went to single calls instead
    reserved_at = models.DateTimeField(null=True)
    reserved_usd = models.DecimalField(max_digits=12, decimal_places=6, default=0)
    wanted_usd = models.DecimalField(max_digits=12, decimal_places=6, default=0)  # its next question wants
    created_at = models.DateTimeField(auto_now_add=True)
    asked_at = models.DateTimeField(null=True)  # the job was asked for; whether it was made may be unknown
    asks = models.PositiveSmallIntegerField(default=0)
    submitted_at = models.DateTimeField(null=True)
    polled_at = models.DateTimeField(null=True)
    cancel_at = models.DateTimeField(null=True)  # the provider was asked to cancel it
    finished_at = models.DateTimeField(null=True)  # the provider was first seen to be done with it
    ended_at = models.DateTimeField(null=True)
    busy_until = models.DateTimeField(null=True)  # a lease: one process at a time works on it
    last_error = models.CharField(max_length=500, blank=True)

    objects = BatchQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "batches"
        ordering = ["created_at", "pk"]
        indexes = [
            models.Index(
                name="batch_open", fields=["polled_at"], condition=Q(state__in=["preparing", "submitted"])
            )
        ]
        constraints = [
            models.CheckConstraint(
                name="batch_preparing_has_no_job", condition=~Q(state="preparing") | Q(remote_id="")
            ),
            models.CheckConstraint(
                name="batch_submitted_has_job_and_money",
                condition=~Q(state="submitted")
                | (~Q(remote_id="") & Q(submitted_at__isnull=False, reserved_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="batch_ended_when_over",
                condition=Q(state__in=["preparing", "submitted"], ended_at__isnull=True)
                | (~Q(state__in=["preparing", "submitted"]) & Q(ended_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="batch_gives_back_what_it_took",
                condition=Q(requests__gte=F("returned") + F("released")),
            ),
            models.UniqueConstraint(
                name="batch_once_per_job", fields=["host", "remote_id"], condition=~Q(remote_id="")
            ),
        ]

    def __str__(self) -> str:
        return f"batch {self.pk} ({self.state})"
