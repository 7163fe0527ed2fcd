"""How far a run is: what the terminal, the staff page and the tests look at."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, Q, Sum
from django.db.models.functions import Coalesce

from panel.models import Attempt, Batch, Hearing, Run, Sitting


@dataclass(frozen=True, slots=True)
class ReviewerProgress:
    name: str
    done: int
    dead: int
    total: int


@dataclass(frozen=True, slots=True)
class Jobs:
    """Batch jobs in one state."""

    state: str
    count: int


@dataclass(frozen=True, slots=True)
class BatchProgress:
    """The batches of one run, taken together."""

    jobs: tuple[Jobs, ...]
    asked: int
    back: int
    released: int  # to single calls
    trouble: str  # the newest sentence about an open one

    def __str__(self) -> str:
        jobs = ", ".join(f"{each.count} {each.state}" for each in self.jobs)
        single = f", {self.released:,} went to single calls" if self.released else ""
        trouble = f". {self.trouble}" if self.trouble else ""
        return f"Batch jobs: {jobs}; {self.back:,} of {self.asked:,} answers back{single}{trouble}"


@dataclass(frozen=True, slots=True)
class Progress:
    """Counts of one run. `cost_usd` counts calls of unknown outcome at what was reserved for them."""

    state: str
    hearings: int
    heard: int
    sittings: int
    published: int
    fell_back: int
    dead: int
    calls: int
    cost_usd: Decimal
    reviewers: tuple[ReviewerProgress, ...]
    batches: BatchProgress | None  # None: every question is a call of its own

    @property
    def over(self) -> bool:
        return self.state != Run.State.RUNNING


def progress(run: Run) -> Progress:
    """Five queries, whatever the size of the run."""
    sittings = Sitting.objects.filter(run=run).aggregate(
        total=Count("pk"),
        published=Count("pk", filter=Q(state=Sitting.State.PUBLISHED)),
        dead=Count("pk", filter=Q(state=Sitting.State.DEAD)),
        fell_back=Count("pk", filter=~Q(fell_back_from="")),
    )
    reviewers = tuple(
        ReviewerProgress(row["persona__name"], row["done"], row["dead"], row["total"])
        for row in Hearing.objects.filter(sittings__run=run)
        .values("persona__name")
        .annotate(
            total=Count("pk", distinct=True),
            done=Count("pk", distinct=True, filter=Q(state=Hearing.State.DONE)),
            dead=Count("pk", distinct=True, filter=Q(state=Hearing.State.DEAD)),
        )
        .order_by("persona__name")
    )
    calls = Attempt.objects.filter(run=run).aggregate(
        calls=Count("pk"), cost=Sum(Coalesce("cost_usd", "reserved_usd"), default=Decimal(0))
    )
    return Progress(
        state=Run.objects.values_list("state", flat=True).get(pk=run.pk),
        hearings=sum(reviewer.total for reviewer in reviewers),
        heard=sum(reviewer.done for reviewer in reviewers),
        sittings=sittings["total"],
        published=sittings["published"],
        fell_back=sittings["fell_back"],
        dead=sittings["dead"],
        calls=calls["calls"],
        cost_usd=calls["cost"],
        reviewers=reviewers,
        batches=_batches(run),
    )


def _batches(run: Run) -> BatchProgress | None:
    found = list(Batch.objects.filter(run=run).order_by("created_at"))
    if not found:
        return None
    states = Counter(Batch.State(batch.state).label.lower() for batch in found)
    said = [batch.last_error for batch in found if batch.last_error and batch.state in Batch.OPEN]
    return BatchProgress(
        jobs=tuple(Jobs(*each) for each in states.items()),
        asked=sum(batch.requests for batch in found),
        back=sum(batch.returned for batch in found),
        released=sum(batch.released for batch in found),
        trouble=said[-1].rstrip(".") if said else "",
    )
