"""Who asks and who is asked: personas as they once were, judges, and whether a host is asked at all."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


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
