"""A catalogue convened in batches, moved on step by step, and what it leaves in the books."""

from datetime import timedelta

from django.utils import timezone

from comparisons.pairings.models import Pairing
from comparisons.reviews.models import Pick, Review, Verdict
from panel.actions.convene import convene
from panel.actions.hear import hear
from panel.actions.poll import poll
from panel.models import Attempt, Batch, Hearing, Spend
from tests.factories.cards import make_card

KNOWN = {"license": "MIT", "license_class": "permissive", "commercial_use": "yes", "open_weights": True}


def make_pairing(one="alpha", other="beta", **facts):
    return Pairing.objects.between(make_card(one, **KNOWN), make_card(other, **(KNOWN | facts)))


def convened(**options):
    return convene(Pairing.objects.with_cards().order_by("pk"), scope="all", in_batches=True, **options)


def look():
    """One tick of beat, at once."""
    Batch.objects.update(polled_at=None)
    poll()


def minutes_pass(minutes):
    """For all batches: as if what was written down about them were so much older."""
    for batch in Batch.objects.all():
        for name in ("asked_at", "reserved_at", "submitted_at", "finished_at", "cancel_at", "busy_until"):
            if moment := getattr(batch, name):
                setattr(batch, name, moment - timedelta(minutes=minutes))
        batch.save()


def hear_what_waits(run, rounds=6):
    """As workers would, every hearing that no batch holds."""
    for _ in range(rounds):
        waiting = list(Hearing.objects.single().filter(sittings__run=run).values_list("pk", flat=True))
        Hearing.objects.filter(pk__in=waiting).update(not_before=timezone.now())
        for pk in dict.fromkeys(waiting):
            hear(pk)
        if not waiting:
            break
    run.refresh_from_db()


def the_batch():
    return Batch.objects.get()


def answered_twice():
    """Hearings with more than one answered receipt."""
    from django.db.models import Count

    answered = Attempt.objects.filter(outcome="answered").values("hearing")
    return [row for row in answered.annotate(n=Count("pk")) if row["n"] > 1]


def check_the_books(run):
    """What must be so whatever happened: one answer a hearing, no money left reserved, nothing half."""
    run.refresh_from_db()
    assert run.state == "done"
    assert Hearing.objects.exclude(state="done").count() == 0
    assert answered_twice() == []
    assert Attempt.objects.filter(outcome="open").count() == 0
    assert not Batch.objects.open().exists()
    spend = Spend.objects.get()
    assert spend.reserved_usd == 0
    assert spend.spent_usd == sum(Attempt.objects.values_list("cost_usd", flat=True))


def published():
    """All that readers see, without ids and times."""
    said = ("judge_kind", "judge_label", "judge_key", "persona_sha", "reviewer_id")
    return {
        "reviews": sorted(
            Review.objects.values_list(
                "snapshot__card__slug", *said, "score", "ship", "paragraph", "answers", "points", "flagged"
            ),
            key=str,
        ),
        "picks": sorted(
            Pick.objects.values_list(
                "pairing__slug", *said, "choice", "why", "changed_with_order", "flagged"
            ),
            key=str,
        ),
        "verdicts": sorted(
            Verdict.objects.values_list(
                "pairing__slug", "outcome", "side", "left_score", "right_score", "judge_kinds",
                "judge_labels", "provisional", "fell_back_from", "superseded_at",
            ),
            key=str,
        ),
    }  # fmt: skip


def receipts():
    """Every receipt, without ids and times, and without what a batch is meant to change."""
    columns = (
        "hearing__cache_key", "number", "repair", "outcome", "provider", "host", "requested_model",
        "served_model", "sdk_version", "prompt_sha", "seed", "http_status", "error_class", "error",
        "finish_reason", "tokens_in", "tokens_out", "tokens_cached", "price_table",
    )  # fmt: skip
    return sorted(Attempt.objects.values_list(*columns), key=str)


def rows():
    """Every hearing, likewise."""
    columns = ("cache_key", "kind", "state", "attempts", "answer", "last_error", "sample")
    return sorted(Hearing.objects.values_list(*columns), key=str)


def finished(mistral, run, *, single):
    """The run came to its end by the batch and so many single calls, each question answered once."""
    hear_what_waits(run)
    check_the_books(run)
    assert len(mistral.calls) == single
    assert Verdict.objects.get().judge_kinds == ["mistral"]
    batch = Batch.objects.latest("created_at")
    assert batch.requests == batch.returned + batch.released
    return batch
