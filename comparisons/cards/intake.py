"""Taking in what was read: in batches, as a preview, or all or nothing, and what became of it in words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from django.db import transaction

from comparisons.cards.actions import Saved, save_cards
from comparisons.cards.importing.read import Reading
from comparisons.cards.records import CardRecord

CARDS_AT_ONCE = 250
Batch = list[CardRecord]


def take_in(
    records: Iterable[CardRecord],
    *,
    whole: bool = False,
    dry_run: bool = False,
    told: Callable[[list[Batch]], Iterable[Batch]] = iter,
) -> Saved:
    """Saves batch by batch, so that an import that is stopped has kept what it did; `whole` in one piece.

    `dry_run` says what would become of them and writes nothing. `told` hands the batches on and may say how
    far they are.
    """
    batches = list(_batches(records))
    if not (whole or dry_run):
        return _save(told(batches))
    with transaction.atomic():
        saved = _save(told(batches))
        transaction.set_rollback(dry_run)
    return saved


def summary(saved: Saved, reading: Reading, *, dry_run: bool = False) -> str:
    """One sentence of counts."""
    counts = saved.counts
    numbers = ", ".join(f"{outcome} {counts[outcome]:,}" for outcome in ("created", "changed", "unchanged"))
    again = f" ({len(saved.seen_again):,} of them seen again at a later date)" if saved.seen_again else ""
    said = f"{numbers}{again}, refused {reading.refused:,}"
    if not saved.wrote:
        return f"Nothing changed: {said}."
    return f"Nothing was written; an import would have: {said}." if dry_run else f"Done: {said}."


def counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _save(batches: Iterable[Batch]) -> Saved:
    saved = Saved()
    for batch in batches:
        saved |= save_cards(batch)
    return saved


def _batches(records: Iterable[CardRecord]) -> Iterator[Batch]:
    """Pieces of the records in their order, none with a card twice: two files may speak of one card."""
    batch: dict[str, CardRecord] = {}
    for record in records:
        if record.slug in batch or len(batch) == CARDS_AT_ONCE:
            yield list(batch.values())
            batch = {}
        batch[record.slug] = record
    if batch:
        yield list(batch.values())
