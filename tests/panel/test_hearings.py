"""The queue of record: claimed once, answered once, late writers refused."""

import threading
from contextlib import ExitStack
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from comparisons.pairings.models import Pairing
from comparisons.reviews.models import Pick, Review, Verdict
from panel import leases
from panel.actions.convene import convene, estimate
from panel.actions.hear import _finish, claim, hear
from panel.actions.sweep import sweep
from panel.leases import Keeper
from panel.models import Attempt, Hearing, Run, Sitting
from panel.progress import progress
from tests.factories.cards import make_card

pytestmark = pytest.mark.django_db


@pytest.fixture
def pairing(rubric_alone):
    one, other = make_card("alpha", context_tokens=128000), make_card("beta", context_tokens=8000)
    make_card("noise")
    return Pairing.objects.between(one, other)


def convened(pairing):
    return convene(Pairing.objects.with_cards().filter(pk=pairing.pk), scope=pairing.slug)


def hear_all(run):
    for pk in Hearing.objects.filter(sittings__run=run).values_list("pk", flat=True):
        hear(pk)
    run.refresh_from_db()


def test_convening_a_pairing_queues_eight_reviews_and_four_picks(pairing):
    run = convened(pairing)
    kinds = Hearing.objects.filter(sittings__run=run).values_list("kind", flat=True)
    assert sorted(kinds) == ["pick"] * 4 + ["review"] * 8
    assert Verdict.objects.count() == 0


def test_the_last_answer_publishes_the_whole_bench_and_closes_the_run(pairing):
    run = convened(pairing)
    waiting = list(Hearing.objects.filter(sittings__run=run).values_list("pk", flat=True))
    for pk in waiting[:-1]:
        hear(pk)
        assert Verdict.objects.count() == 0
    hear(waiting[-1])
    pairing.refresh_from_db()
    run.refresh_from_db()
    assert pairing.verdict.reviews.count() == 8
    assert pairing.verdict.picks.count() == 4
    assert run.state == Run.State.DONE
    assert run.ended_at is not None


def test_every_answer_has_a_receipt(pairing):
    hear_all(convened(pairing))
    for said in [*Review.objects.all(), *Pick.objects.all()]:
        assert Attempt.objects.filter(pk__in=said.receipts, outcome="answered").count() == 1


def test_an_unchanged_pairing_heard_again_asks_nobody(pairing):
    hear_all(convened(pairing))
    calls = Attempt.objects.count()
    verdict = Verdict.objects.get()
    again = convened(pairing)
    assert again.state == Run.State.DONE
    assert Attempt.objects.count() == calls
    assert Verdict.objects.get() == verdict


def test_a_changed_card_costs_its_own_four_reviews_and_the_picks(pairing):
    hear_all(convened(pairing))
    make_card("alpha", context_tokens=256000)
    found = estimate(Pairing.objects.with_cards().filter(pk=pairing.pk))
    assert (found.new, found.cached) == (8, 4)
    hear_all(convened(pairing))
    pairing.refresh_from_db()
    assert Verdict.objects.count() == 2
    assert pairing.verdict.superseded_at is None
    assert Verdict.objects.exclude(pk=pairing.verdict_id).get().superseded_at is not None


def test_reviews_are_shared_by_every_pairing_of_a_card(pairing):
    hear_all(convened(pairing))
    third = make_card("gamma", context_tokens=32000)
    other = Pairing.objects.between(pairing.left, third)
    found = estimate(Pairing.objects.with_cards().filter(pk=other.pk))
    assert (found.new, found.cached) == (8, 4)


def test_of_two_claims_one_gets_the_hearing(pairing):
    run = convened(pairing)
    pk = Hearing.objects.filter(sittings__run=run).first().pk
    assert claim(pk).fence == 1
    assert claim(pk) is None


