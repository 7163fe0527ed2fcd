"""What crosses the door between the panel and the site: values, no tables."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal
from uuid import UUID

Choice = Literal["left", "right", "toss_up"]


@dataclass(frozen=True, slots=True)
class Spoken:
    """Who spoke and how it can be checked."""

    reviewer: str  # persona slug
    persona_sha: str
    judge_key: str  # sha256 of everything that makes the instrument
    judge_kind: str  # "rubric", "mistral", …
    judge_label: str  # for readers: "Rubric v1" or "mistral-medium-2604"
    receipts: tuple[UUID, ...]  # one a call; a pick asked in both orders has two
    sample: int = 0


@dataclass(frozen=True, slots=True)
class Opinion:
    """One reviewer on one card. `score` is None when the reviewer abstained for want of facts."""

    snapshot_id: int
    spoken: Spoken
    score: int | None  # 0–100
    ship: bool
    paragraph: str  # plain text
    answers: dict[str, str] = field(default_factory=dict)  # standing question → answer
    points: list[dict[str, Any]] = field(default_factory=list)  # rubric only: {"fact", "points", "because"}
    flagged: str = ""  # why this answer should be read with care, "" when nothing is wrong


@dataclass(frozen=True, slots=True)
class PickOpinion:
    """One reviewer on one pairing."""

    left_snapshot_id: int
    right_snapshot_id: int
    spoken: Spoken
    choice: Choice
    why: str
    changed_with_order: bool = False
    flagged: str = ""  # as an opinion's; of a pick asked in both orders what either answer was flagged for
