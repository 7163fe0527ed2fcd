"""When the digest looks what there is to do. Which week has gone out, `Issue` itself says."""

from __future__ import annotations

from datetime import timedelta

from comparisons.ticks.timetable import Job

POST = Job(
    "digest", "Send what is due of the digest", every=timedelta(seconds=15), lease=timedelta(minutes=1)
)
