"""A pairing before Mistral, over real HTTP: answers, repairs, refusals, money and the judge behind it."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import count

import pytest
import redis
from django.conf import settings
from django.utils import timezone

from comparisons.pairings.models import Pairing
from comparisons.reviews.models import Verdict
from panel import breaker, limiter
from panel.actions.convene import NobodyToAsk, convene, estimate
from panel.actions.hear import hear
from panel.actions.questions import question_of
from panel.actions.receipts import close_answered, open_receipt
from panel.actions.sweep import sweep
from panel.models import Attempt, Breaker, Hearing, Run, Sitting, Spend
from panel.progress import progress
from panel.providers.chain import provider_for
from tests.factories.cards import make_card

pytestmark = pytest.mark.django_db


class Host:
    kind, calls_per_minute = "mistral", 0

    def __init__(self, host):
        self.host = host


@pytest.fixture
def pairing():
    known = {"license_class": "permissive"}  # enough for every reviewer to be asked
    return Pairing.objects.between(make_card("alpha", **known), make_card("beta", **known))


def on_the_table(pairing):
    return Pairing.objects.with_cards().filter(pk=pairing.pk)


def convened(pairing):
    return convene(on_the_table(pairing), scope=pairing.slug)


def hear_all(run, rounds=8):
    """As workers would: every waiting hearing of the run, until none waits; time passes at once."""
    for _ in range(rounds):
        waiting = Hearing.objects.filter(sittings__run=run, state="queued").distinct()
        if not waiting:
            break
        waiting_ids = list(waiting.values_list("pk", flat=True))
        Hearing.objects.filter(pk__in=waiting_ids).update(not_before=timezone.now())
        for pk in waiting_ids:
            hear(pk)
    run.refresh_from_db()


def test_mistral_fills_the_page_with_its_words_and_receipts(mistral, pairing):
    hear_all(convened(pairing))
    verdict = Verdict.objects.get()
    assert verdict.judge_kinds == ["mistral"]
    assert verdict.reviews.count() == 8
    assert all("The fake has read the card." in review.paragraph for review in verdict.reviews.all())
    assert len(mistral.calls) == 16  # 8 reviews, and 4 picks in both orders
    for review in verdict.reviews.all():
        receipt = Attempt.objects.get(pk=review.receipts[0])
        assert receipt.outcome == "answered"
        assert receipt.tokens_in > 0
        assert receipt.cost_usd > 0


def test_a_pick_is_asked_in_both_orders_and_keeps_both_receipts(mistral, pairing):
    hear_all(convened(pairing))
    for pick in Verdict.objects.get().picks.all():
        orders = Hearing.objects.filter(receipt__in=pick.receipts).values_list("first__card__slug", flat=True)
        assert sorted(orders) == ["alpha", "beta"]


def test_a_pick_flagged_in_one_order_is_flagged_and_says_why_once(mistral, pairing):
    run = convened(pairing)
    picks = Hearing.objects.filter(kind="pick")
    for hearing in picks:
        hear(hearing.pk)
    for slug, told in (("skeptic", ["", "not in English"]), ("founder", ["not in English"] * 2)):
        for hearing, flag in zip(picks.filter(persona__slug=slug).order_by("pk"), told, strict=True):
            Hearing.objects.filter(pk=hearing.pk).update(answer={**hearing.answer, "flagged": flag})
    hear_all(run)
    said = dict(Verdict.objects.get().picks.values_list("reviewer", "flagged"))
    assert {slug: said[slug] for slug in ("skeptic", "founder")} == {
        "skeptic": "not in English",
        "founder": "not in English",
    }


def test_one_unusable_answer_is_repaired(mistral, pairing):
    mistral.script(["wrong_schema"])
    hear_all(convened(pairing))
    assert len(mistral.calls) == 17
    assert "could not be used" in mistral.calls[1].body["messages"][-1]["content"]
    assert Attempt.objects.filter(repair=True, outcome="answered").count() == 1
    assert Verdict.objects.get().judge_kinds == ["mistral"]


def test_after_a_slow_answer_the_repair_is_a_turn_of_its_own(mistral, pairing, monkeypatch):
    monkeypatch.setattr("panel.actions.hear.REPAIRED_WITHIN", 0.0)
    mistral.script(["wrong_schema"])
    run = convened(pairing)
    first = Hearing.objects.filter(sittings__run=run).order_by("pk").first()
    hear(first.pk)
    first.refresh_from_db()
    assert (first.state, first.attempts, len(mistral.calls)) == ("queued", 0, 1)
    hear(first.pk)
    first.refresh_from_db()
    assert (first.state, len(mistral.calls)) == ("done", 2)
    assert "could not be used" in mistral.calls[1].body["messages"][-1]["content"]
    assert list(Attempt.objects.order_by("opened_at").values_list("repair", "outcome")) == [
        (False, "refused"),
        (True, "answered"),
    ]


def test_a_repair_that_a_dead_worker_owed_is_asked_by_the_next(mistral, pairing):
    mistral.script(["wrong_schema", "drop"])
    run = convened(pairing)
    first = Hearing.objects.filter(sittings__run=run).order_by("pk").first()
    hear(first.pk)
    # As if the worker had died between the two calls.
    Attempt.objects.filter(hearing=first, repair=True).delete()
    Hearing.objects.filter(pk=first.pk).update(not_before=timezone.now())
    hear(first.pk)
    assert "could not be used" in mistral.calls[-1].body["messages"][-1]["content"]
    assert Hearing.objects.get(pk=first.pk).state == "done"


def test_when_mistral_refuses_both_cards_go_before_the_rubric_and_the_page_says_so(mistral, pairing):
    mistral.script(lambda number, body: "401")
    hear_all(convened(pairing))
    verdict = Verdict.objects.get()
    assert verdict.judge_kinds == ["rubric"]
    assert not verdict.provisional
    assert "mistral" in verdict.fell_back_from.lower()
    assert progress(Run.objects.get()).fell_back == 1


def test_a_receipt_says_in_whose_place_the_judge_spoke(mistral, pairing, client):
    run = convened(pairing)
    before = Hearing.objects.filter(sittings__run=run).first()
    hear(before.pk)
    mistral.down()
    hear_all(run)
    review = Verdict.objects.get().reviews.first()
    address = f"/receipts/{review.receipts[0]}/"
    (reason,) = client.get(f"{address}?format=json").json()["fell_back_from"]
    assert ("mistral" in reason and "left alone" in reason) or "refused" in reason
    assert "Instead of" in client.get(address).content.decode()
    answered = f"/receipts/{Attempt.objects.get(hearing=before, outcome='answered').pk}/"
    assert client.get(f"{answered}?format=json").json()["fell_back_from"] == []
    assert "Instead of" not in client.get(answered).content.decode()


def test_when_mistral_goes_down_in_mid_run_no_verdict_mixes_judges(mistral, pairing):
    run = convened(pairing)
    for pk in list(Hearing.objects.filter(sittings__run=run).values_list("pk", flat=True))[:6]:
        hear(pk)
    mistral.down()
    hear_all(run)
    verdict = Verdict.objects.get()
    assert verdict.judge_kinds == ["rubric"]
    assert {review.judge_kind for review in verdict.reviews.all()} == {"rubric"}
    assert run.state == Run.State.DONE


def test_a_provider_error_is_tried_again_and_no_call_is_paid_twice(mistral, pairing):
    mistral.script(["500", "ok", "503"])
    hear_all(convened(pairing))
    assert Verdict.objects.get().judge_kinds == ["mistral"]
    assert len(mistral.calls) == 18
    assert Attempt.objects.filter(outcome="answered").count() == 16


def test_being_told_to_slow_down_is_no_failed_attempt(mistral, pairing):
    mistral.script(["429"] * 5)
    run = convened(pairing)
    pk = Hearing.objects.filter(sittings__run=run).first().pk
    for _ in range(5):
        Hearing.objects.filter(pk=pk).update(not_before=timezone.now())
        hear(pk)
    assert Hearing.objects.get(pk=pk).attempts == 0
    Hearing.objects.filter(pk=pk).update(not_before=timezone.now())
    hear(pk)
    assert Hearing.objects.get(pk=pk).state == Hearing.State.DONE


@pytest.fixture
def full_house(mistral, monkeypatch):
    """Nobody else may call Mistral until the calls under way are over; nobody waits for that."""
    host = Host(mistral.url.removeprefix("http://"))
    monkeypatch.setattr(limiter, "LONGEST_WAIT", 0)
    with redis.Redis.from_url(settings.LIMITER_URL) as store, limiter.room(host):
        store.hset(f"panel:limiter:mistral:{host.host}", "room", 1)
        yield store
        store.delete(f"panel:limiter:mistral:{host.host}")


def test_a_call_for_which_there_was_no_room_leaves_no_receipt_and_reserves_nothing(
    mistral, pairing, full_house
):
    run = convened(pairing)
    pk = Hearing.objects.filter(sittings__run=run).first().pk
    hear(pk)
    hearing = Hearing.objects.get(pk=pk)
    assert (hearing.state, hearing.attempts, len(mistral.calls)) == ("queued", 0, 0)
    assert "as much at once" in hearing.last_error
    assert Attempt.objects.count() == 0
    assert Spend.objects.get().reserved_usd == 0


def test_a_repair_for_which_there_was_no_room_is_still_owed(mistral, pairing, full_house):
    run = convened(pairing)
    pk = Hearing.objects.filter(sittings__run=run).first().pk
    mistral.script(["wrong_schema"])
    key = f"panel:limiter:mistral:{mistral.url.removeprefix('http://')}"
    full_house.hset(key, mapping={"room": 2, "peak": 2})

    def full_from_now_on(body):
        full_house.hset(key, "room", 1)

    mistral.answer = full_from_now_on
    hear(pk)
    assert (Hearing.objects.get(pk=pk).state, len(mistral.calls)) == ("queued", 1)
    full_house.hset(key, "room", 2)
    Hearing.objects.filter(pk=pk).update(not_before=timezone.now())
    hear(pk)
    assert (Hearing.objects.get(pk=pk).state, len(mistral.calls)) == ("done", 2)
    assert "could not be used" in mistral.calls[1].body["messages"][-1]["content"]


@pytest.mark.parametrize("meets", ["429", "500"])
def test_a_repair_that_got_no_answer_is_asked_again_and_not_the_question(mistral, pairing, meets):
    mistral.script(["wrong_schema", meets])
    run = convened(pairing)
    pk = Hearing.objects.filter(sittings__run=run).first().pk
    for _ in range(2):
        Hearing.objects.filter(pk=pk).update(not_before=timezone.now())
        hear(pk)
    assert Hearing.objects.get(pk=pk).state == "done"
    asked = ["could not be used" in call.body["messages"][-1]["content"] for call in mistral.calls]
    assert asked == [False, True, True]


def test_who_came_while_a_host_was_probed_is_due_when_the_probe_is_answered(mistral, pairing, settings):
    settings.PANEL_JUDGES = ("mistral",)
    run = convened(pairing)
    came, put_off = Hearing.objects.filter(sittings__run=run).order_by("pk")[:2]
    in_an_hour = timezone.now() + timedelta(hours=1)
    Hearing.objects.filter(pk=put_off.pk).update(not_before=in_an_hour, last_error="Throttled: slower")
    host = Host(mistral.url.removeprefix("http://"))
    over = timezone.now() - timedelta(seconds=1)
    Breaker.objects.create(
        provider=host.kind, host=host.host, state="open", failures=5, openings=1, until=over
    )
    probe = breaker.admit(host)
    hear(came.pk)
    came.refresh_from_db()
    assert came.not_before > timezone.now() + timedelta(minutes=3)
    breaker.report_success(probe)
    due = Hearing.objects.due(timezone.now())
    assert came in due.filter(rung_at__isnull=True)
    assert put_off not in due


@pytest.mark.parametrize("budget", ["0", "100"])
def test_a_probe_for_which_there_is_no_money_or_no_turn_keeps_nobody_away(
    mistral, pairing, settings, full_house, budget
):
    settings.PANEL_JUDGES, settings.PANEL_DAILY_BUDGET_USD = ("mistral",), Decimal(budget)
    run = convened(pairing)
    host = mistral.url.removeprefix("http://")
    over = timezone.now() - timedelta(seconds=1)
    Breaker.objects.create(provider="mistral", host=host, state="open", failures=5, openings=1, until=over)
    hear(Hearing.objects.filter(sittings__run=run).first().pk)
    assert len(mistral.calls) == 0
    assert Breaker.objects.get().until <= timezone.now()


def test_the_sum_of_the_receipts_is_the_cost_of_the_run_and_of_the_day(mistral, pairing):
    run = convened(pairing)
    hear_all(run)
    paid = sum(Attempt.objects.values_list("cost_usd", flat=True))
    assert paid > 0
    assert progress(run).cost_usd == paid
    spend = Spend.objects.get()
    assert (spend.spent_usd, spend.reserved_usd) == (paid, Decimal(0))


def test_a_receipt_opened_on_the_stroke_of_midnight_is_paid_on_one_day(mistral, pairing, monkeypatch):
    hearing = Hearing.objects.filter(sittings__run=convened(pairing)).first()
    provider, question = provider_for("mistral"), question_of(hearing)
    hearing.fence = hearing.attempts = 1
    midnight = datetime(2030, 1, 1, tzinfo=UTC)
    clock = count()
    with monkeypatch.context() as patch:  # every look at it is a second later
        patch.setattr(timezone, "now", lambda: midnight + timedelta(seconds=next(clock) - 1))
        receipt = open_receipt(hearing, provider, question, run=None, repair=False)
    close_answered(receipt, provider, provider.ask(question))
    spend = Spend.objects.get()
    assert spend.day == date(2029, 12, 31)
    assert spend.reserved_usd == 0 < spend.spent_usd


def test_a_spent_budget_pauses_the_run_and_more_money_lets_it_go_on(mistral, pairing, settings):
    found = estimate(on_the_table(pairing))
    settings.PANEL_DAILY_BUDGET_USD = found.cost_usd / 12
    run = convened(pairing)
    hear_all(run, rounds=1)
    assert run.state == Run.State.PAUSED_BUDGET
    assert 0 < len(mistral.calls) < 16
    spend = Spend.objects.get()
    assert spend.spent_usd + spend.reserved_usd <= settings.PANEL_DAILY_BUDGET_USD
    settings.PANEL_DAILY_BUDGET_USD = Decimal(100)
    sweep()
    hear_all(run)
    assert run.state == Run.State.DONE
    assert len(mistral.calls) == 16


def test_a_call_of_unknown_outcome_counts_at_what_was_reserved(mistral, pairing):
    run = convened(pairing)
    hearing = Hearing.objects.filter(sittings__run=run).first()
    Attempt.objects.create(
        hearing=hearing,
        run=run,
        number=1,
        fence=1,
        provider="mistral",
        requested_model="m",
        prompt_sha="0" * 64,
        reserved_usd=Decimal("0.25"),
    )
    assert progress(run).cost_usd == Decimal("0.25")


def test_an_answer_that_recites_its_orders_is_never_shown(mistral, pairing):
    def recite(body):
        return body["messages"][0]["content"]

    mistral.answer = recite
    hear_all(convened(pairing))
    assert Verdict.objects.get().judge_kinds == ["rubric"]
    assert Attempt.objects.filter(provider="mistral", outcome="answered").count() == 0


def test_a_judge_whose_settings_changed_since_is_not_asked_in_its_name(mistral, pairing, settings):
    run = convened(pairing)
    settings.MISTRAL_MODEL = "another-model"
    hear_all(run)
    assert len(mistral.calls) == 0
    assert Sitting.objects.get(run=run).judge.kind == "rubric"


def test_nobody_to_ask_is_said(settings, pairing):
    settings.PANEL_JUDGES = ("mistral",)
    with pytest.raises(NobodyToAsk):
        convened(pairing)
    assert Run.objects.count() == 0
