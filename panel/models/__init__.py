"""The panel's books: runs, sittings, hearings (the queue of record) and attempts (the receipts)."""

from panel.models.hearings import MAX_ATTEMPTS, Hearing, HearingQuerySet, Sitting, SittingQuerySet
from panel.models.judges import Breaker, BreakerEvent, Judge, PersonaVersion
from panel.models.receipts import Attempt, Spend
from panel.models.runs import Batch, BatchQuerySet, Run

__all__ = [
    "MAX_ATTEMPTS",
    "Attempt",
    "Batch",
    "BatchQuerySet",
    "Breaker",
    "BreakerEvent",
    "Hearing",
    "HearingQuerySet",
    "Judge",
    "PersonaVersion",
    "Run",
    "Sitting",
    "SittingQuerySet",
    "Spend",
]
