"""How far a run is: what the terminal, the staff page and the tests look at."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, Q, Sum
from django.db.models.functions import Coalesce

from panel.models import Attempt, Hearing, Run, Sitting


@dataclass(frozen=True, slots=True)
class ReviewerProgress:
    name: str
    done: int
    dead: int
    total: int


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

    @property
    def over(self) -> bool:
        return self.state != Run.State.RUNNING


def progress(run: Run) -> Progress:
    """Four queries, whatever the size of the run."""
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
    )
