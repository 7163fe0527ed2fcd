"""What a card should hold after an import, worked out from what it holds and what was read. Pure.

A card file is the authority on its cards. A catalogue (models.dev) is the authority on the cards it made
itself; to any other card it only adds: facts that were unknown, offers, and disagreements as conflicts.
Either import, repeated in any order, comes to rest: what a catalogue filled in survives the card file.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from comparisons.cards.facts import Facts
from comparisons.cards.records import CardRecord, OfferRecord

UNKNOWN: tuple[object, ...] = (None, "", ())
FILLABLE = (
    "context_tokens", "output_tokens", "modalities_in", "modalities_out", "features", "open_weights",
    "release_date", "knowledge_cutoff",
)  # fmt: skip
# Where two catalogues can contradict each other. Prices are no contradiction: they are offers.
COMPARED = ("context_tokens", "output_tokens", "open_weights", "release_date", "knowledge_cutoff")
# One price is five fields; filling in half of it would mix two providers.
PRICE = ("price_in", "price_out", "price_cached", "price_provider", "price_basis")


@dataclass(frozen=True, slots=True)
class Standing:
    """What is kept of a card before the import."""

    facts: Facts
    sources: Mapping[str, Any]
    conflicts: tuple[Mapping[str, Any], ...]
    offers: tuple[OfferRecord, ...]

    def belongs_to(self, catalogue: str) -> bool:
        """The catalogue made this card; its importer says so beside the name, which no card file can."""
        source = self.sources.get("name")
        return isinstance(source, dict) and bool(source.get("derived")) and source["name"] == catalogue


def settle(record: CardRecord, standing: Standing) -> CardRecord:
    """The state the card should have; equal to what stands when the record says nothing new."""
    if record.catalogue and not standing.belongs_to(record.catalogue):
        settled = _add(record, standing)
    else:
        settled = _replace(record, standing)
    return replace(
        settled,
        sources=_latest_sources(settled.sources, standing.sources),
        conflicts=_latest_conflicts(settled.conflicts, standing.conflicts),
        offers=_latest_offers(settled.offers, standing.offers),
    )


def agree(one: object, other: object) -> bool:
    """The same value, or the same date told with another precision (2024-05 and 2024-05-29)."""
    if isinstance(one, str) and isinstance(other, str):
        return one.startswith(other) or other.startswith(one)
    return one == other


def _add(record: CardRecord, standing: Standing) -> CardRecord:
    """A catalogue's record on somebody else's card."""
    stamp = {**_plain(record.sources.get("name", {"name": record.catalogue})), "filled": True}
    sources: dict[str, Any] = dict(standing.sources)
    gained: dict[str, Any] = {}
    for field in FILLABLE:
        theirs, ours = getattr(record.facts, field), getattr(standing.facts, field)
        if theirs not in UNKNOWN and (ours in UNKNOWN or _was_filled(standing, field, record.catalogue)):
            gained[field] = theirs
            sources[field] = {**record.sources.get(field, stamp), "filled": True}
    priced = any(getattr(standing.facts, field) not in UNKNOWN for field in PRICE)
    if record.facts.price_in is not None and (
        not priced or _was_filled(standing, "price_in", record.catalogue)
    ):
        gained |= {field: getattr(record.facts, field) for field in PRICE}
        sources["price_in"] = {**record.sources.get("price_in", stamp), "filled": True}
    if record.offers:
        sources["offers"] = stamp
    facts = replace(standing.facts, **gained)

    said = {
        field: getattr(record.facts, field)
        for field in COMPARED
        if getattr(record.facts, field) not in UNKNOWN
    }
    # What it said before and still says stays as it was written; what it no longer says goes.
    conflicts = [
        conflict
        for conflict in standing.conflicts
        if conflict.get("name") != record.catalogue
        or conflict.get("field") not in said
        or conflict.get("value") == said[conflict["field"]]
    ]
    stated = {(conflict.get("field"), conflict.get("name")) for conflict in conflicts}
    conflicts += [
        {"field": field, "value": value, **_plain(record.sources.get(field, stamp))}
        for field, value in said.items()
        if (field, record.catalogue) not in stated and not agree(value, getattr(facts, field))
    ]
    return replace(
        record,
        facts=facts,
        sources=sources,
        conflicts=tuple(conflicts),
        offers=_union(standing.offers, record.offers, newer_only=True),
    )


def _replace(record: CardRecord, standing: Standing) -> CardRecord:
    """The authority's record: it replaces everything but what a catalogue added to a card of its own."""
    added = standing.sources.get("offers")
    filled = {
        field: source
        for field, source in standing.sources.items()
        if isinstance(source, dict) and source.get("filled") and field not in record.sources
    }
    if record.catalogue or not filled:
        return record
    carried: dict[str, Any] = {}
    for field in filled:
        if field == "price_in":
            if all(getattr(record.facts, part) in UNKNOWN for part in PRICE):
                carried |= {part: getattr(standing.facts, part) for part in PRICE}
        elif field in FILLABLE and getattr(record.facts, field) in UNKNOWN:
            carried[field] = getattr(standing.facts, field)
    facts = replace(record.facts, **carried)
    stays = {field: source for field, source in filled.items() if field in carried or field == "offers"}
    stated = {(conflict.get("field"), conflict.get("name")) for conflict in record.conflicts}
    catalogue = added.get("name") if isinstance(added, dict) else None
    theirs = tuple(
        conflict
        for conflict in standing.conflicts
        if conflict.get("name") == catalogue
        and (conflict.get("field"), conflict.get("name")) not in stated
        and conflict.get("field") in COMPARED
        and not agree(conflict.get("value"), getattr(facts, str(conflict.get("field"))))
    )
    return replace(
        record,
        facts=facts,
        sources={**stays, **record.sources},
        conflicts=(*record.conflicts, *theirs),
        # Nothing says which import an offer came from, so once a catalogue has added some none is
        # dropped here: a stale offer carries its date, a lost one cannot be seen.
        offers=_union(standing.offers, record.offers, newer_only=False)
        if "offers" in stays
        else record.offers,
    )


