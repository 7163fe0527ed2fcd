"""A card's states with everything that changed, word by word: what the public page only calls "rewritten"."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from difflib import SequenceMatcher
from typing import Any, Literal

from comparisons.cards.models import Card

SHOWN = 50  # states; older ones are kept and not shown
Piece = tuple[Literal["same", "gone", "new"], str]


@dataclass(frozen=True, slots=True)
class Changed:
    """One fact before and after, cut into what stayed, what went and what came."""

    fact: str
    pieces: list[Piece]


@dataclass(frozen=True, slots=True)
class State:
    sha256: str
    taken_at: datetime
    current: bool
    first: bool
    changed: list[Changed]


def states_of(card: Card) -> list[State]:
    """Newest first, in one query."""
    snapshots = list(card.snapshots.order_by("-taken_at", "-pk")[: SHOWN + 1])
    older = [*snapshots[1:], None]
    return [
        State(
            snapshot.sha256,
            snapshot.taken_at,
            current=snapshot.pk == card.snapshot_id,
            first=before is None,
            changed=[] if before is None else list(changed(before.record, snapshot.record)),
        )
        for snapshot, before in zip(snapshots, older, strict=True)
    ][:SHOWN]


def changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Changed]:
    for fact in sorted(before.keys() | after.keys()):
        old, new = _text(before.get(fact)), _text(after.get(fact))
        if old != new:
            yield Changed(fact.replace("_", " "), list(pieces(old, new)))


def pieces(before: str, after: str) -> Iterator[Piece]:
    """Two texts as one, by words; joined, what stayed and what came give `after`."""
    old, new = _words(before), _words(after)
    for verb, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if verb == "equal":
            yield "same", "".join(old[a:b])
            continue
        if a < b:
            yield "gone", "".join(old[a:b])
        if c < d:
            yield "new", "".join(new[c:d])


def _words(text: str) -> list[str]:
    return [word + " " for word in text.split(" ")[:-1]] + text.split(" ")[-1:]


def _text(value: Any) -> str:
    if value is None:
        return "unknown"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)
