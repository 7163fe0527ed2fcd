"""What the desk shows: everything that waits for somebody, in a fixed number of queries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.conf import settings
from django.db.models import Count, Min
from django.utils import timezone

from comparisons.audit.models import AuditEntry
from comparisons.counterpoints.models import Counterpoint
from comparisons.digest.models import Subscriber
from comparisons.switches.models import Switch
from comparisons.ticks.models import Tick
from comparisons.ticks.timetable import Job
from panel.actions.stale import awaiting
from panel.models import Breaker, Hearing, Run, Spend
from panel.timetable import JOBS

SHOWN = 8
MANY = 1_000  # beyond it the desk says "1,000 or more": an exact count of a long queue helps nobody
LATE = 3  # periods without a run, after which a clock or a worker is probably gone


@dataclass(frozen=True, slots=True)
class Appointment:
    """One job of the timetable: when it ran last, how that went, when it is due again."""

    job: Job
    last: Tick | None
    next_at: datetime
    late: bool


@dataclass(frozen=True, slots=True)
class Money:
    """One day's, in USD."""

    spent: Decimal
    reserved: Decimal
    budget: Decimal

    @property
    def left(self) -> Decimal:
        return max(Decimal(0), self.budget - self.spent - self.reserved)


@dataclass(frozen=True, slots=True)
class Waiting:
    """So many, the oldest since then."""

    count: int
    since: datetime | None

    @property
    def many(self) -> bool:
        return self.count >= MANY


@dataclass(frozen=True, slots=True)
class Overview:
    runs: Sequence[Run]
    money: Money
    hearings: Waiting  # due and not begun
    asked_now: int
    counterpoints: Waiting
    stale: Waiting
    subscribers: int  # confirmed
    breakers: Sequence[Breaker]
    timetable: Sequence[Appointment]
    switches: Sequence[Switch]
    entries: Sequence[AuditEntry]

    @property
    def stopped(self) -> list[Switch]:
        return [switch for switch in self.switches if switch.stopped]


def overview() -> Overview:
    """Eleven queries, whatever the data. Of hearings and pairings no more than MANY are read: there may be
    millions, and the page renews itself."""
    now = timezone.now()
    # In the order of its index, so that the first of them is the oldest.
    due = Hearing.objects.filter(state=Hearing.State.QUEUED, not_before__lte=now).order_by("not_before")
    queue = due[:MANY].aggregate(count=Count("pk"), since=Min("not_before"))
    pending = Counterpoint.objects.filter(state=Counterpoint.State.PENDING)
    texts = pending.aggregate(count=Count("pk"), since=Min("created_at"))
    return Overview(
        runs=list(Run.objects.exclude(state=Run.State.DONE).select_related("started_by")[:SHOWN]),
        money=_money(now),
        hearings=Waiting(queue["count"], queue["since"]),
        asked_now=Hearing.objects.filter(state=Hearing.State.RUNNING).count(),
        counterpoints=Waiting(texts["count"], texts["since"]),
        stale=Waiting(awaiting()[:MANY].count(), None),
        subscribers=Subscriber.objects.reading().count(),
        breakers=list(Breaker.objects.exclude(state=Breaker.State.CLOSED)),
        timetable=appointments(JOBS, Tick.objects.last_of_each(), now),
        switches=all_switches(),
        entries=list(AuditEntry.objects.select_related("by")[:SHOWN]),
    )


def _money(now: datetime) -> Money:
    day = Spend.objects.filter(day=now.date()).first()
    spent, reserved = (day.spent_usd, day.reserved_usd) if day else (Decimal(0), Decimal(0))
    return Money(spent, reserved, settings.PANEL_DAILY_BUDGET_USD)


def appointments(jobs: Sequence[Job], last: dict[str, Tick], now: datetime) -> list[Appointment]:
    """The timetable in its own order."""
    found = []
    for job in jobs:
        tick = last.get(job.name)
        # A minute more, so that no frequent job is called late for a restart.
        late = tick is not None and now - tick.period > job.every * LATE + timedelta(minutes=1)
        found.append(Appointment(job, tick, job.following(now), late))
    return found


def all_switches() -> list[Switch]:
    """Every switch in the order of its choices; one without a row has never been turned."""
    rows = {switch.name: switch for switch in Switch.objects.select_related("changed_by")}
    return [rows.get(name, Switch(name=name)) for name in Switch.Name.values]
