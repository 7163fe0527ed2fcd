"""What staff should look into after a run: calls that gave no answer, and answers to read with care."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from panel.models import Attempt, Hearing, Run

SHOWN = 20


def failures(run: Run) -> QuerySet[Attempt]:
    """Quarantined answers first: a card that talks a model into reciting its orders wants a human eye."""
    return (
        run.receipts.exclude(outcome__in=[Attempt.Outcome.ANSWERED, Attempt.Outcome.OPEN])
        .annotate(quarantined=Q(error_class="Quarantined"))
        .select_related("hearing__persona", "hearing__first__card", "hearing__second__card")
        .order_by("-quarantined", "-opened_at")[:SHOWN]
    )


def flagged(run: Run) -> QuerySet[Hearing]:
    """Answers that were taken with a flag; the newest first."""
    return (
        Hearing.objects.filter(sittings__run=run, answer__flagged__regex=".")
        .select_related("persona", "receipt", "first__card", "second__card")
        .order_by("-done_at", "-pk")[:SHOWN]
    )
