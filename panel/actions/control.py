"""Stopping a run and letting it go on."""

from __future__ import annotations

from uuid import UUID

from panel import doorbell
from panel.actions.settle import close_run
from panel.models import Hearing, Run, Sitting


def stop(run_id: UUID) -> bool:
    """No further hearing begins for this run; those being asked are kept. False when it was not running."""
    return bool(
        Run.objects.filter(pk=run_id, state__in=[Run.State.RUNNING, Run.State.PAUSED_BUDGET]).update(
            state=Run.State.STOPPED
        )
    )


def resume(run_id: UUID) -> bool:
    """Goes on where it stopped: what is answered stays answered. False when there is nothing to resume."""
    resumed = Run.objects.filter(pk=run_id, state=Run.State.STOPPED).update(state=Run.State.RUNNING)
    if not resumed:
        return False
    waiting = Hearing.objects.filter(
        sittings__run=run_id, sittings__state=Sitting.State.OPEN, state=Hearing.State.QUEUED
    )
    doorbell.ring(sorted(set(waiting.values_list("pk", flat=True))))
    close_run(run_id)
    return True
