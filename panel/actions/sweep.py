"""Beat's broom: whatever a crash, a lost message or a slept-through lease left lying is picked up here."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db.models import Max, Q
from django.utils import timezone

from panel import doorbell
from panel.actions.settle import close_run, reopen_runs, settle
from panel.models import MAX_ATTEMPTS, Attempt, Hearing, Run, Sitting, Spend

RING_AGAIN = timedelta(seconds=60)
MOST_RINGS = 500  # a sweep; more would pile up in a broker that is slow


def sweep() -> str:
    """Idempotent and bounded, so that two beats do no harm. A line for staff."""
    now = timezone.now()
    _end_leases()
    _resume_paid_runs()
    reopen_runs()
    due = Hearing.objects.due(now).filter(Q(rung_at__isnull=True) | Q(rung_at__lt=now - RING_AGAIN))
    rung = list(due.order_by("pk").values_list("pk", flat=True)[:MOST_RINGS])
    doorbell.ring(rung)
    running = Sitting.objects.filter(run__state=Run.State.RUNNING)
    settle(running)
    for run_id in Run.objects.filter(state=Run.State.RUNNING).values_list("pk", flat=True):
        close_run(run_id)
    return f"{len(rung):,} hearings rung for" if rung else ""


def _end_leases() -> None:
    """A hearing whose worker went silent is queued again, or given up after its last attempt."""
    now = timezone.now()
    for hearing in Hearing.objects.expired(now).only("pk", "fence", "attempts"):
        over = hearing.attempts >= MAX_ATTEMPTS
        Hearing.objects.expired(now).filter(pk=hearing.pk, fence=hearing.fence).update(
            state=Hearing.State.DEAD if over else Hearing.State.QUEUED,
            lease_until=None,
            not_before=now,
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
    dearest = Attempt.objects.filter(run__in=paused).aggregate(most=Max("reserved_usd"))["most"] or 0
    # Room for two calls, or it would stop again at the first.
    if settings.PANEL_DAILY_BUDGET_USD - charged > 2 * dearest:
        paused.update(state=Run.State.RUNNING)
