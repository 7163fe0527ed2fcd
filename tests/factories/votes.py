"""What the counters say, for tests that hold them against the rows; pages read them within larger queries."""

from __future__ import annotations

from django.db.models import Sum

from comparisons.pairings.models import Pairing
from comparisons.votes.counts import Counts
from comparisons.votes.models import COUNTED, VoteCount


def counts_of(pairing: Pairing) -> Counts:
    """The votes on one pairing; none on one that is not kept yet."""
    if pairing.pk is None:
        return Counts()
    row = VoteCount.objects.filter(pairing=pairing).aggregate(**{name: Sum(name) for name in COUNTED})
    return Counts(**{name: count or 0 for name, count in row.items()})
