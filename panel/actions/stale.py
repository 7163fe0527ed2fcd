"""Hearing again what changed, without being asked."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db.models import Exists, F, OuterRef
from django.utils import timezone

from comparisons.pairings.models import Pairing, PairingQuerySet
from panel.actions.convene import NobodyToAsk, convene
from panel.models import Sitting

# A pairing that found no quorum is not asked about every hour.
LEAVE_ALONE = timedelta(days=7)


def convene_stale() -> str:
    """Convenes at most PANEL_STALE_PER_HOUR pairings that await a verdict; a line for staff.

    The daily budget bounds the cost as it does every run's.
    """
    most = settings.PANEL_STALE_PER_HOUR
    if not most:
        return "Off: PANEL_STALE_PER_HOUR is 0."
    # Those that had a verdict first: somebody may be reading an outdated one.
    chosen = awaiting().order_by(F("verdict").asc(nulls_last=True), "pk").values_list("pk", flat=True)[:most]
    pairings = Pairing.objects.with_cards().filter(pk__in=list(chosen))
    if not pairings.exists():
        return "Nothing is out of date."
    try:
        run = convene(pairings, scope="what changed")
    except NobodyToAsk as error:
        return str(error)
    return f"{pairings.count():,} pairings, run {run.pk}"


def awaiting() -> PairingQuerySet:
    """Those that nobody has been asked about in their present state for a week."""
    lately = Sitting.objects.filter(
        pairing=OuterRef("pk"),
        left_snapshot=OuterRef("left__snapshot"),
        right_snapshot=OuterRef("right__snapshot"),
        run__started_at__gt=timezone.now() - LEAVE_ALONE,
    )
    return Pairing.objects.awaiting_verdict().filter(
        ~Exists(lately), left__snapshot__isnull=False, right__snapshot__isnull=False
    )
