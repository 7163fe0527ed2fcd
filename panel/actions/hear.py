"""One hearing: claim it, ask, keep the answer. Safe to call twice, late, or by two workers at once."""

from __future__ import annotations

import logging
import time
from datetime import timedelta

from django.utils import timezone
from structlog.contextvars import bind_contextvars

from panel import breaker, doorbell, limiter
from panel.actions import receipts
from panel.actions.claims import claim, keep, wanted_by
from panel.actions.questions import question_of, who_answers
from panel.actions.replies import RAN_OUT, Quarantined, read
from panel.actions.settle import has_later_judge, settle_after
from panel.breaker import LeftAlone
from panel.leases import keeper
from panel.models import MAX_ATTEMPTS, Hearing, Run
from panel.providers import Answer, NotYet, Provider, ProviderError, Question, Throttled
from panel.providers.chain import provider_convened
from panel.reply import PickReply, ReviewReply, UnusableReply
from panel.schedule import judge_key, wait_after
from panel.slots import slot

log = logging.getLogger(__name__)

# A call may wait a minute for its turn and take two. A thread held that long asks for no repair as well.
REPAIRED_WITHIN = 60.0


class JudgeGone(ProviderError):
    """The judge that was convened is no longer configured as it was then."""


class NoUsableAnswer(ProviderError):
    """Asked twice, answered twice, and neither answer fits the form."""


class RepairLater(ProviderError):
    """The first answer took so long that its repair is a turn of its own."""

    retryable = True


def hear(hearing_id: int) -> None:
    """Does nothing unless the hearing is due, wanted by a running run, and free."""
    hearing = claim(hearing_id)
    if hearing is None:
        return
    run = wanted_by(hearing)
    bind_contextvars(hearing=hearing.pk, run=str(run.pk))  # until the task ends, in whatever is logged
    try:
        provider = _provider(hearing)
        with keeper.holding(hearing):
            reply, receipt = _ask(hearing, provider, run)
    except receipts.BudgetSpent as spent:
        _release(hearing, timedelta(seconds=60), str(spent), counts=False)
        Run.objects.filter(sittings__hearings=hearing, state=Run.State.RUNNING).update(
            state=Run.State.PAUSED_BUDGET
        )
        return
    except ProviderError as error:
        _failed(hearing, error)
    else:
        _finish(hearing, reply, receipt)
    settle_after(hearing.pk)


def _provider(hearing: Hearing) -> Provider:
    provider = provider_convened(hearing.judge.kind, hearing.judge.settings)
    if provider is None or judge_key(provider.settings()) != hearing.judge.key:
        raise JudgeGone(f"{hearing.judge.label} is no longer configured as it was when the run began.")
    return provider


def _ask(
    hearing: Hearing, judge: Provider, run: Run | None
) -> tuple[ReviewReply | PickReply, receipts.Receipt]:
    """The reply and the receipt of the call that gave it; one repair when the first answer does not fit."""
    began = time.monotonic()
    question = question_of(hearing)
    provider = who_answers(question, judge)
    # In a batch, too late for a repair, or by a worker that died: only what was claimed before.
    unusable_before = receipts.unrepaired(hearing) if hearing.fence > 1 else None
    if unusable_before is not None:
        cut_short = unusable_before.finish_reason in RAN_OUT
        question = question.repaired(unusable_before.error, longer=cut_short)
    for repair in (False, True) if unusable_before is None else (True,):
        answer, receipt = _call(hearing, provider, question, run=run, repair=repair)
        try:
            reply = read(question, provider, answer, final=repair)
        except UnusableReply as unusable:
            receipts.close_answered(receipt, provider, answer, refused=unusable)
            if not repair and time.monotonic() - began > REPAIRED_WITHIN:
                raise RepairLater(unusable.complaint, retry_after=0) from unusable
            question = question.repaired(unusable.complaint, longer=answer.finish_reason in RAN_OUT)
            complaint = unusable.complaint
        except Quarantined as quarantined:
            receipts.close_answered(receipt, provider, answer, refused=quarantined)
            raise
        else:
            receipts.close_answered(receipt, provider, answer)
            return reply, receipt
    raise NoUsableAnswer(complaint)


def _call(
    hearing: Hearing, provider: Provider, question: Question, *, run: Run | None, repair: bool
) -> tuple[Answer, receipts.Receipt]:
    """One call with its receipt, if breaker, limiter and budget allow. Raises ProviderError, BudgetSpent."""
    permit = breaker.admit(provider)
    try:
        answered = _admitted(hearing, provider, question, run=run, repair=repair)
    except receipts.BudgetSpent:
        breaker.give_back(permit)
        raise
    except ProviderError as error:
        breaker.report_failure(permit, error)
        raise
    breaker.report_success(permit)
    return answered


def _admitted(
    hearing: Hearing, provider: Provider, question: Question, *, run: Run | None, repair: bool
) -> tuple[Answer, receipts.Receipt]:
    limiter.wait_turn(provider)
    receipt = receipts.open_receipt(hearing, provider, question, run=run, repair=repair)
    try:
        with slot(provider), limiter.room(provider):
            return provider.ask(question), receipt
    except NotYet:
        receipts.withdraw(receipt)
        raise
    except ProviderError as error:
        receipts.close_failed(receipt, provider, error)
        raise


def _finish(hearing: Hearing, reply: ReviewReply | PickReply, receipt: receipts.Receipt) -> bool:
    """Keeps the answer unless somebody else claimed the hearing meanwhile; says whether it did.

    A worker that only overslept its lease may still deliver: the answer is paid for and nobody else began.
    """
    kept = keep(hearing, reply.record(), receipt_id=receipt.pk)
    if not kept:
        log.warning("Hearing %s: a late answer was refused (fence %s).", hearing.pk, hearing.fence)
    return kept


def _failed(hearing: Hearing, error: ProviderError) -> None:
    sentence = f"{type(error).__name__}: {error}"
    log.warning("Hearing %s, attempt %s: %s", hearing.pk, hearing.attempts, sentence)
    # Nothing was asked, nothing was answered because we were too fast, or half is done: no failed attempt.
    unheard = isinstance(error, Throttled | NotYet | LeftAlone | RepairLater)
    # Who is left alone for minutes need not be waited for where another judge stands ready.
    hopeless = isinstance(error, LeftAlone) and has_later_judge(hearing)
    if not hopeless and (unheard or (error.retryable and hearing.attempts < MAX_ATTEMPTS)):
        pause = wait_after(hearing.attempts, retry_after=error.retry_after)
        _release(hearing, timedelta(seconds=pause), sentence, counts=not unheard)
        return
    Hearing.objects.filter(pk=hearing.pk, fence=hearing.fence, state=Hearing.State.RUNNING).update(
        state=Hearing.State.DEAD, lease_until=None, last_error=sentence[:500], done_at=timezone.now()
    )


def _release(hearing: Hearing, pause: timedelta, why: str, *, counts: bool) -> None:
    Hearing.objects.filter(pk=hearing.pk, fence=hearing.fence, state=Hearing.State.RUNNING).update(
        state=Hearing.State.QUEUED,
        lease_until=None,
        attempts=hearing.attempts - (0 if counts else 1),
        not_before=timezone.now() + pause,
        rung_at=None,
        last_error=why[:500],
    )
    # The sweep would find it too, but up to ten seconds later, with nothing else left to do at a run's end.
    if pause <= doorbell.LONGEST_DELAY:
        doorbell.ring([hearing.pk], after=pause)
