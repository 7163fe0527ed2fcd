"""People with an account are staff; readers stay anonymous. Programs of staff come with a token."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q


class User(AbstractUser):
    """An own user model from the first migration: swapping it later is the one change Django cannot make."""

    class Meta(AbstractUser.Meta):
        pass


class TokenQuerySet(models.QuerySet["Token"]):
    def good(self, now: datetime) -> Self:
        """Neither expired nor revoked, and of somebody who is still staff."""
        return self.filter(
            revoked_at__isnull=True, expires_at__gt=now, owner__is_active=True, owner__is_staff=True
        )


class Token(models.Model):
    """What a program shows instead of a person's password. The secret itself is stored nowhere."""

    class Scope(models.TextChoices):
        READ = "read", "Read, at the rate of a token, also what only staff see of runs"
        MODERATE = "moderate", "See and decide counterpoints"
        IMPORT = "import", "Import cards"
        CONVENE = "convene", "Convene the panel, stop and resume its runs"

    name = models.CharField(max_length=80)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="tokens")
    scopes = ArrayField(models.CharField(max_length=8, choices=Scope))
    # The secret has 256 random bits, so a plain hash is as good as a slow one.
    sha256 = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    last_used_on = models.DateField(null=True)  # a day is enough to see what is forgotten
    revoked_at = models.DateTimeField(null=True)

    objects = TokenQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="token_scopes_are_known",
                condition=Q(scopes__contained_by=["read", "moderate", "import", "convene"])
                & Q(scopes__len__gte=1),
            ),
            models.CheckConstraint(name="token_sha256_is_hex", condition=Q(sha256__regex=r"^[0-9a-f]{64}$")),
            models.CheckConstraint(name="token_has_a_name", condition=~Q(name="")),
        ]

    def __str__(self) -> str:
        return self.name
