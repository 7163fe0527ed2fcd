"""The `api.json` of models.dev: providers with their models, grouped here into one card per model.

Sentences are not imported, and a fact is never made up from a name. Facts come from the lab's own entry;
where the lab sells no access, from what most providers say, and what others say is kept as a conflict.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from comparisons.cards.facts import Facts, Identity
from comparisons.cards.importing.known_labs import BY_PROVIDER, SUBSCRIPTIONS, KnownLab
from comparisons.cards.importing.model_ids import canonical_slug
from comparisons.cards.importing.model_kind import category_of, lab_of
from comparisons.cards.importing.models_dev_entries import Entry, Sighting, read_sightings, recognizes
from comparisons.cards.importing.problems import Problem
from comparisons.cards.importing.reference_price import reference_price
from comparisons.cards.merging import UNKNOWN, agree
from comparisons.cards.records import CardRecord, OfferRecord

__all__ = ["CATALOGUE", "Known", "Reading", "read", "recognizes"]

CATALOGUE = "models.dev"
REPOSITORY = "https://github.com/anomalyco/models.dev"
# More values than these say that nobody knows, which three of them say as well.
MOST_CONFLICTS = 3
_FEATURES = (
    ("tool_call", "function calling"),
    ("reasoning", "reasoning"),
    ("structured_output", "structured output"),
)


@dataclass(frozen=True, slots=True)
class Known:
    """What the site has, so that a catalogue finds the card it means instead of making a second one."""

    labs: Mapping[str, str] = field(default_factory=dict)  # names by slug
    hand_written: frozenset[str] = frozenset()  # slugs of the cards that no catalogue made
    homes: Mapping[tuple[str, str], frozenset[str]] = field(
        default_factory=dict
    )  # which of them list an offer

    def and_cards(self, records: Iterable[CardRecord]) -> Known:
        """The same after these hand-written cards are saved."""
        labs, slugs, homes = dict(self.labs), set(self.hand_written), dict(self.homes)
        for record in records:
            labs[record.lab_slug] = record.facts.lab
            slugs.add(record.slug)
            for offer in record.offers:
                homes[offer.key] = homes.get(offer.key, frozenset()) | {record.slug}
        return Known(labs, frozenset(slugs), homes)


@dataclass(frozen=True, slots=True)
class Reading:
    records: list[CardRecord]
    problems: list[Problem]
    refused: int
    entries: int


def read(document: Mapping[str, Any], file: str, *, seen_on: date, known: Known) -> Reading:
    """Every model as one record; an entry that cannot be meant is left out and named."""
    sightings, problems, refused_entries = read_sightings(document, file)
    groups: dict[str, list[Sighting]] = defaultdict(list)
    for sighting in sightings:
        groups[canonical_slug(sighting.model_id)].append(sighting)
    by_home: dict[str, list[Sighting]] = defaultdict(list)
    for slug, group in groups.items():
        by_home[slug if slug in known.hand_written else _home(group, known) or slug] += group
    records = [_record(slug, group, seen_on, known) for slug, group in sorted(by_home.items())]
    return Reading(records, problems, refused_entries, len(sightings) + refused_entries)


def _home(group: Iterable[Sighting], known: Known) -> str | None:
    """The one hand-written card that lists an offer of this group, whatever it calls itself."""
    homes = {
        slug for sighting in group for slug in known.homes.get((sighting.provider_id, sighting.model_id), ())
    }
    return homes.pop() if len(homes) == 1 else None


def _record(slug: str, group: list[Sighting], seen_on: date, known: Known) -> CardRecord:
    lab = lab_of(slug, [(s.model_id, s.entry.family, s.provider_id, s.provider.name) for s in group])
    lab_slug, lab_name = _known_lab(lab, known)
    own = sorted((s for s in group if _first_party(s, lab)), key=lambda s: _rank(s, slug))
    best = own[0] if own else min(group, key=lambda s: _rank(s, slug))
    offers = tuple(_offer(s, lab, seen_on) for s in sorted(group, key=lambda s: (s.provider_id, s.model_id)))
    speaker = _source(best, seen_on)
    said, conflicts = _facts(group, best, own=bool(own), seen_on=seen_on)
    name = best.entry.name if own else _most([s.entry.name for s in group])
    facts = Facts(
        name=name,
        lab=lab_name,
        category=category_of(
            slug, said["open_weights"], tuple(said["modalities_out"]), [s.entry.family for s in group]
        ),
        identity=Identity("found", (CATALOGUE,)),
        **said,
        **reference_price(offers),
    )
    stated = [key for key, value in said.items() if value not in UNKNOWN]
    if facts.price_in is not None:
        stated.append("price_in")
    sources = dict.fromkeys(["category", *stated], speaker)
    return CardRecord(
        slug=slug,
        lab_slug=lab_slug,
        lab_url=lab.url,
        facts=facts,
        sources={"name": {**speaker, "derived": True}, **sources},
        conflicts=conflicts,
        offers=offers,
        catalogue=CATALOGUE,
    )


def _known_lab(lab: KnownLab, known: Known) -> tuple[str, str]:
    """The site's own lab of that slug or name, so that a catalogue never makes a second one."""
    if lab.slug in known.labs:
        return lab.slug, known.labs[lab.slug]
    for slug, name in known.labs.items():
        if name.casefold() == lab.name.casefold():
            return slug, name
    return lab.slug, lab.name


