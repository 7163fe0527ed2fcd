"""ISO weeks, by which issues are numbered. Pure: no clock."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Self

_NAME = re.compile(r"(?P<year>[0-9]{4})-W(?P<number>[0-9]{2})")
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class NoSuchWeek(ValueError):
    """Not the name of an ISO week; the message is a sentence."""


@dataclass(frozen=True, slots=True, order=True)
class Week:
    """Monday to Sunday, UTC. The year is the ISO year: 2027-01-01 is in 2026-W53."""

    year: int
    number: int

    @classmethod
    def of(cls, moment: datetime) -> Self:
        year, number, _ = moment.astimezone(UTC).isocalendar()
        return cls(year, number)

    @classmethod
    def named(cls, name: str) -> Self:
        """`2026-W47`. Raises NoSuchWeek."""
        found = _NAME.fullmatch(name)
        if found is None:
            raise NoSuchWeek(f"“{name}” is not a week; write it like 2026-W47.")
        year, number = int(found["year"]), int(found["number"])
        try:
            date.fromisocalendar(year, number, 1)
        except ValueError:
            raise NoSuchWeek(f"The year {year} has no week {number}.") from None
        return cls(year, number)

    def __str__(self) -> str:
        return f"{self.year}-W{self.number:02d}"

    @property
    def monday(self) -> date:
        return date.fromisocalendar(self.year, self.number, 1)

    def moment(self, weekday: str, hour: int) -> datetime:
        """A weekday and hour of this week, UTC."""
        day = self.monday + timedelta(days=WEEKDAYS.index(weekday))
        return datetime.combine(day, time(hour), UTC)