def test_a_late_answer_under_an_old_fence_touches_nothing(pairing):
    run = convened(pairing)
    pk = Hearing.objects.filter(sittings__run=run, kind="review").first().pk
    slow = claim(pk)
    Hearing.objects.filter(pk=pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    sweep()
    hear(pk)
    before = Hearing.objects.get(pk=pk)
    reply = type("Reply", (), {"record": lambda self: {"score": 1}})()
    assert _finish(slow, reply, before.receipt) is False
    assert Hearing.objects.get(pk=pk).answer == before.answer


def test_a_worker_that_only_overslept_may_still_deliver(pairing):
    run = convened(pairing)
    pk = Hearing.objects.filter(sittings__run=run, kind="review").first().pk
    slow = claim(pk)
    receipt = Attempt.objects.create(
        hearing=slow, number=1, fence=1, provider="rubric", requested_model="rubric", prompt_sha="0" * 64
    )
    Hearing.objects.filter(pk=pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    sweep()
    reply = type("Reply", (), {"record": lambda self: {"score": 1}})()
    assert _finish(slow, reply, receipt) is True


def test_an_old_claim_that_ends_leaves_the_lease_of_the_new_one_alone(pairing, monkeypatch):
    """Both in one process: the database was away, and the lease ran out while its holder lived."""
    # The connection that it would close is this test's.
    monkeypatch.setattr(leases, "connection", SimpleNamespace(close=lambda: None))
    keeper = Keeper()
    keeper._thread = threading.current_thread()
    pk = Hearing.objects.filter(sittings__run=convened(pairing)).first().pk
    long_ago = timezone.now() - timedelta(seconds=1)
    with ExitStack() as newer:
        with keeper.holding(claim(pk)):
            Hearing.objects.filter(pk=pk).update(lease_until=long_ago)
            sweep()
            newer.enter_context(keeper.holding(claim(pk)))
        Hearing.objects.filter(pk=pk).update(lease_until=long_ago)
        keeper._renew(keeper._held)
        assert Hearing.objects.get(pk=pk).lease_until > timezone.now()
    assert not keeper._held


def test_a_hearing_whose_worker_died_three_times_is_given_up(pairing):
    run = convened(pairing)
    pk = Hearing.objects.filter(sittings__run=run).first().pk
    for _ in range(3):
        assert claim(pk) is not None
        Hearing.objects.filter(pk=pk).update(lease_until=timezone.now() - timedelta(seconds=1))
        sweep()
    assert Hearing.objects.get(pk=pk).state == Hearing.State.DEAD
    assert Sitting.objects.get(run=run).state == Sitting.State.DEAD
    run.refresh_from_db()
    assert run.state == Run.State.DONE


def test_a_stopped_run_begins_no_further_hearing_and_goes_on_at_no_double_cost(pairing, client, admin_user):
    run = convened(pairing)
    pks = list(Hearing.objects.filter(sittings__run=run).values_list("pk", flat=True))
    for pk in pks[:5]:
        hear(pk)
    client.force_login(admin_user)
    assert client.post(f"/panel/runs/{run.pk}/stop/").status_code == 302
    hear(pks[5])
    assert progress(run).heard == 5
    client.post(f"/panel/runs/{run.pk}/resume/")
    hear_all(run)
    assert run.state == Run.State.DONE
    assert Attempt.objects.count() == 12


def test_the_sweep_publishes_what_a_crash_left_unpublished(pairing):
    run = convened(pairing)
    hear_all(run)
    # As if the worker had died between the last answer and the publishing.
    Pairing.objects.update(verdict=None)
    Verdict.objects.all().delete()
    Sitting.objects.update(state=Sitting.State.OPEN, verdict=None)
    Run.objects.update(state=Run.State.RUNNING, ended_at=None)
    sweep()
    pairing.refresh_from_db()
    run.refresh_from_db()
    assert pairing.verdict.reviews.count() == 8
    assert run.state == Run.State.DONE


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ({"state": "running", "lease_until": None}, "hearing_running_has_lease"),
        ({"state": "done"}, "hearing_done_has_answer_and_receipt"),
        ({"attempts": 4}, "hearing_attempts_at_most_three"),
        ({"kind": "pick", "second": None}, "hearing_pick_has_two_cards"),
    ],
)
def test_the_database_refuses_an_impossible_hearing(pairing, change, constraint):
    run = convened(pairing)
    review = Hearing.objects.filter(sittings__run=run, kind="review").first()
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Hearing.objects.filter(pk=review.pk).update(**change)


def test_a_receipt_is_open_until_it_is_closed_with_a_cost(pairing):
    hear_all(convened(pairing))
    receipt = Attempt.objects.first()
    for change, constraint in [
        ({"closed_at": None}, "attempt_open_until_closed"),
        ({"cost_usd": None}, "attempt_closed_has_cost"),
    ]:
        with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
            Attempt.objects.filter(pk=receipt.pk).update(**change)
