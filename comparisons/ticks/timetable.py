"""When a job is due: periods counted from one moment, the same on every machine."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

START = datetime(2024, 1, 1, tzinfo=UTC)  # a Monday, so that weeks begin where ISO weeks do


@dataclass(frozen=True, slots=True)
class Job:
    """Something done once in each period of length `every`, from `at` into the period on."""

    name: str  # "clean-up"; part of the row's key, so it never changes
    title: str  # what staff read
    every: timedelta
    at: timedelta = timedelta()
    lease: timedelta = timedelta(minutes=10)  # silent for longer: whoever did it is gone

    def period(self, now: datetime) -> datetime:
        """The beginning of the period that `now` falls into."""
        return START + (now - START - self.at) // self.every * self.every + self.at

    def following(self, now: datetime) -> datetime:
        """When the next period begins."""
        return self.period(now) + self.every
