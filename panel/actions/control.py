"""Stopping a run and letting it go on."""

from __future__ import annotations

from functools import partial
from typing import Protocol
from uuid import UUID

from django.db import transaction

from comparisons.audit.actions import note
from comparisons.people.models import User
from panel import doorbell
from panel.actions.settle import close_run
from panel.models import Batch, Hearing, Run, Sitting


class Change(Protocol):
    """Stopping a run or letting it go on. False when it was too late, for which TOO_LATE has the sentence."""

    def __call__(self, run_id: UUID, *, by: User | None = None) -> bool: ...


@transaction.atomic
def stop(run_id: UUID, *, by: User | None = None) -> bool:
    """No further hearing begins for this run; those being asked are kept. False when it was not running.

    Its batch jobs are canceled; what they had answered by then is kept, for it is paid.
    """
    going = Run.objects.filter(pk=run_id, state__in=[Run.State.RUNNING, Run.State.PAUSED_BUDGET])
    if not going.update(state=Run.State.STOPPED):
        return False
    _note(run_id, by, "stopped a run")
    # Canceling asks the provider, which a click should not wait for.
    batches = list(Batch.objects.open().filter(run=run_id).values_list("pk", flat=True))
    transaction.on_commit(partial(doorbell.ring_for_batches, batches))
    return True


def resume(run_id: UUID, *, by: User | None = None) -> bool:
    """Goes on where it stopped: what is answered stays answered. False when there is nothing to resume."""
    with transaction.atomic():
        resumed = Run.objects.filter(pk=run_id, state=Run.State.STOPPED).update(state=Run.State.RUNNING)
        if not resumed:
            return False
        _note(run_id, by, "let a run go on")
    waiting = Hearing.objects.single().filter(sittings__run=run_id, sittings__state=Sitting.State.OPEN)
    doorbell.ring(sorted(set(waiting.values_list("pk", flat=True))))
    close_run(run_id)
    return True


TOO_LATE: dict[Change, str] = {
    stop: "This run was not running any more.",
    resume: "This run is not stopped.",
}


def _note(run_id: UUID, by: User | None, did: str) -> None:
    run = Run.objects.only("scope").get(pk=run_id)
    note(by=by, did=did, about=run.scope, address=run.get_absolute_url())
