"""The log of what staff and commands did. A trigger refuses UPDATE and DELETE."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class AuditEntry(models.Model):
    """One thing done: by whom (nobody: a command or the timetable), what, to what."""

    at = models.DateTimeField(auto_now_add=True)
    # Accounts that have acted are deactivated, not deleted: the log must go on saying who.
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    did = models.CharField(max_length=120)  # "stopped: Votes"
    about = models.CharField(max_length=200, blank=True)  # "mistral-large-vs-gpt-5"
    address = models.CharField(max_length=300, blank=True)  # where to look at it, of this site
    detail = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name_plural = "audit entries"
        indexes = [
            models.Index(name="audit_newest", fields=["-at", "-id"]),
            models.Index(name="audit_by", fields=["by", "-at", "-id"]),
        ]

    def __str__(self) -> str:
        return f"{self.by or 'nobody'} {self.did} {self.about}".strip()
