"""A sitting whose hearings are all answered gets its verdict; one with a dead hearing gets the next judge."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from functools import partial
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from comparisons.reviews.actions import publish_verdict
from comparisons.reviews.opinions import Opinion, PickOpinion
from comparisons.reviews.opinions import Spoken as SpokenBy
from panel import doorbell
from panel.actions.seats import judge_row, keep_hearings, needed_hearings, take_seats
from panel.models import Hearing, Run, Sitting, SittingQuerySet
from panel.providers import Provider
from panel.providers.chain import provider_for
from panel.reply import PickReply, ReviewReply
from panel.schedule import choice_of, merged_choice

log = logging.getLogger(__name__)


# Asked after every hearing and nearly always answered with nothing, so it is put as plainly as can be.
_ANSWERED = """
SELECT sitting.id
FROM panel_sitting_hearings seat
JOIN panel_sitting sitting ON sitting.id = seat.sitting_id AND sitting.state = 'open'
WHERE seat.hearing_id = %(hearing)s AND (
    EXISTS (SELECT FROM panel_hearing WHERE id = %(hearing)s AND state = 'dead')
    OR NOT EXISTS (
        SELECT FROM panel_sitting_hearings other JOIN panel_hearing ON panel_hearing.id = other.hearing_id
        WHERE other.sitting_id = sitting.id AND panel_hearing.state IN ('queued', 'running')
    )
)
"""


def settle_after(hearing_id: int) -> None:
    """Settles every sitting for which this was the last hearing, or a dead one."""
    with connection.cursor() as cursor:
        cursor.execute(_ANSWERED, {"hearing": hearing_id})
        over = [pk for (pk,) in cursor.fetchall()]
    if over:
        settle(Sitting.objects.filter(pk__in=over))


def settle(sittings: SittingQuerySet) -> None:
    """Publishes or hands on every open sitting among `sittings` that has nothing left to hear."""
    runs = set()
    for sitting in sittings.answered().select_related(
        "run", "judge", "pairing", "left_snapshot__card", "right_snapshot__card"
    ):
        dead = sitting.hearings.filter(state=Hearing.State.DEAD).first()
        if dead is None:
            publish(sitting)
        else:
            fall_back(sitting, because=dead.last_error)
        runs.add(sitting.run_id)
    for run_id in runs:
        close_run(run_id)


@transaction.atomic
def publish(sitting: Sitting) -> None:
    """The whole bench at once, in one transaction with the sitting's own end."""
    if (
        not Sitting.objects.open()
        .filter(pk=sitting.pk, judge=sitting.judge)
        .update(state=Sitting.State.PUBLISHED)
    ):
        return  # another worker was quicker
    hearings = list(sitting.hearings.select_related("persona", "judge").order_by("pk"))
    verdict = publish_verdict(
        pairing=sitting.pairing,
        left=_reviews(hearings, sitting.left_snapshot_id),
        right=_reviews(hearings, sitting.right_snapshot_id),
        picks=_picks(hearings, sitting),
        fell_back_from=sitting.fell_back_from,
    )
    Sitting.objects.filter(pk=sitting.pk).update(verdict=verdict)


def fall_back(sitting: Sitting, *, because: str) -> None:
    """Both cards before the next judge of the chain: scores of two judges are never compared."""
    provider = _next_judge(sitting.run, sitting.judge.kind)
    reason = f"{sitting.judge.label}: {because}"[:200]
    if provider is None:
        Sitting.objects.open().filter(pk=sitting.pk, judge=sitting.judge).update(
            state=Sitting.State.DEAD, fell_back_from=reason
        )
        return
    judge = judge_row(provider)
    hearings = needed_hearings(
        sitting.left_snapshot,
        sitting.right_snapshot,
        seats=take_seats(),
        judge=judge,
        both_orders=provider.asks_both_orders,
    )
    with transaction.atomic():
        moved = (
            Sitting.objects.open()
            .filter(pk=sitting.pk, judge=sitting.judge)
            .update(judge=judge, fell_back_from=reason, seated_at=timezone.now())
        )
        if not moved:
            return
        ids, waiting = keep_hearings(hearings)
        sitting.hearings.set(ids.values())
        transaction.on_commit(partial(doorbell.ring, waiting))
    log.warning("%s goes to %s. %s", sitting.pairing.slug, judge.label, reason)
    settle(Sitting.objects.filter(pk=sitting.pk))


