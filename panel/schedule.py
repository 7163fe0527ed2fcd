"""When and what to ask: pure rules of the queue."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from comparisons.cards.facts import canonical_json
from comparisons.reviews.opinions import Choice

LONGEST_OBEYED_WAIT = 3600.0  # a provider that says "tomorrow" is asked again within the hour
# A single error is most often gone at once, and at the end of a run everybody waits for that one hearing.
BACKOFF_SECONDS = (0.5, 10.0, 30.0)


def judge_key(settings: Mapping[str, Any]) -> str:
    """The instrument's identity: every setting that changes what it says."""
    return hashlib.sha256(canonical_json(dict(settings))).hexdigest()


def cache_key(
    *,
    kind: str,
    persona_sha: str,
    schema_sha: str,
    snapshot_shas: Sequence[str],
    judge: Mapping[str, Any],
    sample: int,
    sanitiser_version: str,
) -> str:
    """The question's identity. `snapshot_shas` in the order shown; timeouts, runs and keys stay out of it."""
    return hashlib.sha256(
        canonical_json(
            {
                "kind": kind,
                "persona_sha": persona_sha,
                "schema_sha": schema_sha,
                "snapshot_sha": list(snapshot_shas),
                "judge": dict(judge),
                "sample": sample,
                "sanitiser_version": sanitiser_version,
            }
        )
    ).hexdigest()


def wait_after(attempt: int, *, retry_after: float | None) -> float:
    """Seconds until the next try after attempt number `attempt` (1 is the first) failed."""
    pause = BACKOFF_SECONDS[min(attempt, len(BACKOFF_SECONDS)) - 1]
    return pause if retry_after is None else min(max(retry_after, 0.0), LONGEST_OBEYED_WAIT)


Shown = Literal["A", "B", "toss-up"]


def choice_of(shown: Shown, *, swapped: bool) -> Choice:
    """What a pick said of the cards as they stand, whichever way round they were shown."""
    if shown == "toss-up":
        return "toss_up"
    return "left" if (shown == "A") != swapped else "right"


def merged_choice(choices: Sequence[Choice]) -> tuple[Choice, bool]:
    """One reviewer's pick over all orders asked, and whether it changed with the order."""
    distinct = set(choices)
    if len(distinct) == 1:
        return distinct.pop(), False
    # A side in one order and a toss-up in the other is no contradiction, but no preference either.
    return "toss_up", {"left", "right"} <= distinct