def _was_filled(standing: Standing, field: str, catalogue: str) -> bool:
    source = standing.sources.get(field)
    return isinstance(source, dict) and bool(source.get("filled")) and source.get("name") == catalogue


def _plain(source: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in source.items() if key not in {"filled", "derived"}}


def _union(
    standing: Iterable[OfferRecord], read: Iterable[OfferRecord], *, newer_only: bool
) -> tuple[OfferRecord, ...]:
    """Both sets of offers; of two sightings of one offer the later, on one day the card file's."""
    offers = {offer.key: offer for offer in standing}
    for offer in read:
        kept = offers.get(offer.key)
        if kept is None or offer.seen_on > kept.seen_on or (offer.seen_on == kept.seen_on and not newer_only):
            offers[offer.key] = offer
    return tuple(offers.values())


def _latest_offers(new: Iterable[OfferRecord], old: Iterable[OfferRecord]) -> tuple[OfferRecord, ...]:
    """An offer seen again keeps its latest date: reading an old file makes nothing older."""
    before = {offer.key: offer for offer in old}
    result = []
    for offer in new:
        kept = before.get(offer.key)
        same = kept is not None and replace(offer, seen_on=date.min) == replace(kept, seen_on=date.min)
        result.append(kept if kept is not None and same and kept.seen_on > offer.seen_on else offer)
    return tuple(result)


def _latest(entry: Any, kept: Any) -> Any:
    if not isinstance(entry, dict) or not isinstance(kept, dict):
        return entry
    if undated(entry) == undated(kept) and str(kept.get("seen_on", "")) > str(entry.get("seen_on", "")):
        return kept
    return entry


def _latest_sources(new: Mapping[str, Any], old: Mapping[str, Any]) -> dict[str, Any]:
    return {field: _latest(source, old.get(field)) for field, source in new.items()}


def _latest_conflicts(
    new: Iterable[Mapping[str, Any]], old: Iterable[Mapping[str, Any]]
) -> tuple[Mapping[str, Any], ...]:
    before = {repr(sorted(undated(entry).items(), key=str)): entry for entry in old}
    return tuple(_latest(entry, before.get(repr(sorted(undated(entry).items(), key=str)))) for entry in new)


def undated(entry: Mapping[str, Any]) -> dict[str, Any]:
    """A source or conflict without the day it was last seen: seeing it again is no change."""
    return {key: value for key, value in entry.items() if key != "seen_on"}
