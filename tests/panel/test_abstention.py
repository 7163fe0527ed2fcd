"""A reviewer whose card says too little abstains, whoever judges, and no model is asked or paid."""

from decimal import Decimal

import pytest
from django.utils.html import escape

from comparisons.pairings.models import Pairing
from comparisons.reviews.models import Review, Verdict
from panel.actions.convene import convene, estimate
from panel.actions.hear import hear
from panel.models import Attempt, Hearing, Run
from tests.factories.cards import make_card

pytestmark = pytest.mark.django_db


@pytest.fixture
def pairing():
    """The founder needs a price or a license; only `beta` has one."""
    return Pairing.objects.between(make_card("alpha"), make_card("beta", license_class="permissive"))


def on_the_table(pairing):
    return Pairing.objects.with_cards().filter(pk=pairing.pk)


def heard(pairing):
    run = convene(on_the_table(pairing), scope=pairing.slug)
    for pk in Hearing.objects.filter(sittings__run=run).values_list("pk", flat=True):
        hear(pk)
    run.refresh_from_db()
    return run


def abstaining():
    return Hearing.objects.get(kind="review", persona__slug="founder", first__card__slug="alpha")


def test_of_a_card_that_says_too_little_no_model_is_asked(mistral, pairing):
    heard(pairing)
    assert len(mistral.calls) == 15  # of 8 reviews one is not asked; 8 picks
    receipt = abstaining().receipts.get()
    assert (receipt.provider, receipt.host, receipt.outcome) == ("rubric", "", "answered")
    assert (receipt.reserved_usd, receipt.cost_usd) == (Decimal(0), Decimal(0))
    assert receipt.requested_model.startswith("rubric")


def test_the_abstention_is_published_without_a_score_and_counts_nowhere(mistral, pairing):
    run = heard(pairing)
    assert run.state == Run.State.DONE
    review = Review.objects.get(score=None)
    assert (review.reviewer_id, review.snapshot.card.slug, review.ship) == ("founder", "alpha", False)
    assert "The fake has read the card." not in review.paragraph
    verdict = Verdict.objects.get()
    assert (verdict.left_n, verdict.right_n) == (3, 4)
    assert verdict.judge_kinds == ["mistral"]
    assert not verdict.provisional
    assert verdict.fell_back_from == ""


def test_an_abstention_is_estimated_at_nothing(mistral, pairing):
    before = estimate(on_the_table(pairing))
    make_card("alpha", license_class="permissive")
    after = estimate(on_the_table(Pairing.objects.get(pk=pairing.pk)))
    assert before.new == after.new == 16
    reserved = after.cost_usd / 16
    assert after.cost_usd - before.cost_usd > reserved / 4


def test_an_abstention_needs_no_money(mistral, pairing, settings):
    settings.PANEL_DAILY_BUDGET_USD = Decimal(0)
    convene(on_the_table(pairing), scope=pairing.slug)
    hear(abstaining().pk)
    assert abstaining().state == Hearing.State.DONE
    assert abstaining().answer["score"] is None
    assert len(mistral.calls) == 0


def test_an_abstention_heard_again_is_heard_from_the_books(mistral, pairing):
    heard(pairing)
    receipts = Attempt.objects.count()
    found = estimate(on_the_table(pairing))
    assert (found.new, found.cached, found.cost_usd) == (0, 16, Decimal(0))
    heard(pairing)
    assert Attempt.objects.count() == receipts


def test_a_card_that_learns_its_license_is_asked_about(mistral, pairing):
    heard(pairing)
    make_card("alpha", license_class="permissive")
    heard(pairing)
    assert (
        Hearing.objects.filter(kind="review", persona__slug="founder", first__card__slug="alpha").count() == 2
    )
    assert Review.objects.filter(score=None).count() == 1
    assert Verdict.objects.filter(superseded_at=None).get().left_n == 4


def test_readers_are_told_who_abstained_and_why_and_not_that_the_model_spoke(mistral, pairing, client):
    heard(pairing)
    why = Review.objects.get(score=None).paragraph
    for address in ("/compare/alpha-vs-beta/", "/models/alpha/", "/reviewers/founder/"):
        page = client.get(address).content.decode()
        said = page[page.index(escape(why)[:40]) - 1500 :][:3500]
        assert "abstained" in said.lower()
        assert "no model" in said
    page = client.get("/compare/alpha-vs-beta/").content.decode()
    assert page.count("The Founder abstained for want of facts; no model was asked") == 1
    assert page.count('<p class="by">mistral-medium-2604,') == 7


def test_the_receipt_of_an_abstention_names_no_model_as_its_author(mistral, pairing, client):
    heard(pairing)
    page = client.get(f"/receipts/{abstaining().receipts.get().pk}/").content.decode()
    assert "mistral-medium-2604 was not asked." in page
    assert "before mistral-medium-2604" not in page
