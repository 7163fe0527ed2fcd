"""One hearing: claim it, ask, keep the answer. Safe to call twice, late, or by two workers at once."""

from __future__ import annotations

import logging
from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from panel import breaker, limiter
from panel.actions import receipts
from panel.actions.questions import persona_of, question_of
from panel.actions.settle import has_later_judge, settle
from panel.breaker import LeftAlone
from panel.brief import canary_for
from panel.leases import keeper, lease_from
from panel.limiter import NotYet
from panel.models import MAX_ATTEMPTS, Hearing, Run, Sitting
from panel.providers import Answer, Provider, ProviderError, Question, Throttled
from panel.providers.chain import provider_for
from panel.reply import (
    PickReply,
    ReviewReply,
    UnusableReply,
    carries_canary,
    parse_pick,
    parse_review,
    parse_rubric_review,
)
from panel.schedule import judge_key, wait_after

log = logging.getLogger(__name__)

RAN_OUT = frozenset({"length", "model_length"})  # finish reasons of an answer that was cut short


class JudgeGone(ProviderError):
    """The judge that was convened is no longer configured as it was then."""


class NoUsableAnswer(ProviderError):
    """Asked twice, answered twice, and neither answer fits the form."""


class Quarantined(ProviderError):
    """A card talked the model into reciting its orders; what it said is kept for staff and never shown."""


def hear(hearing_id: int) -> None:
    """Does nothing unless the hearing is due, wanted by a running run, and free."""
    hearing = claim(hearing_id)
    if hearing is None:
        return
    run = Run.objects.filter(sittings__hearings=hearing, state=Run.State.RUNNING).first()
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
    settle(Sitting.objects.filter(hearings=hearing))


def claim(hearing_id: int) -> Hearing | None:
    """The hearing under a new fence and lease, or None when it is not to be had."""
    now = timezone.now()
    hearing = (
        Hearing.objects.due(now)
        .select_related("persona", "judge", "first", "second")
        .filter(pk=hearing_id, attempts__lt=MAX_ATTEMPTS)
        .first()
    )
    if hearing is None:
        return None
    lease = lease_from(now)
    # The fence in the condition makes the read above and this write one step: of two claimers one finds
    # no row.
    claimed = Hearing.objects.filter(pk=hearing.pk, fence=hearing.fence, state=Hearing.State.QUEUED).update(
        state=Hearing.State.RUNNING,
        fence=hearing.fence + 1,
        attempts=hearing.attempts + 1,
        lease_until=lease,
    )
    if not claimed:
        return None
    hearing.state, hearing.lease_until = Hearing.State.RUNNING, lease
    hearing.fence, hearing.attempts = hearing.fence + 1, hearing.attempts + 1
    return hearing


def _provider(hearing: Hearing) -> Provider:
    provider = provider_for(hearing.judge.kind)
    if provider is None or judge_key(provider.settings()) != hearing.judge.key:
        raise JudgeGone(f"{hearing.judge.label} is no longer configured as it was when the run began.")
    return provider


def _ask(
    hearing: Hearing, provider: Provider, run: Run | None
) -> tuple[ReviewReply | PickReply, receipts.Receipt]:
    """The reply and the receipt of the call that gave it; one repair when the first answer does not fit."""
    question = question_of(hearing)
    for repair in (False, True):
        answer, receipt = _call(hearing, provider, question, run=run, repair=repair)
        try:
            reply = _read(hearing, provider, answer, final=repair)
        except UnusableReply as unusable:
            receipts.close_answered(receipt, provider, answer, complaint=unusable.complaint)
            question = question.repaired(unusable.complaint, longer=answer.finish_reason in RAN_OUT)
            complaint = unusable.complaint
        except Quarantined as quarantined:
            receipts.close_answered(receipt, provider, answer, complaint=str(quarantined))
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
    limiter.wait_turn(provider)
    receipt = receipts.open_receipt(hearing, provider, question, run=run, repair=repair)
    try:
        answer = provider.ask(question)
    except ProviderError as error:
        receipts.close_failed(receipt, provider, error)
        breaker.report_failure(permit, error)
        if isinstance(error, Throttled):
            limiter.report_throttled(provider, retry_after=error.retry_after)
        raise
    breaker.report_success(permit)
    limiter.report_answered(provider)
    return answer, receipt


def _read(hearing: Hearing, provider: Provider, answer: Answer, *, final: bool) -> ReviewReply | PickReply:
    """`final` takes what can be taken, flagged, because no second answer will come."""
    persona = persona_of(hearing)
    if provider.kind == "rubric" and hearing.kind == Hearing.Kind.REVIEW:
        # It alone may abstain and explains its points.
        return parse_rubric_review(answer.text, persona)
    if carries_canary(answer.text, canary_for(persona, settings.SECRET_KEY.encode())):
        raise Quarantined("The answer gives away a word that only its instructions hold.")
    parse = parse_pick if hearing.kind == Hearing.Kind.PICK else parse_review
    return parse(answer.text, persona, final=final)


def _finish(hearing: Hearing, reply: ReviewReply | PickReply, receipt: receipts.Receipt) -> bool:
    """Keeps the answer unless somebody else claimed the hearing meanwhile; says whether it did.

    A worker that only overslept its lease may still deliver: the answer is paid for and nobody else began.
    """
    kept = Hearing.objects.filter(
        pk=hearing.pk,
        fence=hearing.fence,
        state__in=[Hearing.State.RUNNING, Hearing.State.QUEUED],
    ).update(
        state=Hearing.State.DONE,
        lease_until=None,
        answer=reply.record(),
        receipt_id=receipt.pk,
        done_at=timezone.now(),
        last_error="",
    )
    if not kept:
        log.warning("Hearing %s: a late answer was refused (fence %s).", hearing.pk, hearing.fence)
    return bool(kept)


def _failed(hearing: Hearing, error: ProviderError) -> None:
    sentence = f"{type(error).__name__}: {error}"
    log.warning("Hearing %s, attempt %s: %s", hearing.pk, hearing.attempts, sentence)
    # Nothing was asked, or nothing was answered because we were too fast: that is no failed attempt.
    unheard = isinstance(error, Throttled | NotYet | LeftAlone)
    # Who is left alone for minutes need not be waited for where another judge stands ready.
    hopeless = isinstance(error, LeftAlone) and has_later_judge(hearing)
    if not hopeless and (unheard or (error.retryable and hearing.attempts < MAX_ATTEMPTS)):
        pause = wait_after(hearing.attempts, retry_after=error.retry_after)
        _release(hearing, timedelta(seconds=pause), sentence, counts=not unheard)
        return
    Hearing.objects.filter(pk=hearing.pk, fence=hearing.fence, state=Hearing.State.RUNNING).update(
        state=Hearing.State.DEAD, lease_until=None, last_error=sentence[:500]
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
