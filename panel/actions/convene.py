"""Calling the panel together over some pairings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from itertools import islice

from django.db import transaction

from comparisons.audit.actions import note
from comparisons.pairings.models import Pairing
from comparisons.people.models import User
from panel import doorbell
from panel.actions.batches import fill_batches
from panel.actions.questions import question_of, who_answers
from panel.actions.seats import Seat, judge_row, keep_hearings, needed_hearings, take_seats
from panel.actions.settle import close_run, lock_run, settle
from panel.costs import in_batch
from panel.models import Hearing, Judge, Run, Sitting
from panel.providers import Provider
from panel.providers.batches import desk_of
from panel.providers.chain import chain, describe_chain

SEATED_AT_ONCE = 200  # pairings a transaction


class NobodyToAsk(Exception):
    """No judge is configured, or none of the kind that was asked for."""


class NoBatches(Exception):
    """The judge that speaks first answers single calls only."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """What convening would mean, before anybody is asked."""

    pairings: int
    new: int  # hearings that nobody answered yet
    cached: int
    cost_usd: Decimal  # at most, if every new hearing needs one call
    judge: str


def judges(kinds: Sequence[str] | None, *, in_batches: bool = False) -> list[Provider]:
    """The chain in the order it may speak. Raises NobodyToAsk, NoBatches."""
    providers = chain(kinds)
    if not providers:
        said = describe_chain(kinds)
        raise NobodyToAsk(f"{said[0].upper()}{said[1:]}.")
    if in_batches and desk_of(providers[0]) is None:
        raise NoBatches(
            f"Batches are for Mistral, and {providers[0].label} speaks first: set MISTRAL_API_KEY,"
            " or say --judge mistral."
        )
    return providers


def estimate(
    pairings: Iterable[Pairing], *, kinds: Sequence[str] | None = None, in_batches: bool = False
) -> Estimate:
    """Counts what is new and what is answered already; asks nobody. Raises NobodyToAsk, NoBatches."""
    provider = judges(kinds, in_batches=in_batches)[0]
    judge, seats = judge_row(provider), take_seats()
    count, cost = 0, Decimal(0)
    seen: set[str] = set()
    answered: set[str] = set()
    for batch in _batches(pairings):
        count += len(batch)
        needed = {h.cache_key: h for _, hearings in _needed(batch, seats, judge, provider) for h in hearings}
        fresh = needed.keys() - seen
        seen |= fresh
        done = set(
            Hearing.objects.filter(cache_key__in=fresh, state=Hearing.State.DONE).values_list(
                "cache_key", flat=True
            )
        )
        answered |= done
        questions = [question_of(needed[key]) for key in fresh - done]
        cost += sum((who_answers(q, provider).reserve_usd(q) for q in questions), Decimal(0))
    if in_batches:
        cost = in_batch(cost)
    return Estimate(count, len(seen) - len(answered), len(answered), cost, provider.label)


def convene(
    pairings: Iterable[Pairing],
    *,
    scope: str,
    by: User | None = None,
    kinds: Sequence[str] | None = None,
    in_batches: bool = False,
) -> Run:
    """Queues what nobody answered yet and publishes at once what is answered. Raises NobodyToAsk, NoBatches.

    With `in_batches` the questions are put into batches, which the caller or beat submits.
    """
    providers = judges(kinds, in_batches=in_batches)
    judge, seats = judge_row(providers[0]), take_seats()
    run = Run.objects.create(scope=scope[:200], chain=[p.kind for p in providers], started_by=by)
    for batch in _batches(pairings):
        needed = list(_needed(batch, seats, judge, providers[0]))
        seat_pairings(run, needed, judge, providers[0] if in_batches else None)
    note(by=by, did="convened the panel", about=run.scope, address=run.get_absolute_url())
    close_run(run.pk)
    run.refresh_from_db()
    return run


def seat_pairings(
    run: Run, needed: Sequence[tuple[Pairing, list[Hearing]]], judge: Judge, batching: Provider | None
) -> None:
    """One transaction: hearings once each, a sitting a pairing, and after it the bell for what is open.

    What `batching` is to answer goes into batches instead; an abstention asks nobody and waits for nothing.
    """
    with transaction.atomic():
        lock_run(run.pk)
        # A sweep between two batches of pairings finds nothing open and takes the run for over.
        Run.objects.filter(pk=run.pk, state=Run.State.DONE).update(state=Run.State.RUNNING, ended_at=None)
        wanted = [hearing for _, hearings in needed for hearing in hearings]
        ids, waiting = keep_hearings(wanted)
        if batching is not None:
            together = _asked_of(batching, wanted, ids, waiting)
            fill_batches(run, judge, together)
            waiting = sorted(set(waiting) - set(together))
        sittings = Sitting.objects.bulk_create(
            Sitting(
                run=run,
                pairing=pairing,
                judge=judge,
                left_snapshot=pairing.left.snapshot,
                right_snapshot=pairing.right.snapshot,
            )
            for pairing, _ in needed
        )
        through = Sitting.hearings.through
        through.objects.bulk_create(
            through(sitting_id=sitting.pk, hearing_id=ids[hearing.cache_key])
            for sitting, (_, hearings) in zip(sittings, needed, strict=True)
            for hearing in hearings
        )
        # Inside a caller's transaction no worker could see the rows yet.
        transaction.on_commit(partial(doorbell.ring, waiting))
    settle(Sitting.objects.filter(pk__in=[sitting.pk for sitting in sittings]))


def _asked_of(
    provider: Provider, wanted: Sequence[Hearing], ids: Mapping[str, int], waiting: Sequence[int]
) -> list[int]:
    """Those of the waiting hearings that this judge answers itself."""
    open_ids = set(waiting)
    once = {ids[hearing.cache_key]: hearing for hearing in wanted}
    return sorted(
        pk
        for pk, hearing in once.items()
        if pk in open_ids and who_answers(question_of(hearing), provider) is provider
    )


def _needed(
    pairings: Iterable[Pairing], seats: Sequence[Seat], judge: Judge, provider: Provider
) -> Iterator[tuple[Pairing, list[Hearing]]]:
    for pairing in pairings:
        left, right = pairing.left.snapshot, pairing.right.snapshot
        if left is None or right is None:  # a card without facts has nothing to be heard on
            continue
        left.card, right.card = pairing.left, pairing.right
        yield (
            pairing,
            needed_hearings(left, right, seats=seats, judge=judge, both_orders=provider.asks_both_orders),
        )


def _batches(pairings: Iterable[Pairing]) -> Iterator[list[Pairing]]:
    rest = iter(pairings)
    while batch := list(islice(rest, SEATED_AT_ONCE)):
        yield batch
