"""Our own card files: YAML with `labs` and `cards`, closed, so that a misspelled field is an error."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Literal, TypeGuard

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from comparisons.cards.facts import CommercialUse, Facts, Identity, IdentityStatus, LicenseClass, RunWay
from comparisons.cards.importing.fields import (
    Address,
    Billions,
    Count,
    Day,
    Line,
    Price,
    Prose,
    Slug,
    SomeDate,
    Stated,
    Truth,
    refused,
    shown,
)
from comparisons.cards.importing.problems import Problem
from comparisons.cards.importing.reference_price import reference_price
from comparisons.cards.importing.sentences import explain, repeated_keys
from comparisons.cards.records import CardRecord, OfferRecord

FACTS = frozenset(Facts.__dataclass_fields__)
Lines = Annotated[list[Annotated[str, Line(80, least=1)]], Field(max_length=60)]


def _word(value: Any) -> Any:
    """`no` and `false` are one answer to "may I sell with it", however YAML read it."""
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else value


class Closed(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _leave_out_what_is_empty(cls, value: Any) -> Any:
        # `tagline:` with nothing behind it is a field nobody has filled in yet.
        if isinstance(value, dict):
            return {key: inner for key, inner in value.items() if inner is not None}
        return value


class LabEntry(Closed):
    slug: Annotated[str, Slug(80)]
    name: Annotated[str, Line(120, least=1)]
    url: Annotated[str, Address(200)] = ""


class RunEntry(Closed):
    kind: Literal["ollama", "vllm", "llama.cpp", "hugging_face", "api"]
    command: Annotated[str, Line(300)] = ""
    note: Annotated[str, Line(300)] = ""


class IdentityEntry(Closed):
    status: IdentityStatus = "found"
    catalogues: Lines = []
    note: Annotated[str, Line(500)] = ""


class SourceEntry(Closed):
    name: Annotated[str, Line(80, least=1)]
    url: Annotated[str, Address(300)] = ""
    seen_on: Day
    fields: Annotated[list[str], Field(max_length=60)]

    @model_validator(mode="after")
    def _fields_are_facts(self) -> SourceEntry:
        for field in self.fields:
            if field not in FACTS and field != "offers":
                raise refused(f"'{field[:60]}' in its fields is not a fact of a card.")
        return self


class ConflictEntry(Closed):
    field: str
    value: Stated
    name: Annotated[str, Line(80, least=1)]
    url: Annotated[str, Address(300)] = ""
    seen_on: Day

    @model_validator(mode="after")
    def _field_is_a_fact(self) -> ConflictEntry:
        if self.field not in FACTS:
            raise refused(f"'{self.field[:60]}' is not a fact of a card.")
        return self


class OfferEntry(Closed):
    provider: Annotated[str, Line(80, least=1)]
    provider_name: Annotated[str, Line(120)] = ""
    model_id: Annotated[str, Line(200, least=1)]
    usd_per_mtok_in: Price | None = None
    usd_per_mtok_out: Price | None = None
    usd_per_mtok_cached: Price | None = None
    context_tokens: Count | None = None
    output_tokens: Count | None = None
    first_party: Truth = False
    source_url: Annotated[str, Address(300)] = ""
    seen_on: Day


class CardEntry(Closed):
    slug: Annotated[str, Slug(120)]
    lab: Annotated[str, Slug(80)]
    name: Annotated[str, Line(160, least=1)]
    category: Annotated[str, Line(60, least=1)]
    tagline: Annotated[str, Line(200)] = ""
    description: Annotated[str, Prose(5_000)] = ""
    best_for: Annotated[str, Line(400)] = ""
    license: Annotated[str, Line(120)] = ""
    license_class: LicenseClass = "unknown"
    commercial_use: Annotated[CommercialUse, BeforeValidator(_word)] = "unknown"
    params_total_b: Billions | None = None
    params_active_b: Billions | None = None
    architecture: Annotated[str, Line(200)] = ""
    context_tokens: Count | None = None
    output_tokens: Count | None = None
    modalities_in: Annotated[list[Annotated[str, Line(20, least=1)]], Field(max_length=20)] = []
    modalities_out: Annotated[list[Annotated[str, Line(20, least=1)]], Field(max_length=20)] = []
    features: Lines = []
    programming_languages: Count | None = None
    open_weights: Truth | None = None
    weights_url: Annotated[str, Address(300)] = ""
    run: Annotated[list[RunEntry], Field(max_length=20)] = []
    entry_price: Annotated[str, Line(120)] = ""
    pricing_note: Annotated[str, Line(500)] = ""
    hardware_note: Annotated[str, Line(500)] = ""
    release_date: SomeDate = ""
    knowledge_cutoff: SomeDate = ""
    claims: Annotated[list[Annotated[str, Line(400, least=1)]], Field(max_length=40)] = []
    identity: IdentityEntry = IdentityEntry()
    sources: Annotated[list[SourceEntry], Field(max_length=60)] = []
    conflicts: Annotated[list[ConflictEntry], Field(max_length=100)] = []
    offers: Annotated[list[OfferEntry], Field(max_length=500)] = []

    @model_validator(mode="after")
    def _offers_once(self) -> CardEntry:
        seen = set()
        for offer in self.offers:
            key = (offer.provider, offer.model_id)
            if key in seen:
                raise refused(f"the offer of {offer.model_id} by {offer.provider} is there twice.")
            seen.add(key)
        return self


@dataclass(frozen=True, slots=True)
class Reading:
    """What one file holds: labs and cards that are right in themselves, and what is wrong with the others."""

    labs: list[LabEntry]
    cards: list[CardEntry]
    problems: list[Problem]
    refused: int


def recognizes(document: object) -> TypeGuard[dict[str, Any]]:
    return isinstance(document, dict) and bool({"cards", "labs"} & document.keys())


def read(document: dict[str, Any], file: str) -> Reading:
    """Every record on its own, so that one slip costs one card."""
    labs: list[LabEntry] = []
    cards: list[CardEntry] = []
    problems = [
        Problem(file, "", shown(key)[1:-1], "is not known here; a card file holds labs and cards.")
        for key in document
        if key not in {"labs", "cards"}
    ]
    problems += [Problem(file, "", key, "is there twice.") for key in getattr(document, "twice", ())]
    refused_records = 0
    for kind, entry_class, good in (("lab", LabEntry, labs), ("card", CardEntry, cards)):
        entries = document.get(f"{kind}s")
        if entries is None:
            continue
        if not isinstance(entries, list):
            problems.append(Problem(file, "", f"{kind}s", "is not a list."))
            continue
        for number, entry in enumerate(entries, 1):
            name = _name(kind, entry, number)
            found = list(repeated_keys(entry, file, name))
            try:
                good.append(entry_class.model_validate(entry))  # type: ignore[arg-type]
            except ValidationError as error:
                found += explain(error, file, name)
            else:
                if found:
                    good.pop()
            problems += found
            refused_records += bool(found)
    return Reading(labs, cards, problems, refused_records)


def _name(kind: str, entry: object, number: int) -> str:
    slug = entry.get("slug") if isinstance(entry, dict) else None
    if isinstance(slug, str) and slug.strip():
        return f"{kind} {shown(slug)[1:-1]}"
    line = getattr(entry, "line", 0)
    return f"{kind} {number} (line {line})" if line else f"{kind} {number}"


def record(entry: CardEntry, lab: LabEntry) -> CardRecord:
    """The entry as the record that is saved; `lab` is the lab it names."""
    offers = tuple(_offer(offer) for offer in entry.offers)
    plain = {name: getattr(entry, name) for name in FACTS & CardEntry.model_fields.keys()}
    plain |= {name: tuple(value) for name, value in plain.items() if isinstance(value, list)}
    facts = Facts(
        **{
            **plain,
            "lab": lab.name,
            "run": tuple(RunWay(way.kind, way.command, way.note) for way in entry.run),
            "identity": Identity(
                entry.identity.status, tuple(entry.identity.catalogues), entry.identity.note
            ),
        },
        **reference_price(offers),
    )
    sources: dict[str, Any] = {}
    for source in entry.sources:
        for field in source.fields:
            # The first source named for a field is the one that is shown.
            sources.setdefault(
                field, {"name": source.name, "url": source.url, "seen_on": source.seen_on.isoformat()}
            )
    return CardRecord(
        slug=entry.slug,
        lab_slug=entry.lab,
        lab_url=lab.url,
        facts=facts,
        sources=sources,
        conflicts=tuple(conflict.model_dump(mode="json") for conflict in entry.conflicts),
        offers=offers,
    )


def _offer(entry: OfferEntry) -> OfferRecord:
    return OfferRecord(
        provider=entry.provider,
        provider_name=entry.provider_name,
        model_id=entry.model_id,
        first_party=entry.first_party,
        price_in=entry.usd_per_mtok_in,
        price_out=entry.usd_per_mtok_out,
        price_cached=entry.usd_per_mtok_cached,
        context_tokens=entry.context_tokens,
        output_tokens=entry.output_tokens,
        source_url=entry.source_url,
        seen_on=entry.seen_on,
    )
