"""Tokens of programs: made, recognized, taken away."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from comparisons.audit.actions import note
from comparisons.people.models import Token, User

PREFIX = "so_"  # so that scanners of leaked secrets can know one
LONGEST_DAYS = 3650


@transaction.atomic
def issue(*, name: str, owner: User, scopes: Iterable[Token.Scope], days: int) -> tuple[Token, str]:
    """A new token and its secret, which is told this once."""
    secret = PREFIX + secrets.token_urlsafe(32)
    token = Token.objects.create(
        name=name,
        owner=owner,
        scopes=sorted(set(scopes)),
        sha256=_hash(secret),
        expires_at=timezone.now() + timedelta(days=days),
    )
    note(by=owner, did="token made", about=name, detail={"scopes": token.scopes, "days": days})
    return token, secret


def recognize(secret: str) -> Token | None:
    """The good token with this secret, noted as used today; None for anything else."""
    if not secret.startswith(PREFIX) or not secret.isascii():
        return None
    now = timezone.now()
    token = Token.objects.good(now).select_related("owner").filter(sha256=_hash(secret)).first()
    if token is not None and token.last_used_on != now.date():
        # One write a day and token, however many requests race for it.
        earlier = Q(last_used_on__isnull=True) | Q(last_used_on__lt=now.date())
        Token.objects.filter(earlier, pk=token.pk).update(last_used_on=now.date())
    return token


@transaction.atomic
def revoke(*, token: Token, by: User) -> bool:
    """From now on nobody is let in by it. False when it was revoked before."""
    if not Token.objects.filter(pk=token.pk, revoked_at__isnull=True).update(revoked_at=timezone.now()):
        return False
    note(by=by, did="token revoked", about=token.name)
    return True


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
