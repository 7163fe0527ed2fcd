"""Throws away what nobody will ask for again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from django.contrib.sessions.models import Session
from django.utils import timezone

from comparisons.ticks.actions import forget
from comparisons.ticks.timetable import Job

CLEAN_UP = Job("clean-up", "Throw away what is out of date", every=timedelta(days=1), at=timedelta(hours=3))


def clean_up(jobs: Sequence[Job]) -> str:
    """Sessions that ended and old rows of the timetable; a line for staff."""
    sessions, _ = Session.objects.filter(expire_date__lt=timezone.now()).delete()
    return f"{sessions:,} sessions, {forget(jobs):,} rows of the timetable"
