"""Everything that happens by the clock, the panel's part and the readers'. Beat rings more often than needed:
the rows of `comparisons.ticks` see to it that each job is done once a period.
"""

from __future__ import annotations

from datetime import timedelta

from comparisons.cards.refresh import REFRESH
from comparisons.digest.timetable import POST
from comparisons.ticks.clean_up import CLEAN_UP
from comparisons.ticks.timetable import Job

SWEEP = Job(
    "sweep", "Pick up what a crash left lying", every=timedelta(seconds=10), lease=timedelta(minutes=1)
)
STALE = Job("stale verdicts", "Hear again the pairings whose cards changed", every=timedelta(hours=1))

JOBS = (SWEEP, STALE, REFRESH, POST, CLEAN_UP)
