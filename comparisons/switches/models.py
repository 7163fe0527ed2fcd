"""One row for each thing that can be stopped; no row, or a row that is not stopped, means that it runs."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q


class Switch(models.Model):
    """Read by every process at most two seconds after it was turned; the panel reads it with each claim."""

    class Name(models.TextChoices):
        VOTES = "votes", "Votes"
        COUNTERPOINTS = "counterpoints", "Counterpoints"
        PANEL = "panel", "The panel"
        WRITING = "writing", "All writing, and the panel"

    name = models.CharField(max_length=20, choices=Name, primary_key=True)
    stopped = models.BooleanField(default=False)
    # Readers see it: "Voting is paused: we are moving to another server."
    reason = models.CharField(max_length=120, blank=True)
    changed_at = models.DateTimeField(auto_now=True)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                name="switch_name_is_known",
                condition=Q(name__in=["votes", "counterpoints", "panel", "writing"]),
            ),
            models.CheckConstraint(
                name="switch_says_why_it_is_stopped", condition=Q(stopped=False) | ~Q(reason="")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_name_display()}: {'stopped' if self.stopped else 'runs'}"
