"""The panel's books: runs, sittings, hearings (the queue of record) and attempts (the receipts)."""

from __future__ import annotations

import uuid
from datetime import datetime
from decimal import Decimal
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse

from comparisons.cards.models import CardSnapshot
from comparisons.pairings.models import Pairing

MAX_ATTEMPTS = 3


class PersonaVersion(models.Model):
    """A persona file as it once was; its hash is its version."""

    slug = models.CharField(max_length=40)
    sha256 = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=80)
    text = models.TextField()
    seen_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.slug} {self.sha256[:8]}"


class Judge(models.Model):
    """An instrument: provider, model and every setting that changes what it says."""

    key = models.CharField(max_length=64, unique=True)  # sha256 of `settings`
    kind = models.CharField(max_length=20)
    label = models.CharField(max_length=120)
    settings = models.JSONField()
    seen_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.label


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


class HearingQuerySet(models.QuerySet["Hearing"]):
    def due(self, now: datetime) -> Self:
        """Queued, allowed to start, and wanted by a run that goes on."""
        wanted = Sitting.objects.filter(
            hearings=OuterRef("pk"), state=Sitting.State.OPEN, run__state=Run.State.RUNNING
        )
        return self.filter(Exists(wanted), state=Hearing.State.QUEUED, not_before__lte=now)

    def expired(self, now: datetime) -> Self:
        """Claimed by a worker that did not finish in its time: dead, or as good as."""
        return self.filter(state=Hearing.State.RUNNING, lease_until__lt=now)


class Hearing(models.Model):
    """One question to one reviewer, asked once however many runs want the answer."""

    class Kind(models.TextChoices):
        REVIEW = "review"
        PICK = "pick"

    class State(models.TextChoices):
        QUEUED = "queued"
        RUNNING = "running"
        DONE = "done"
        DEAD = "dead"

    cache_key = models.CharField(max_length=64, unique=True)
    kind = models.CharField(max_length=6, choices=Kind)
    persona = models.ForeignKey(PersonaVersion, on_delete=models.PROTECT, related_name="+")
    judge = models.ForeignKey(Judge, on_delete=models.PROTECT, related_name="+")
    # In the order shown: a review has only the first, a pick asked the other way round has them swapped.
    first = models.ForeignKey(CardSnapshot, on_delete=models.CASCADE, related_name="+")
    second = models.ForeignKey(CardSnapshot, on_delete=models.CASCADE, null=True, related_name="+")
    sample = models.PositiveSmallIntegerField(default=0)

    state = models.CharField(max_length=7, choices=State, default=State.QUEUED)
    fence = models.PositiveIntegerField(default=0)  # who claimed last; a late writer carries an old number
    lease_until = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    not_before = models.DateTimeField()
    rung_at = models.DateTimeField(null=True)  # when the doorbell was last rung
    last_error = models.CharField(max_length=500, blank=True)
    answer = models.JSONField(null=True)  # the validated reply
    receipt = models.ForeignKey("Attempt", on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    done_at = models.DateTimeField(null=True)

    objects = HearingQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(
                name="hearing_open",
                fields=["state", "not_before"],
                condition=Q(state__in=["queued", "running"]),
            )
        ]
        constraints = [
            models.CheckConstraint(
                name="hearing_pick_has_two_cards",
                condition=Q(kind="review", second__isnull=True) | Q(kind="pick", second__isnull=False),
            ),
            models.CheckConstraint(
                name="hearing_done_has_answer_and_receipt",
                condition=~Q(state="done") | Q(answer__isnull=False, receipt__isnull=False),
            ),
            models.CheckConstraint(
                name="hearing_running_has_lease",
                condition=Q(state="running", lease_until__isnull=False)
                | (~Q(state="running") & Q(lease_until__isnull=True)),
            ),
            models.CheckConstraint(
                name="hearing_attempts_at_most_three", condition=Q(attempts__lte=MAX_ATTEMPTS)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk} ({self.state})"


class SittingQuerySet(models.QuerySet["Sitting"]):
    def open(self) -> Self:
        return self.filter(state=Sitting.State.OPEN)

    def answered(self) -> Self:
        """Open, and nothing left to hear: ready to be published, or to fall back if a hearing died."""
        waiting = Hearing.objects.filter(
            sittings=OuterRef("pk"), state__in=[Hearing.State.QUEUED, Hearing.State.RUNNING]
        )
        dead = Hearing.objects.filter(sittings=OuterRef("pk"), state=Hearing.State.DEAD)
        return self.open().filter(~Exists(waiting) | Exists(dead))


class Sitting(models.Model):
    """One pairing in one run, before one judge: its hearings answered, its verdict appears."""

    class State(models.TextChoices):
        OPEN = "open"
        PUBLISHED = "published"
        DEAD = "dead"  # no judge of the chain could answer

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="sittings")
    pairing = models.ForeignKey(Pairing, on_delete=models.CASCADE, related_name="sittings")
    judge = models.ForeignKey(Judge, on_delete=models.PROTECT, related_name="+")
    left_snapshot = models.ForeignKey(CardSnapshot, on_delete=models.CASCADE, related_name="+")
    right_snapshot = models.ForeignKey(CardSnapshot, on_delete=models.CASCADE, related_name="+")
    hearings = models.ManyToManyField(Hearing, related_name="sittings")
    state = models.CharField(max_length=9, choices=State, default=State.OPEN)
    fell_back_from = models.CharField(max_length=200, blank=True)
    verdict = models.ForeignKey("comparisons.Verdict", on_delete=models.SET_NULL, null=True, related_name="+")

    objects = SittingQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(name="sitting_open", fields=["run"], condition=Q(state="open"))]
        constraints = [
            models.UniqueConstraint(name="sitting_once_per_run_and_pairing", fields=["run", "pairing"])
        ]

    def __str__(self) -> str:
        return f"{self.pairing} ({self.state})"


