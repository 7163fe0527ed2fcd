"""The entries of a models.dev `api.json`: what is read of each, and what cannot be meant."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Annotated, Any, TypeGuard

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from comparisons.cards.importing.fields import Address, Line, SomeDate, refused, shown
from comparisons.cards.importing.model_ids import canonical_slug
from comparisons.cards.importing.problems import Problem
from comparisons.cards.importing.sentences import explain, repeated_keys


def _price(value: Any) -> Decimal:
    """USD per 1,000,000 tokens. The catalogue computes some prices, so 0.049999999999999996 is 0.05 there."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal) or not Decimal(value).is_finite():
        raise refused(f"{shown(value)} is not a number.")
    if not 0 <= value < 10**6:
        raise refused(f"{shown(value)} is less than 0." if value < 0 else f"{shown(value)} is not a price.")
    return Decimal(value).quantize(Decimal("0.000001"), rounding=ROUND_HALF_EVEN).normalize()


def _tokens(value: Any) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int):
        raise refused(f"{shown(value)} is not a whole number.")
    if not 0 <= value <= 10**9:
        raise refused(f"{shown(value)} is less than 0." if value < 0 else f"{shown(value)} is no window.")
    return value or None  # zero is how the catalogue says that nobody filled it in


def _truth(value: Any) -> bool:
    if not isinstance(value, bool):
        raise refused(f"{shown(value)} is not true or false.")
    return value


Price = Annotated[Decimal | None, BeforeValidator(_price)]
Tokens = Annotated[int | None, BeforeValidator(_tokens)]
Truth = Annotated[bool | None, BeforeValidator(_truth)]
Kinds = Annotated[list[Annotated[str, Line(20, least=1)]], Field(max_length=20)]


class Foreign(BaseModel):
    """Somebody else's format: fields we have no use for may come and go."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class Cost(Foreign):
    input: Price = None
    output: Price = None
    cache_read: Price = None


class Limit(Foreign):
    context: Tokens = None
    output: Tokens = None


class Modalities(Foreign):
    input: Kinds = []
    output: Kinds = []


class Entry(Foreign):
    name: Annotated[str, Line(160, least=1)]
    family: Annotated[str, Line(80)] = ""
    tool_call: Truth = None
    reasoning: Truth = None
    structured_output: Truth = None
    open_weights: Truth = None
    release_date: SomeDate = ""
    knowledge: SomeDate = ""
    cost: Cost = Cost()
    limit: Limit = Limit()
    modalities: Modalities = Modalities()


class Provider(Foreign):
    name: Annotated[str, Line(120, least=1)]
    doc: Annotated[str, Address(300)] = ""


@dataclass(frozen=True, slots=True)
class Sighting:
    """One provider's entry of one model."""

    provider_id: str
    provider: Provider
    model_id: str
    entry: Entry


def recognizes(document: object) -> TypeGuard[dict[str, Any]]:
    """Providers by id, each with its models by id."""
    return (
        isinstance(document, dict)
        and bool(document)
        and all(isinstance(value, dict) for value in document.values())
        and any(isinstance(value.get("models"), dict) for value in document.values())
    )


def read_sightings(document: Mapping[str, Any], file: str) -> tuple[list[Sighting], list[Problem], int]:
    """The good entries, what is wrong with the others, and how many those are."""
    good: list[Sighting] = []
    problems = [Problem(file, "", key, "is there twice.") for key in getattr(document, "twice", ())]
    bad = 0
    for provider_id, value in document.items():
        name = shown(provider_id)[1:-1]
        models = value.get("models")
        try:
            Line(80, least=1).read(provider_id)
            provider = Provider.model_validate(value)
            if not isinstance(models, dict):
                raise refused("models is not a mapping.")
        except ValidationError as error:
            problems += explain(error, file, name)
            bad += len(models) if isinstance(models, dict) else 1
            continue
        except ValueError as error:
            problems.append(Problem(file, name, "", str(error)))
            bad += 1
            continue
        for model_id, inner in models.items():
            label = f"{name} {shown(model_id)[1:-1]}"
            found = list(repeated_keys(inner, file, label))
            # The id is a key of ours later, so it is taken only as it stands.
            if model_id in getattr(models, "twice", ()):
                found.append(Problem(file, label, "", "is there twice."))
            if len(model_id) > 200 or not model_id.isprintable() or not canonical_slug(model_id):
                found.append(Problem(file, label, "id", f"{shown(model_id)} is not an id."))
            try:
                entry = Entry.model_validate(inner)
            except ValidationError as error:
                found += explain(error, file, label)
            if found:
                problems += found
                bad += 1
            else:
                good.append(Sighting(provider_id, provider, model_id, entry))
    return good, problems, bad