def _first_party(sighting: Sighting, lab: KnownLab) -> bool:
    return sighting.provider_id in lab.providers


def _rank(sighting: Sighting, slug: str) -> tuple[int, bool, int, str, str]:
    """The lab's main provider first, then the plainest spelling of the name."""
    _, rank = BY_PROVIDER.get(sighting.provider_id, (None, 99))
    plain = sighting.model_id.lower().replace(".", "-") != slug
    return rank, plain, len(sighting.model_id), sighting.provider_id, sighting.model_id


def _facts(
    group: list[Sighting], best: Sighting, *, own: bool, seen_on: date
) -> tuple[dict[str, Any], tuple[dict[str, Any], ...]]:
    said: dict[str, Any] = {}
    conflicts: list[dict[str, Any]] = []
    first = _told(best.entry)
    told = [(sighting, _told(sighting.entry)) for sighting in group]
    for key, value in first.items():
        answers = [(sighting, answer[key]) for sighting, answer in told if answer[key] not in UNKNOWN]
        said[key] = value if own and value not in UNKNOWN else _most([answer for _, answer in answers], value)
        # How much of the window a host serves is its offer; it contradicts nothing the lab says.
        if key in {"features", "modalities_in", "modalities_out"} or (own and key.endswith("_tokens")):
            continue
        conflicts += _conflicts(key, said[key], answers, seen_on)
    return said, tuple(conflicts)


def _told(entry: Entry) -> dict[str, Any]:
    return {
        "context_tokens": entry.limit.context,
        "output_tokens": entry.limit.output,
        "modalities_in": tuple(entry.modalities.input),
        "modalities_out": tuple(entry.modalities.output),
        "features": tuple(word for key, word in _FEATURES if getattr(entry, key)),
        "open_weights": entry.open_weights,
        "release_date": entry.release_date,
        "knowledge_cutoff": entry.knowledge,
    }


def _most(values: list[Any], otherwise: Any = None) -> Any:
    """The value most say; of two as frequent the one that sorts first, so that order decides nothing."""
    if not values:
        return otherwise
    counts = Counter(values)
    return min(counts, key=lambda value: (-counts[value], str(value)))


def _conflicts(
    key: str, chosen: Any, answers: list[tuple[Sighting, Any]], seen_on: date
) -> list[dict[str, Any]]:
    others: dict[Any, list[Sighting]] = defaultdict(list)
    for sighting, value in answers:
        if not agree(value, chosen):
            others[value].append(sighting)
    most_said = sorted(others.items(), key=lambda item: (-len(item[1]), str(item[0])))[:MOST_CONFLICTS]
    result = []
    for value, sightings in most_said:
        first = min(sightings, key=lambda s: s.provider_id)
        more = len({s.provider_id for s in sightings}) - 1
        name = first.provider.name + (f" and {more} more" if more else "") + f", by {CATALOGUE}"
        result.append({"field": key, "value": value, **_source(first, seen_on), "name": name})
    return result


def _source(sighting: Sighting, seen_on: date) -> dict[str, Any]:
    return {"name": CATALOGUE, "url": sighting.provider.doc or REPOSITORY, "seen_on": seen_on.isoformat()}


def _asked(price: Decimal | None, provider_id: str) -> Decimal | None:
    """Where a subscription pays for the tokens, zero is not their price."""
    return None if not price and provider_id in SUBSCRIPTIONS else price


def _offer(sighting: Sighting, lab: KnownLab, seen_on: date) -> OfferRecord:
    cost, limit = sighting.entry.cost, sighting.entry.limit
    return OfferRecord(
        provider=sighting.provider_id,
        provider_name=sighting.provider.name,
        model_id=sighting.model_id,
        first_party=_first_party(sighting, lab),
        price_in=_asked(cost.input, sighting.provider_id),
        price_out=_asked(cost.output, sighting.provider_id),
        price_cached=_asked(cost.cache_read, sighting.provider_id),
        context_tokens=limit.context,
        output_tokens=limit.output,
        source_url=sighting.provider.doc or REPOSITORY,
        seen_on=seen_on,
    )
