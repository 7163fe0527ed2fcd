"""Changing cards: one door, so that a snapshot is taken exactly when a fact changed."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, fields, replace
from datetime import date
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from comparisons.cards.merging import Standing, settle, undated
from comparisons.cards.models import Card, CardSnapshot, Lab, Offer
from comparisons.cards.records import CardRecord, OfferRecord, Outcome

__all__ = ["CardRecord", "CardTwice", "OfferRecord", "Outcome", "Saved", "save_cards"]

IMPORT_LOCK = 0x63617264  # any number nobody else takes; "card"
ROWS_AT_ONCE = 500
GREATEST_FIRST: tuple[Outcome, ...] = ("created", "changed", "unchanged")
OFFER_FIELDS = tuple(f.name for f in fields(OfferRecord))
FOUND_BY = (
    "name", "search_text", "category", "tagline", "license_class", "open_weights", "runs_locally",
    "context_tokens", "params_total_b", "price_in", "price_out", "modalities_in", "release_date",
)  # fmt: skip


class CardTwice(ValueError):
    """One batch holds the same card twice, so that the order of its records would decide."""


@dataclass(frozen=True, slots=True)
class Saved:
    """What became of a batch: the outcome per slug, which unchanged cards only got a later date, and labs
    that were made or renamed."""

    outcomes: dict[str, Outcome] = field(default_factory=dict)
    seen_again: frozenset[str] = frozenset()
    labs: frozenset[str] = frozenset()

    @property
    def counts(self) -> Counter[Outcome]:
        return Counter(self.outcomes.values())

    @property
    def wrote(self) -> bool:
        return bool(self.seen_again or self.labs) or any(
            outcome != "unchanged" for outcome in self.outcomes.values()
        )

    def __or__(self, other: Saved) -> Saved:
        """Both batches; a card that was in both keeps the greater thing that happened to it."""
        outcomes = dict(self.outcomes)
        for slug, outcome in other.outcomes.items():
            outcomes[slug] = min(outcome, outcomes.get(slug, outcome), key=GREATEST_FIRST.index)
        return Saved(outcomes, self.seen_again | other.seen_again, self.labs | other.labs)


@dataclass(slots=True)
class _Change:
    """One card of the batch: the row, the state it should have, and what differs."""

    row: Card
    settled: CardRecord
    new: bool
    facts: bool = False
    notes: bool = False
    dates: bool = False


@transaction.atomic
def save_cards(records: Iterable[CardRecord]) -> Saved:
    """Makes the cards what the records say, all or none, in a number of queries that does not grow with them.

    Identical records write nothing; a card that returns to an earlier state gets that snapshot back.
    """
    batch = list(records)
    if len({record.slug for record in batch}) != len(batch):
        raise CardTwice(Counter(record.slug for record in batch).most_common(1)[0][0])
    if not batch:
        return Saved()
    with connection.cursor() as cursor:
        # Two imports at once would both find a card missing; the second waits and then finds it.
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [IMPORT_LOCK])

    labs, written_labs = _save_labs(batch)
    rows = {
        card.slug: card
        for card in Card.objects.filter(slug__in=[r.slug for r in batch]).select_related("snapshot")
    }
    offers: dict[int, dict[tuple[str, str], Offer]] = defaultdict(dict)
    for offer in Offer.objects.filter(card__in=[card.pk for card in rows.values()]).order_by():
        offers[offer.card_id][offer.provider, offer.model_id] = offer

    changes = [_compare(r, rows.get(r.slug), labs, offers) for r in batch]
    _save_new(changes)
    _save_snapshots([change for change in changes if change.facts])
    _save_rows(changes)
    moved, redated = _save_offers(changes, offers)

    saved = Saved()
    again: set[str] = set()
    for change in changes:
        slug = change.row.slug
        different = change.facts or change.notes or change.row.pk in moved
        saved.outcomes[slug] = "created" if change.new else "changed" if different else "unchanged"
        if not different and (change.dates or change.row.pk in redated):
            again.add(slug)
    return replace(saved, seen_again=frozenset(again), labs=frozenset(written_labs))


def _save_labs(batch: list[CardRecord]) -> tuple[dict[str, Lab], set[str]]:
    """The labs the batch names, and which were written. A card file may rename one, a catalogue only add."""
    labs = {lab.slug: lab for lab in Lab.objects.filter(slug__in={r.lab_slug for r in batch})}
    missing: dict[str, Lab] = {}
    renamed: dict[str, Lab] = {}
    for record in batch:
        lab = labs.get(record.lab_slug)
        if lab is None:
            missing.setdefault(
                record.lab_slug, Lab(slug=record.lab_slug, name=record.facts.lab, url=record.lab_url)
            )
        elif not record.catalogue and (lab.name, lab.url) != (record.facts.lab, record.lab_url or lab.url):
            lab.name, lab.url = record.facts.lab, record.lab_url or lab.url
            renamed[lab.slug] = lab
    Lab.objects.bulk_create(missing.values())
    if renamed:
        Lab.objects.bulk_update(renamed.values(), ["name", "url"])
    return labs | missing, missing.keys() | renamed.keys()


def _compare(
    record: CardRecord,
    row: Card | None,
    labs: dict[str, Lab],
    offers: dict[int, dict[tuple[str, str], Offer]],
) -> _Change:
    lab = labs[record.lab_slug]
    if row is None or row.snapshot is None:
        new = row is None
        row = row or Card(slug=record.slug)
        row.lab, row.sources, row.conflicts = lab, dict(record.sources), list(record.conflicts)
        row.project(record.facts)
        return _Change(row, record, new=new, facts=True, notes=True)
    standing = Standing(
        facts=row.snapshot.facts,
        sources=row.sources,
        conflicts=tuple(row.conflicts),
        offers=tuple(_as_record(offer) for offer in offers[row.pk].values()),
    )
    settled = settle(record, standing)
    change = _Change(row, settled, new=False, facts=settled.facts.sha256 != row.snapshot.sha256)
    # A catalogue that calls the lab otherwise does not move a card which somebody placed by hand.
    if lab.pk != row.lab_id and (not record.catalogue or standing.belongs_to(record.catalogue)):
        row.lab, change.notes = lab, True
    sources, conflicts = dict(settled.sources), list(settled.conflicts)
    if (sources, conflicts) != (row.sources, row.conflicts):
        same = _undated(sources, conflicts) == _undated(row.sources, row.conflicts)
        change.notes, change.dates = change.notes or not same, same
        row.sources, row.conflicts = sources, conflicts
    if change.facts:
        row.project(settled.facts)
        row.changed_at = timezone.now()
    return change


def _undated(sources: dict[str, Any], conflicts: list[Any]) -> tuple[dict[str, Any], list[Any]]:
    return {k: undated(source) for k, source in sources.items()}, [undated(entry) for entry in conflicts]


def _save_new(changes: list[_Change]) -> None:
    Card.objects.bulk_create([c.row for c in changes if c.new], batch_size=ROWS_AT_ONCE)


def _save_snapshots(changes: list[_Change]) -> None:
    """Points each card to the snapshot of its new state, taken now unless the card was in it before."""
    states = {change.row.pk: change.settled.facts.sha256 for change in changes}
    known = (
        {
            (snapshot.card_id, snapshot.sha256): snapshot
            for snapshot in CardSnapshot.objects.filter(card__in=states, sha256__in=set(states.values()))
            .defer("record")
            .order_by()
        }
        if states
        else {}
    )
    fresh = [
        CardSnapshot(card=c.row, sha256=states[c.row.pk], record=c.settled.facts.canonical())
        for c in changes
        if (c.row.pk, states[c.row.pk]) not in known
    ]
    for snapshot in CardSnapshot.objects.bulk_create(fresh, batch_size=ROWS_AT_ONCE):
        known[snapshot.card_id, snapshot.sha256] = snapshot
    for change in changes:
        change.row.snapshot = known[change.row.pk, states[change.row.pk]]


def _save_rows(changes: list[_Change]) -> None:
    # A snapshot is current of one card at most, and no two cards share one, so the order is free.
    Card.objects.bulk_update([c.row for c in changes if c.new], ["snapshot"], batch_size=ROWS_AT_ONCE)
    Card.objects.bulk_update(
        [c.row for c in changes if c.facts and not c.new],
        ["snapshot", "lab", "sources", "conflicts", "changed_at", *FOUND_BY],
        batch_size=ROWS_AT_ONCE,
    )
    Card.objects.bulk_update(
        [c.row for c in changes if (c.notes or c.dates) and not c.facts],
        ["lab", "sources", "conflicts"],
        batch_size=ROWS_AT_ONCE,
    )


def _save_offers(
    changes: list[_Change], offers: dict[int, dict[tuple[str, str], Offer]]
) -> tuple[set[int], set[int]]:
    """Writes offers that differ; returns the cards with other offers and those with later dates alone."""
    fresh: list[Offer] = []
    changed: list[Offer] = []
    gone: list[int] = []
    later: dict[date, list[int]] = defaultdict(list)
    moved: set[int] = set()
    redated: set[int] = set()
    for change in changes:
        card = change.row
        kept = offers.get(card.pk, {})
        wanted = {offer.key: offer for offer in change.settled.offers}
        for key, offer in wanted.items():
            row = kept.get(key)
            if row is None:
                fresh.append(Offer(card=card, **_values(offer)))
                moved.add(card.pk)
                continue
            before = _as_record(row)
            if before == offer:
                continue
            if replace(before, seen_on=offer.seen_on) == offer:
                later[offer.seen_on].append(row.pk)
                redated.add(card.pk)
                continue
            for name, value in _values(offer).items():
                setattr(row, name, value)
            changed.append(row)
            moved.add(card.pk)
        dropped = [row.pk for key, row in kept.items() if key not in wanted]
        gone += dropped
        if dropped:
            moved.add(card.pk)
    Offer.objects.bulk_create(fresh, batch_size=ROWS_AT_ONCE)
    if changed:
        Offer.objects.bulk_update(changed, OFFER_FIELDS[2:], batch_size=ROWS_AT_ONCE)
    for day, keys in later.items():
        Offer.objects.filter(pk__in=keys).update(seen_on=day)
    if gone:
        Offer.objects.filter(pk__in=gone).delete()
    return moved, redated


def _as_record(offer: Offer) -> OfferRecord:
    return OfferRecord(**{name: getattr(offer, name) for name in OFFER_FIELDS})


def _values(offer: OfferRecord) -> dict[str, Any]:
    return {name: getattr(offer, name) for name in OFFER_FIELDS}
