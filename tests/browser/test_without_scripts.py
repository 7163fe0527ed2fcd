"""The same journeys with scripts switched off: plain links and forms."""

import pytest
from playwright.sync_api import expect

from comparisons.votes.models import Vote
from tests.browser.catalogue import HEARD

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("browser")]


@pytest.fixture
def plain(visit, catalogue):
    return visit(java_script_enabled=False)


def test_two_names_lead_to_their_comparison(plain):
    plain.goto("/")
    plain.get_by_label("First model").fill("birch mini")
    plain.get_by_label("Second model").fill("aldr large")
    plain.get_by_role("button", name="Compare", exact=True).click()
    # Nothing is guessed: what was probably meant is offered beside the field.
    plain.get_by_role("main").get_by_role("link", name="Alder Large").first.click()
    plain.wait_for_url(f"**{HEARD}")


def test_a_vote_is_given_changed_and_taken_back(plain):
    plain.goto(HEARD)
    plain.get_by_role("button", name="Ship both").click()
    plain.wait_for_url(f"**{HEARD}#vote")
    expect(plain.get_by_text("3 community votes")).to_be_visible()
    plain.get_by_role("link", name="See or take back your vote").click()
    expect(plain.get_by_role("button", name="Ship both")).to_have_attribute("aria-pressed", "true")
    plain.get_by_role("button", name="Skip both").click()
    assert sorted(Vote.objects.values_list("choice", flat=True)) == ["both", "left", "neither"]
    plain.get_by_role("link", name="See or take back your vote").click()
    plain.get_by_role("button", name="Take back my vote").click()
    expect(plain.get_by_text("2 community votes")).to_be_visible()


def test_a_counterpoint_is_refused_beside_its_fields_and_then_sent(visit, catalogue, monkeypatch):
    monkeypatch.setattr("comparisons.counterpoints.forms.LEAST_SECONDS", -1)
    plain = visit(java_script_enabled=False, refusals=(422,))
    plain.goto(HEARD)
    plain.get_by_role("link", name="Write a counterpoint").click()
    plain.get_by_label("Your counterpoint").fill("Both cards leave out what a long answer costs.")
    plain.get_by_role("button", name="Send for review").click()
    expect(plain.get_by_text("Say what it does.")).to_be_visible()
    plain.get_by_label("Extend").check()
    plain.get_by_role("button", name="Send for review").click()
    expect(plain.get_by_text("Waiting for a moderator.")).to_be_visible()
    expect(plain.get_by_text("what a long answer costs")).to_be_visible()


def test_the_list_of_models_is_filtered_by_its_button(plain):
    plain.goto("/models/")
    plain.get_by_label("Weights").select_option("open")
    plain.get_by_role("button", name="Show").click()
    expect(plain.locator("table.catalog tbody th a")).to_have_text(["Alder Large"])
    assert "weights=open" in plain.url


def test_nothing_is_shown_that_only_a_script_can_do(plain):
    plain.goto(HEARD)
    for name in ("Switch between light and dark", "Keyboard keys", "Copy ollama pull alder-large"):
        expect(plain.get_by_role("button", name=name)).to_have_count(0)
