"""The facts of a card: one frozen value that importers make, snapshots keep, reviewers and pages read."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from decimal import Decimal
from typing import Any, Literal

LicenseClass = Literal[
    "permissive", "weak_conditions", "non_commercial", "community", "proprietary", "unknown"
]
CommercialUse = Literal["yes", "no", "conditional", "unknown"]
IdentityStatus = Literal["found", "near", "not_found", "conflicting"]
PriceBasis = Literal["first_party", "cheapest_offer"]


@dataclass(frozen=True, slots=True)
class RunWay:
    """One way to run a model: `kind` is ollama, vllm, llama.cpp, hugging_face or api."""

    kind: str
    command: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Identity:
    status: IdentityStatus = "found"
    catalogues: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything a reviewer may know of a model. `None` and empty mean unknown, never zero.

    Prices are USD per 1,000,000 tokens, parameters are billions, windows are tokens. Dates keep the
    precision their source had: YYYY, YYYY-MM or YYYY-MM-DD.
    """

    name: str
    lab: str
    category: str
    tagline: str = ""
    description: str = ""
    best_for: str = ""
    license: str = ""
    license_class: LicenseClass = "unknown"
    commercial_use: CommercialUse = "unknown"
    params_total_b: Decimal | None = None
    params_active_b: Decimal | None = None
    architecture: str = ""
    context_tokens: int | None = None
    output_tokens: int | None = None
    modalities_in: tuple[str, ...] = ()
    modalities_out: tuple[str, ...] = ()
    features: tuple[str, ...] = ()
    programming_languages: int | None = None
    open_weights: bool | None = None
    weights_url: str = ""
    run: tuple[RunWay, ...] = ()
    entry_price: str = ""
    pricing_note: str = ""
    price_in: Decimal | None = None
    price_out: Decimal | None = None
    price_cached: Decimal | None = None
    price_provider: str = ""
    price_basis: PriceBasis | None = None
    hardware_note: str = ""
    release_date: str = ""
    knowledge_cutoff: str = ""
    claims: tuple[str, ...] = ()
    identity: Identity = Identity()

    @property
    def runs_locally(self) -> bool:
        """Somebody who has the hardware could run it on their own machine."""
        return bool(self.open_weights) or any(way.kind != "api" for way in self.run)

    def ways(self, kind: str) -> tuple[RunWay, ...]:
        return tuple(way for way in self.run if way.kind == kind)

    def canonical(self) -> dict[str, Any]:
        """JSON values; unknown facts are left out, so that a field added later changes no old hash."""
        record: dict[str, Any] = {}
        for key, value in asdict(self).items():
            if value in (None, "", (), [], {}):
                continue
            if key == "run":
                record[key] = [{k: v for k, v in way.items() if v} for way in value]
            elif key == "identity":
                if value != asdict(Identity()):
                    record[key] = {k: list(v) if isinstance(v, tuple) else v for k, v in value.items() if v}
            elif isinstance(value, Decimal):
                # Text keeps 0.30 and 0.3 one number and never meets binary floating point.
                record[key] = format(value.normalize(), "f")
            else:
                record[key] = list(value) if isinstance(value, tuple) else value
        return record

    @property
    def sha256(self) -> str:
        return hashlib.sha256(canonical_json(self.canonical())).hexdigest()

    @classmethod
    def from_canonical(cls, record: Mapping[str, Any]) -> Facts:
        known = {field.name for field in fields(cls)}
        values: dict[str, Any] = {key: value for key, value in record.items() if key in known}
        for key in DECIMALS & values.keys():
            values[key] = Decimal(values[key])
        for key in TUPLES & values.keys():
            values[key] = tuple(values[key])
        values["run"] = tuple(RunWay(**way) for way in values.get("run", ()))
        identity = dict(values.get("identity", {}))
        identity["catalogues"] = tuple(identity.get("catalogues", ()))
        values["identity"] = Identity(**identity)
        return cls(**values)


DECIMALS = frozenset({"params_total_b", "params_active_b", "price_in", "price_out", "price_cached"})
TUPLES = frozenset({"modalities_in", "modalities_out", "features", "claims"})


def canonical_json(value: object) -> bytes:
    """The one spelling of a JSON value that is hashed: sorted keys, no spaces, UTF-8."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
