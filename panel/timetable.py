"""Everything that happens by the clock, the panel's part and the readers'. Beat rings more often than needed:
the rows of `comparisons.ticks` see to it that each job is done once a period.
"""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings

from comparisons.cards.refresh import REFRESH
from comparisons.digest.timetable import POST
from comparisons.ticks.clean_up import CLEAN_UP
from comparisons.ticks.timetable import Job

SWEEP = Job(
    "sweep", "Pick up what a crash left lying", every=timedelta(seconds=10), lease=timedelta(minutes=1)
)
BATCHES = Job(
    "batches",
    "Look after batch jobs",
    every=timedelta(seconds=settings.PANEL_BATCH_POLL_SECONDS),
    lease=timedelta(minutes=3),  # each batch has a lease of its own; one that takes long holds up no other
)
STALE = Job("stale verdicts", "Hear again the pairings whose cards changed", every=timedelta(hours=1))

JOBS = (SWEEP, BATCHES, STALE, REFRESH, POST, CLEAN_UP)
