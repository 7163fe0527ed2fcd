"""Batches on their way: asked for once, found again after a crash, looked after, read, and canceled.

Every step is a row before it is a call, and every step can be taken again: two of these at once do no harm.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID

from django.utils import timezone

from comparisons.switches.models import Switch
from comparisons.switches.state import sentence
from panel import breaker, limiter
from panel.actions import batches
from panel.actions.lines import read_lines
from panel.breaker import LeftAlone
from panel.models import Batch, Run
from panel.providers import NotYet, Provider, ProviderError
from panel.providers.batches import BatchDesk, Job, NoSuchJob, Unsure, desk_of
from panel.providers.chain import provider_convened
from panel.schedule import judge_key

log = logging.getLogger(__name__)

LOOK_FOR = timedelta(minutes=3)  # how long a job that may have been made is looked for
CLOCKS_DIFFER = timedelta(hours=1)
MOST_ASKS = 3
GIVE_UP_ASKING = timedelta(hours=1)  # then single calls find out what is wrong, or another judge speaks
OVERDUE = timedelta(hours=26)  # a job has 24
GIVE_UP_READING = timedelta(hours=1)
GIVE_UP_WAITING = timedelta(hours=4)  # after the cancellation of an overdue job

T = TypeVar("T")


def poll() -> str:
    """Moves every open batch on by one step. A line for staff."""
    due = batches.due(timezone.now())
    for batch_id in due:
        work_on(batch_id)
    return f"{len(due):,} batch{'' if len(due) == 1 else 'es'} looked at" if due else ""


def work_on(batch_id: UUID) -> None:
    """Does nothing while another process works on it, or while the panel is switched off."""
    batch = None if sentence(Switch.Name.PANEL) else batches.take(batch_id)
    if batch is None:
        return
    try:
        _step(batch)
    except (LeftAlone, NotYet):
        pass  # the next look will do
    except ProviderError as error:
        said = f"{type(error).__name__}: {error}"[:500]
        log.warning("Batch %s: %s", batch.pk, said)
        Batch.objects.open().filter(pk=batch.pk).update(last_error=said)
    finally:
        batches.put_back(batch)


def _step(batch: Batch) -> None:
    provider = provider_convened(batch.judge.kind, batch.judge.settings)
    desk = desk_of(provider) if provider is not None else None
    if batch.state == Batch.State.PREPARING and batch.asked_at is None:
        if batch.run.state == Run.State.STOPPED:
            batches.end(batch, Batch.State.RELEASED, "The run was stopped before the job was asked for.")
        elif provider is None or desk is None or judge_key(provider.settings()) != batch.judge.key:
            batches.end(batch, Batch.State.FAILED, f"{batch.judge.label} is no longer configured as it was.")
        elif batch.run.state == Run.State.RUNNING or batch.reserved_at is not None:
            _submit(batch, provider, desk)  # a run that waits for money waits for more than it has reserved
    elif provider is None or desk is None or provider.host != batch.host:
        _wait_for_the_key(batch)
    elif batch.state == Batch.State.PREPARING:
        _find(batch, provider, desk)
    else:
        _look(batch, provider, desk)


def _submit(batch: Batch, provider: Provider, desk: BatchDesk) -> None:
    now = timezone.now()
    if batch.reserved_at is not None and now - batch.reserved_at > GIVE_UP_ASKING:
        batches.end(batch, Batch.State.FAILED, f"{batch.host} took no job for an hour. {batch.last_error}")
        return
    if batch.reserved_at is None and not batches.reserve(batch, provider, desk):
        return
    asked = list(batches.entries(batch, provider, desk))
    if not asked:
        batches.end(batch, Batch.State.DONE)
        return
    # Written down before the call: whoever comes after a crash looks for the job instead of making another.
    mine = Batch.objects.filter(pk=batch.pk, state=Batch.State.PREPARING, asked_at__isnull=True)

    def ask() -> Job | None:
        if not mine.update(asked_at=now, asks=batch.asks + 1):
            return None
        return desk.submit(str(batch.pk), [entry.text for entry in asked])

    try:
        job = _guarded(provider, ask)
    except (LeftAlone, NotYet, Unsure):
        raise
    except ProviderError as error:  # no job was made
        if not error.retryable:
            batches.end(batch, Batch.State.FAILED, f"{type(error).__name__}: {error}")
            return
        Batch.objects.filter(pk=batch.pk, state=Batch.State.PREPARING).update(asked_at=None, asks=batch.asks)
        raise
    if job is not None:
        _adopt(batch, job)


def _find(batch: Batch, provider: Provider, desk: BatchDesk) -> None:
    """A job was asked for, and who asked did not write down whether it was made."""
    assert batch.asked_at is not None
    asked_at = batch.asked_at
    try:
        jobs = _guarded(provider, lambda: desk.find(str(batch.pk), since=asked_at - CLOCKS_DIFFER))
    except ProviderError as error:
        _unreachable(batch, error, since=asked_at)
        return
    if jobs:
        _adopt(batch, jobs[0])
        for twin in jobs[1:]:
            desk.cancel(twin.id)
    elif timezone.now() - asked_at > LOOK_FOR:
        if batch.asks < MOST_ASKS and batch.run.state != Run.State.STOPPED:
            Batch.objects.filter(pk=batch.pk, state=Batch.State.PREPARING).update(asked_at=None)
        else:
            batches.end(batch, Batch.State.FAILED, f"{batch.host} shows no job of this batch.", charged=True)


def _adopt(batch: Batch, job: Job) -> None:
    Batch.objects.filter(pk=batch.pk, state=Batch.State.PREPARING).update(
        state=Batch.State.SUBMITTED,
        remote_id=job.id,
        remote_state=job.state,
        submitted_at=timezone.now(),
        last_error="",
    )


def _look(batch: Batch, provider: Provider, desk: BatchDesk) -> None:
    now = timezone.now()
    assert batch.submitted_at is not None
    try:
        if batch.asks > 1:  # the job that nobody could find may have turned up since
            _cancel_twins(batch, provider, desk)
        job = _guarded(provider, lambda: desk.look(batch.remote_id))
    except NoSuchJob as error:
        batches.end(batch, Batch.State.FAILED, str(error), charged=True)
        return
    except ProviderError as error:
        _unreachable(batch, error, since=batch.submitted_at)
        return
    Batch.objects.filter(pk=batch.pk).update(remote_state=job.state, last_error="")
    if job.over:
        _read(batch, provider, desk, job)
        return
    overdue = now - batch.submitted_at > OVERDUE
    if batch.run.state == Run.State.STOPPED or overdue:
        if batch.cancel_at is None:
            _guarded(provider, lambda: desk.cancel(batch.remote_id))
            Batch.objects.filter(pk=batch.pk, cancel_at__isnull=True).update(cancel_at=now)
        elif overdue and now - batch.cancel_at > GIVE_UP_WAITING:
            batches.end(batch, Batch.State.FAILED, f"{batch.host} does not end this job.", charged=True)


def _read(batch: Batch, provider: Provider, desk: BatchDesk, job: Job) -> None:
    """Keeps what came back and frees what did not."""
    now = timezone.now()
    Batch.objects.filter(pk=batch.pk, finished_at__isnull=True).update(finished_at=now)
    try:
        read_lines(batch, provider, desk, job)
    except ProviderError as error:
        if batch.finished_at is None or now - batch.finished_at < GIVE_UP_READING:
            raise
        batches.end(batch, Batch.State.FAILED, f"{type(error).__name__}: {error}", charged=True)
        return
    state = Batch.State.DONE if job.whole else Batch.State.FAILED
    if batch.cancel_at is not None and not job.whole:
        state = Batch.State.RELEASED
    # Answers that the provider counts and nobody has seen are on its bill.
    lost = job.succeeded > Batch.objects.values_list("returned", flat=True).get(pk=batch.pk)
    why = "" if job.whole else f"The job ended as {job.state}."
    batches.end(batch, state, why, charged=lost)


def _cancel_twins(batch: Batch, provider: Provider, desk: BatchDesk) -> None:
    since = batch.created_at - CLOCKS_DIFFER
    for job in _guarded(provider, lambda: desk.find(str(batch.pk), since=since)):
        if job.id != batch.remote_id and not job.over:
            desk.cancel(job.id)


def _unreachable(batch: Batch, error: ProviderError, *, since: datetime) -> None:
    """A server that is away comes back; one that stays away longer than any job lasts is given up."""
    if timezone.now() - since < OVERDUE + GIVE_UP_WAITING:
        raise error
    batches.end(batch, Batch.State.FAILED, f"{type(error).__name__}: {error}", charged=True)


def _wait_for_the_key(batch: Batch) -> None:
    """Its provider is not configured here, or elsewhere now; a restart may bring it back."""
    if timezone.now() - batch.created_at > OVERDUE:
        batches.end(batch, Batch.State.FAILED, f"{batch.host} is no longer configured here.", charged=True)


def _guarded(provider: Provider, call: Callable[[], T]) -> T:
    """A call like any other, before breaker and limiter."""
    permit = breaker.admit(provider)
    try:
        limiter.wait_turn(provider)
        with limiter.room(provider):
            answer = call()
    except ProviderError as error:
        breaker.report_failure(permit, error)
        raise
    breaker.report_success(permit)
    return answer
