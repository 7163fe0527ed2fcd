"""What changed between two states of a card. Pure: records of snapshots in, words out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from comparisons.cards.models import CardSnapshot
from comparisons.templatetags.figures import UNKNOWN, modalities, params, partial_date, short_tokens, usd

LONG = 60  # characters from which a text says that it changed, not what it says

LABELS = {
    "params_total_b": "parameters",
    "params_active_b": "active parameters",
    "context_tokens": "context window",
    "output_tokens": "longest answer",
    "modalities_in": "what it reads",
    "modalities_out": "what it writes",
    "weights_url": "address of the weights",
    "run": "ways to run it",
    "price_in": "input price",
    "price_out": "output price",
    "price_cached": "cached input price",
    "price_provider": "provider of the price",
    "price_basis": "basis of the price",
    "knowledge_cutoff": "knowledge cut-off",
    "identity": "identity note",
}

FIGURES: dict[str, Callable[[Any], str]] = {
    **dict.fromkeys(("price_in", "price_out", "price_cached"), lambda value: usd(Decimal(value))),
    **dict.fromkeys(("params_total_b", "params_active_b"), lambda value: params(Decimal(value))),
    **dict.fromkeys(("context_tokens", "output_tokens"), short_tokens),
    **dict.fromkeys(("release_date", "knowledge_cutoff"), partial_date),
    **dict.fromkeys(("modalities_in", "modalities_out"), lambda kinds: ", ".join(modalities(kinds))),
}


@dataclass(frozen=True, slots=True)
class Change:
    fact: str
    before: str = ""  # both empty for a text too long to quote
    after: str = ""

    @property
    def in_words(self) -> str:
        if not (self.before or self.after):
            return f"{self.fact} rewritten"
        return f"{self.fact} {self.before} → {self.after}"


@dataclass(frozen=True, slots=True)
class State:
    """One entry of a card's history, newest first; the first state ever has no changes."""

    taken_at: datetime
    current: bool
    first: bool
    changes: tuple[Change, ...]


def history(snapshots: Sequence[CardSnapshot], *, current: int | None, complete: bool) -> list[State]:
    """States from snapshots, newest first; without `complete` the oldest only serves for comparison."""
    shown = snapshots if complete else snapshots[:-1]
    return [
        State(
            taken_at=snapshot.taken_at,
            current=snapshot.pk == current,
            first=complete and place == len(snapshots) - 1,
            changes=changes(snapshots[place + 1].record, snapshot.record)
            if place + 1 < len(snapshots)
            else (),
        )
        for place, snapshot in enumerate(shown)
    ]


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[Change, ...]:
    return tuple(_changes(before, after))


def _changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Change]:
    for key in sorted(before.keys() | after.keys()):
        old, new = before.get(key), after.get(key)
        if old == new:
            continue
        label = LABELS.get(key, key.replace("_", " "))
        was, now = _worded(key, old), _worded(key, new)
        quotable = max(len(was), len(now)) <= LONG
        yield Change(label, was, now) if quotable else Change(label)


def _worded(key: str, value: Any) -> str:
    if value is None:
        return UNKNOWN
    if key in FIGURES:
        return FIGURES[key](value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return ", ".join(value)
    # Records of records are not quoted; a text longer than the limit makes the caller say "rewritten".
    return value.replace("_", " ") if isinstance(value, str) else str(value).ljust(LONG + 1)
