"""A run in batches is a run: the same questions, rows, receipts and pages, at half the price."""

import json
import zlib
from decimal import Decimal

import pytest

from comparisons.reviews.models import Verdict
from panel.actions.convene import convene, estimate
from panel.costs import in_batch
from panel.models import Attempt, Batch, Hearing, Sitting, Spend
from tests.panel.batches.running import (
    Pairing,
    check_the_books,
    convened,
    hear_what_waits,
    look,
    make_card,
    make_pairing,
    published,
    receipts,
    rows,
    the_batch,
)

pytestmark = pytest.mark.django_db


def forget_everything():
    Pairing.objects.update(verdict=None)
    for table in (Verdict, Sitting):
        table.objects.all().delete()
    Hearing.objects.update(receipt=None, state="queued", answer=None)
    for table in (Attempt, Hearing, Batch, Spend):
        table.objects.all().delete()


def both_ways(mistral):
    """What a plain run and then a run in batches leave behind."""
    run = convene(Pairing.objects.with_cards(), scope="plain")
    hear_what_waits(run)
    check_the_books(run)
    plain = (published(), receipts(), rows(), list(Attempt.objects.values_list("cost_usd", flat=True)))
    calls = [call.body for call in mistral.calls]
    forget_everything()
    mistral.calls.clear()
    run = convened()
    look()
    look()
    hear_what_waits(run)
    check_the_books(run)
    return plain, calls


def test_rows_receipts_and_pages_are_those_of_a_plain_run(mistral):
    make_pairing()
    make_pairing("alpha", "gamma", context_tokens=9000)
    plain, calls = both_ways(mistral)
    assert published() == plain[0]
    assert receipts() == plain[1]
    assert rows() == plain[2]
    assert len(mistral.calls) == 0
    asked = [request["body"] for request in mistral.jobs.made[0].requests]
    assert sorted(map(json.dumps, asked)) == sorted(map(json.dumps, calls))
    assert len(asked) == 28  # three cards' reviews, two pairings' picks in both orders


def test_every_call_costs_half_and_says_so(mistral):
    make_pairing()
    plain, _ = both_ways(mistral)
    costs = list(Attempt.objects.values_list("cost_usd", flat=True))
    assert sorted(costs) == sorted(map(in_batch, plain[3]))
    assert 0 < sum(costs) <= sum(plain[3]) * Decimal("0.51")


def test_a_receipt_names_its_batch_and_does_not_make_up_a_time(mistral, client):
    make_pairing()
    convened()
    look()
    look()
    receipt = Attempt.objects.filter(outcome="answered").first()
    record = client.get(f"/receipts/{receipt.pk}/?format=json").json()
    assert record["batch"] == {
        "id": str(the_batch().pk), "job": the_batch().remote_id, "price": "half"
    }  # fmt: skip
    assert record["latency_ms"] is None
    sent = json.loads(zlib.decompress(receipt.raw_request))
    assert sent["custom_id"] == receipt.hearing.cache_key
    assert json.loads(record["response"])["custom_id"] == receipt.hearing.cache_key
    page = client.get(f"/receipts/{receipt.pk}/").content.decode()
    assert "unknown: answered within a batch job" in page
    assert f"in batch job <code>{the_batch().remote_id}</code>" in page
    assert "half the prices of" in page


def test_who_abstains_is_not_put_into_a_batch(mistral):
    Pairing.objects.between(make_card("alpha"), make_card("beta", license_class="permissive"))
    plain, _ = both_ways(mistral)
    assert (published(), receipts(), rows()) == plain[:3]
    assert len(mistral.jobs.made[0].requests) == 15


def test_an_answer_that_does_not_fit_is_repaired_by_one_single_call(mistral):
    make_pairing()
    run = convened()
    mistral.jobs.lines(lambda number, body: "wrong_schema" if number == 2 else "ok")
    look()
    look()
    hear_what_waits(run)
    check_the_books(run)
    assert len(mistral.calls) == 1
    assert "could not be used" in mistral.calls[0].body["messages"][-1]["content"]
    refused, repaired = Attempt.objects.filter(
        hearing=Attempt.objects.get(outcome="refused").hearing
    ).order_by("opened_at")
    assert (refused.repair, refused.batch_id, refused.error_class) == (
        False, the_batch().pk, "UnusableReply"
    )  # fmt: skip
    assert (repaired.repair, repaired.batch_id, repaired.number) == (True, None, 1)
    assert Verdict.objects.get().judge_kinds == ["mistral"]


def test_a_repaired_run_leaves_what_a_repaired_plain_run_leaves(mistral):
    make_pairing()

    def clumsy(body):
        asked = body["messages"][-1]["content"]
        return None if "could not be used" in asked or "Card A" not in asked else "no form"

    mistral.answer = clumsy
    plain, _ = both_ways(mistral)
    assert (published(), receipts(), rows()) == plain[:3]
    assert len(mistral.calls) == 8


def test_an_answer_cut_short_is_asked_for_again_with_more_room(mistral):
    make_pairing()
    run = convened()
    mistral.jobs.lines(lambda number, body: "length" if number == 0 else "ok")
    look()
    look()
    hear_what_waits(run)
    check_the_books(run)
    assert mistral.calls[0].body["max_tokens"] == 2100


def test_an_answer_that_recites_its_orders_is_quarantined(mistral):
    make_pairing()
    mistral.answer = lambda body: body["messages"][0]["content"]
    run = convened()
    look()
    look()
    hear_what_waits(run)
    run.refresh_from_db()
    assert run.state == "done"
    assert Verdict.objects.get().judge_kinds == ["rubric"]
    assert Attempt.objects.filter(error_class="Quarantined").count() == 16
    assert Hearing.objects.filter(state="dead", batch=None).count() == 16


def test_an_unchanged_catalogue_submits_nothing(mistral):
    make_pairing()
    convened()
    look()
    look()
    again = convened()
    assert again.state == "done"
    assert Batch.objects.count() == 1
    make_card("beta", license_class="permissive", context_tokens=77)
    convened()
    look()
    assert len(mistral.jobs.made[1].requests) == 12  # one card's reviews and its picks


def test_an_estimate_for_a_batch_is_half(mistral):
    make_pairing()
    plain = estimate(Pairing.objects.with_cards())
    batched = estimate(Pairing.objects.with_cards(), in_batches=True)
    assert batched.cost_usd == in_batch(plain.cost_usd) > 0
    assert batched.new == plain.new == 16
