"""Beat's broom: whatever a crash, a lost message or a slept-through lease left lying is picked up here."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection
from django.db.models import Max
from django.utils import timezone

from panel import doorbell
from panel.actions.settle import close_run, reopen_runs, settle
from panel.models import MAX_ATTEMPTS, Attempt, Batch, Hearing, Run, Sitting, Spend

RING_AGAIN = timedelta(seconds=10)  # younger rings may not have arrived
OVERLAP = timedelta(minutes=2)  # longer than from writing a time down to committing it, or clocks differ
MOST_RINGS = 500  # a sweep; more would pile up in a broker that is slow


def sweep() -> str:
    """Idempotent and bounded, so that two beats do no harm. A line for staff."""
    now = timezone.now()
    _end_leases()
    _resume_paid_runs()
    reopen_runs()
    rung = _unheard(now)
    doorbell.ring(rung)
    for run in Run.objects.filter(state=Run.State.RUNNING):
        if changed := changed_sittings(run):
            settle(Sitting.objects.filter(pk__in=changed))
        Run.objects.filter(pk=run.pk).update(swept_at=now)
        close_run(run.pk)
    return f"{len(rung):,} hearings rung for" if rung else ""


def _unheard(now: datetime) -> list[int]:
    """Due hearings that nobody rang for, and as many as the queue has fewer rings than it should.

    Which ones it lost nobody can say: those go first that were rung for longest ago. What is rung for twice
    costs a worker one look; ringing for all that wait would fill the queue faster than they are heard.
    """
    due = Hearing.objects.due(now)
    in_queue = doorbell.in_queue()
    never = list(due.filter(rung_at__isnull=True).order_by("pk").values_list("pk", flat=True)[:MOST_RINGS])
    lost = 0 if in_queue is None else due.filter(rung_at__isnull=False).count() - in_queue
    room = min(lost, MOST_RINGS - len(never))
    if room <= 0:
        return never
    silent = due.filter(rung_at__lt=now - RING_AGAIN).order_by("rung_at", "pk")
    return never + list(silent.values_list("pk", flat=True)[:room])


# Of a run over thousands of pairings nearly all sittings wait, and whether one still does takes a look at all
# of its hearings. So only those are looked at where something happened since the last sweep.
_CHANGED = """
WITH over AS MATERIALIZED (SELECT id FROM panel_hearing WHERE done_at > %(since)s)
SELECT id FROM panel_sitting
WHERE run_id = %(run)s AND state = 'open' AND seated_at > %(since)s
UNION
SELECT sitting.id
FROM over
JOIN panel_sitting_hearings seat ON seat.hearing_id = over.id
JOIN panel_sitting sitting ON sitting.id = seat.sitting_id
WHERE sitting.run_id = %(run)s AND sitting.state = 'open'
"""


def changed_sittings(run: Run) -> list[int]:
    """Open sittings of a run that may have become ready since the run was last swept; at first, all."""
    since = (run.swept_at or run.started_at) - OVERLAP
    with connection.cursor() as cursor:
        cursor.execute(_CHANGED, {"run": run.pk, "since": since})
        return [pk for (pk,) in cursor.fetchall()]


def _end_leases() -> None:
    """A hearing whose worker went silent is queued again, or given up after its last attempt."""
    now = timezone.now()
    for hearing in Hearing.objects.expired(now).only("pk", "fence", "attempts"):
        over = hearing.attempts >= MAX_ATTEMPTS
        Hearing.objects.expired(now).filter(pk=hearing.pk, fence=hearing.fence).update(
            state=Hearing.State.DEAD if over else Hearing.State.QUEUED,
            lease_until=None,
            not_before=now,
            done_at=now if over else None,
            rung_at=None,
            last_error="The worker went silent and its lease ran out.",
        )


def _resume_paid_runs() -> None:
    """A run that stopped for want of money goes on when there is some again: next day, or a raised limit."""
    paused = Run.objects.filter(state=Run.State.PAUSED_BUDGET)
    if not paused.exists():
        return
    spend = Spend.objects.filter(day=timezone.now().date()).first()
    charged = spend.reserved_usd + spend.spent_usd if spend else 0
    called = Attempt.objects.filter(run__in=paused).aggregate(most=Max("reserved_usd"))["most"] or 0
    waiting = Batch.objects.open().filter(run__in=paused).aggregate(most=Max("wanted_usd"))["most"] or 0
    dearest = max(called, waiting)
    # Room for two calls, or it would stop again at the first.
    if settings.PANEL_DAILY_BUDGET_USD - charged > 2 * dearest:
        paused.update(state=Run.State.RUNNING)
