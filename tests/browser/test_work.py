"""Proof of work in a real browser: our own solver against altcha's check."""

import re

import pytest
from playwright.sync_api import expect

from comparisons.counterpoints.models import Counterpoint
from comparisons.votes.models import Vote
from tests.browser.axe import violations
from tests.browser.catalogue import HEARD

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("browser")]

TEXT = "Birch is cheap **per token**, and needs three times as many of them."
KEPT = "Your vote is kept, but not counted"


@pytest.fixture(autouse=True)
def light_work(settings):
    """A tenth of a second's worth, so that a starved machine is done in time too."""
    settings.WORK_HASHES = 50_000


@pytest.fixture
def crowded(settings):
    """Somebody on this network has voted before."""
    settings.VOTES_PER_NETWORK = (0, 3600)
    settings.VOTES_PER_NETWORK_WITH_WORK = (1_000_000, 3600)


@pytest.fixture
def no_hurry(monkeypatch):
    monkeypatch.setattr("comparisons.counterpoints.forms.LEAST_SECONDS", -1)


def fetched(page) -> list[str]:
    found = []
    page.on("request", lambda request: found.append(request.url))
    return found


def test_a_vote_that_takes_work_counts_by_itself(page, crowded):
    asked = fetched(page)
    page.goto(HEARD)
    page.wait_for_load_state("networkidle")
    assert not any("work" in url for url in asked)  # fetched by who needs it
    page.get_by_role("button", name="Ship both").click()
    expect(page.get_by_text("3 community votes")).to_be_visible()
    expect(page.get_by_text(KEPT)).to_have_count(0)
    expect(page.get_by_role("button", name="Ship both")).to_have_attribute("aria-pressed", "true")
    assert any(re.search(r"/work\.js$", url) for url in asked)
    assert not Vote.objects.exclude(set_aside="").exists()


def test_work_can_be_stopped_and_the_vote_stays_kept(page, crowded, settings):
    settings.WORK_HASHES = 100_000_000
    page.goto(HEARD)
    page.get_by_role("button", name="Ship both").click()
    expect(page.get_by_role("status").filter(has_text="not in a hurry")).to_be_visible()
    expect(page.get_by_role("progressbar", name="Proof of work")).to_be_visible()
    assert violations(page, "while it works") == []
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("Stopped. Press your answer again")).to_be_visible()
    assert Vote.objects.filter(set_aside="too_many", choice="both").count() == 1
    settings.WORK_HASHES = 1_000
    page.get_by_role("button", name="Ship both").click()
    expect(page.get_by_text(KEPT)).to_have_count(0)
    assert not Vote.objects.exclude(set_aside="").exists()


def test_without_scripts_a_vote_in_a_crowd_is_kept_aside(visit, catalogue, crowded):
    plain = visit(java_script_enabled=False)
    plain.goto(HEARD)
    plain.get_by_role("button", name="Ship both").click()
    plain.wait_for_url(f"**{HEARD}vote/")
    expect(plain.get_by_text(KEPT)).to_be_visible()
    expect(plain.get_by_role("link", name="1 set aside")).to_be_visible()
    plain.get_by_role("link", name="Why votes are set aside").click()
    expect(plain.get_by_role("heading", name="Votes set aside")).to_be_visible()


def test_who_decided_a_vote_is_told_in_place(page):
    page.goto(HEARD)
    page.get_by_role("button", name="Ship both").click()
    group = page.get_by_role("group", name="Whose paragraph decided it?")
    group.get_by_role("button", name="Skeptic").click()
    expect(group.get_by_role("button", name="Skeptic")).to_have_attribute("aria-pressed", "true")
    expect(group.get_by_role("button", name="Skeptic")).to_be_focused()
    expect(page.locator("#vote-said")).to_contain_text("decided it")
    assert violations(page, "told who decided it") == []
    page.reload()
    expect(page.get_by_text("Decided 1 community vote")).to_be_visible()


def write(page, text: str = TEXT) -> None:
    page.goto(HEARD)
    page.get_by_role("link", name="Write a counterpoint").click()
    page.get_by_label("Extend").check()
    page.get_by_label("Your counterpoint").fill(text)


def test_a_browser_that_works_lifts_its_counterpoint(page, no_hurry):
    write(page)
    expect(page.locator("input[name=work]")).not_to_have_value("")
    page.get_by_role("button", name="Send for review").click()
    expect(page.get_by_text("Sent for review.")).to_be_visible()
    assert Counterpoint.objects.get(state="pending").proof_of_work


def test_what_was_typed_before_the_solver_arrived_is_worked_for_too(page, no_hurry):
    held = []

    def hold(route):  # Playwright takes no method of a list
        held.append(route)

    page.route("**/work.js", hold)
    write(page)
    held[0].continue_()
    expect(page.locator("input[name=work]")).not_to_have_value("")


def test_without_scripts_a_counterpoint_waits_behind_those(visit, catalogue, no_hurry):
    plain = visit(java_script_enabled=False)
    write(plain)
    plain.get_by_role("button", name="Send for review").click()
    expect(plain.get_by_text("Waiting for a moderator.")).to_be_visible()
    assert not Counterpoint.objects.get(state="pending").proof_of_work


@pytest.mark.parametrize("scripts", [True, False])
def test_too_many_counterpoints_are_refused_and_the_text_stays(visit, catalogue, no_hurry, settings, scripts):
    settings.COUNTERPOINTS_PER_NETWORK = (0, 3600)
    page = visit(refusals=(429,), java_script_enabled=scripts)
    write(page)
    page.get_by_role("button", name="Send for review").click()
    expect(page.get_by_role("alert")).to_contain_text("as many counterpoints as it may for now")
    expect(page.get_by_label("Your counterpoint")).to_have_value(TEXT)
    assert not Counterpoint.objects.filter(state="pending").exists()
