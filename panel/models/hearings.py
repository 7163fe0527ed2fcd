"""The queue of record: hearings, and the sittings that wait for them."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Exists, OuterRef, Q

from comparisons.cards.models import CardSnapshot
from comparisons.pairings.models import Pairing
from panel.models.judges import Judge, PersonaVersion
from panel.models.runs import Batch, Run

MAX_ATTEMPTS = 3


class HearingQuerySet(models.QuerySet["Hearing"]):
    def due(self, now: datetime) -> Self:
        """Queued, in no batch, allowed to start, and wanted by a run that goes on."""
        wanted = Sitting.objects.filter(
            hearings=OuterRef("pk"), state=Sitting.State.OPEN, run__state=Run.State.RUNNING
        )
        return self.single().filter(Exists(wanted), not_before__lte=now)

    def single(self) -> Self:
        """Waits to be asked by itself; what waits in a batch is asked there."""
        return self.filter(state=Hearing.State.QUEUED, batch__isnull=True)

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
    batch = models.ForeignKey(Batch, on_delete=models.SET_NULL, null=True, related_name="hearings")
    rung_at = models.DateTimeField(null=True)  # when the doorbell was last rung
    last_error = models.CharField(max_length=500, blank=True)
    answer = models.JSONField(null=True)  # the validated reply
    receipt = models.ForeignKey("Attempt", on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    done_at = models.DateTimeField(null=True)  # answered or given up

    objects = HearingQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(
                name="hearing_open",
                fields=["state", "not_before"],
                condition=Q(state__in=["queued", "running"]),
            ),
            models.Index(name="hearing_over", fields=["done_at"], condition=Q(done_at__isnull=False)),
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
                # Or nobody would ever ask it: workers leave alone what is in a batch.
                name="hearing_in_batch_waits_or_is_done",
                condition=Q(batch__isnull=True) | Q(state__in=["queued", "done"]),
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
    seated_at = models.DateTimeField(auto_now_add=True)  # before this judge
    verdict = models.ForeignKey("comparisons.Verdict", on_delete=models.SET_NULL, null=True, related_name="+")

    objects = SittingQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(name="sitting_open", fields=["run", "seated_at"], condition=Q(state="open"))]
        constraints = [
            models.UniqueConstraint(name="sitting_once_per_run_and_pairing", fields=["run", "pairing"])
        ]

    def __str__(self) -> str:
        return f"{self.pairing} ({self.state})"
