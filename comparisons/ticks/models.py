"""One row a job and period."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class TickQuerySet(models.QuerySet["Tick"]):
    def last_of_each(self) -> dict[str, Tick]:
        """Each job's newest row, by its name."""
        return {tick.job: tick for tick in self.order_by("job", "-period").distinct("job")}


class Tick(models.Model):
    """What became of one job in one period. Two clocks that ring for it meet the unique key."""

    class State(models.TextChoices):
        RUNNING = "running", "running"
        DONE = "done", "done"
        FAILED = "failed", "failed"

    job = models.CharField(max_length=40)
    period = models.DateTimeField()
    state = models.CharField(max_length=8, choices=State, default=State.RUNNING)
    attempts = models.PositiveSmallIntegerField(default=1)  # also the fence: who was overtaken writes nothing
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    note = models.CharField(max_length=300, blank=True)  # what was done, or what went wrong

    objects = TickQuerySet.as_manager()

    class Meta:
        ordering = ["-period", "job"]
        constraints = [
            models.UniqueConstraint(name="tick_once_per_job_and_period", fields=["job", "period"]),
            models.CheckConstraint(
                name="tick_ended_unless_running",
                condition=Q(state="running", ended_at__isnull=True)
                | Q(state__in=["done", "failed"], ended_at__isnull=False),
            ),
        ]
        indexes = [models.Index(name="tick_by_start", fields=["started_at"])]

    def __str__(self) -> str:
        return f"{self.job} of {self.period:%Y-%m-%d %H:%M}: {self.state}"