class Breaker(models.Model):
    """Whether a provider's host is asked at all. One row a provider and host, shared by every worker."""

    class State(models.TextChoices):
        CLOSED = "closed", "asked as usual"
        OPEN = "open", "left alone"
        MISCONFIGURED = "misconfigured", "left alone: key or rights are wrong"

    provider = models.CharField(max_length=20)
    host = models.CharField(max_length=200)
    state = models.CharField(max_length=13, choices=State, default=State.CLOSED)
    failures = models.PositiveIntegerField(default=0)  # in a row
    openings = models.PositiveIntegerField(default=0)  # in a row; each doubles the pause
    until = models.DateTimeField(null=True)  # when one probe may try
    reason = models.CharField(max_length=300, blank=True)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="breaker_once_per_provider_and_host", fields=["provider", "host"]),
            models.CheckConstraint(
                name="breaker_left_alone_until_a_time",
                condition=Q(state="closed", until__isnull=True)
                | (~Q(state="closed") & Q(until__isnull=False)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.provider} at {self.host}: {self.get_state_display()}"


class BreakerEvent(models.Model):
    """A transition, kept for staff. Rows are only ever added."""

    breaker = models.ForeignKey(Breaker, on_delete=models.CASCADE, related_name="events")
    at = models.DateTimeField(auto_now_add=True)
    state = models.CharField(max_length=13, choices=Breaker.State)
    reason = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.state}"


class Spend(models.Model):
    """One day's money: reserved before each call, settled after it. The sum is the day's charge."""

    day = models.DateField(unique=True)  # UTC
    reserved_usd = models.DecimalField(max_digits=12, decimal_places=6, default=0)
    spent_usd = models.DecimalField(max_digits=12, decimal_places=6, default=0)

    class Meta:
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
    latency_ms = models.PositiveIntegerField(null=True)
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

    @property
    def charged_usd(self) -> Decimal:
        """What counts against the budget: the cost, or the reserve while the outcome is unknown."""
        return self.reserved_usd if self.cost_usd is None else self.cost_usd
