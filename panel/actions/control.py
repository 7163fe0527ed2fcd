"""Stopping a run and letting it go on."""

from __future__ import annotations

from uuid import UUID

from panel import doorbell
from panel.actions.settle import close_run
from panel.models import Batch, Hearing, Run, Sitting


def stop(run_id: UUID) -> bool:
    """No further hearing begins for this run; those being asked are kept. False when it was not running.

    Its batch jobs are canceled; what they had answered by then is kept, for it is paid.
    """
    going = Run.objects.filter(pk=run_id, state__in=[Run.State.RUNNING, Run.State.PAUSED_BUDGET])
    if not going.update(state=Run.State.STOPPED):
        return False
    # Canceling asks the provider, which a click should not wait for.
    doorbell.ring_for_batches(list(Batch.objects.open().filter(run=run_id).values_list("pk", flat=True)))
    return True


def resume(run_id: UUID) -> bool:
    """Goes on where it stopped: what is answered stays answered. False when there is nothing to resume."""
    resumed = Run.objects.filter(pk=run_id, state=Run.State.STOPPED).update(state=Run.State.RUNNING)
    if not resumed:
        return False
    waiting = Hearing.objects.single().filter(sittings__run=run_id, sittings__state=Sitting.State.OPEN)
    doorbell.ring(sorted(set(waiting.values_list("pk", flat=True))))
    close_run(run_id)
    return True