def has_later_judge(hearing: Hearing) -> bool:
    """Somebody stands behind this hearing's judge in every run that waits for it."""
    runs = Run.objects.filter(sittings__hearings=hearing, sittings__state=Sitting.State.OPEN).distinct()
    return all(_next_judge(run, hearing.judge.kind) is not None for run in runs)


def _next_judge(run: Run, kind: str) -> Provider | None:
    kinds: list[str] = run.chain
    later = kinds[kinds.index(kind) + 1 :] if kind in kinds else []
    return next(filter(None, map(provider_for, later)), None)


def reopen_runs() -> None:
    """A run is closed while somebody is still convening it when a sweep comes between two of its batches."""
    Run.objects.filter(state=Run.State.DONE, sittings__state=Sitting.State.OPEN).update(
        state=Run.State.RUNNING, ended_at=None
    )


def close_run(run_id: UUID) -> None:
    """A run is done when none of its sittings is open; stopped and paused runs stay what they are."""
    over = Run.objects.filter(pk=run_id, state=Run.State.RUNNING).exclude(sittings__state=Sitting.State.OPEN)
    if not over.exists():
        return
    with transaction.atomic():
        # Who is still seating pairings holds this row; one statement would not see what it waited for.
        lock_run(run_id)
        over.update(state=Run.State.DONE, ended_at=timezone.now())


def lock_run(run_id: UUID) -> None:
    """Until the end of the transaction nobody else seats pairings in this run or closes it."""
    list(Run.objects.select_for_update().filter(pk=run_id).values_list("pk"))


def _spoken(hearings: Sequence[Hearing]) -> SpokenBy:
    one = hearings[0]
    return SpokenBy(
        reviewer=one.persona.slug,
        persona_sha=one.persona.sha256,
        judge_key=one.judge.key,
        judge_kind=one.judge.kind,
        judge_label=one.judge.label,
        receipts=tuple(h.receipt_id for h in hearings if h.receipt_id is not None),
        sample=one.sample,
    )


def _reviews(hearings: Sequence[Hearing], snapshot_id: int) -> list[Opinion]:
    opinions = []
    for hearing in hearings:
        if hearing.kind != Hearing.Kind.REVIEW or hearing.first_id != snapshot_id:
            continue
        reply = ReviewReply.from_record(hearing.answer or {})
        opinions.append(
            Opinion(
                snapshot_id=snapshot_id,
                spoken=_spoken([hearing]),
                score=reply.score,
                ship=reply.ship,
                paragraph=reply.paragraph,
                answers=dict(reply.answers),
                points=list(reply.points),
                flagged=reply.flagged,
            )
        )
    return opinions


def _picks(hearings: Sequence[Hearing], sitting: Sitting) -> list[PickOpinion]:
    """One pick a reviewer, from one hearing or from the two orders."""
    by_reviewer: dict[str, list[Hearing]] = {}
    for hearing in hearings:
        if hearing.kind == Hearing.Kind.PICK:
            by_reviewer.setdefault(hearing.persona.slug, []).append(hearing)
    picks = []
    for heard in by_reviewer.values():
        replies = [PickReply.from_record(hearing.answer or {}) for hearing in heard]
        choices = [
            choice_of(reply.choice, swapped=hearing.first_id != sitting.left_snapshot_id)
            for hearing, reply in zip(heard, replies, strict=True)
        ]
        choice, changed = merged_choice(choices)
        picks.append(
            PickOpinion(
                left_snapshot_id=sitting.left_snapshot_id,
                right_snapshot_id=sitting.right_snapshot_id,
                spoken=_spoken(heard),
                choice=choice,
                # The reason of an order that agrees with the outcome; when neither does, the first.
                why=replies[choices.index(choice) if choice in choices else 0].why,
                changed_with_order=changed,
                flagged="; ".join(dict.fromkeys(reply.flagged for reply in replies if reply.flagged))[:200],
            )
        )
    return picks
