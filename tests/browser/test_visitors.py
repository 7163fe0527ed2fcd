"""What a visitor does, from picking two models to taking back a vote, and what their browser remembers."""

import pytest
from playwright.sync_api import expect

from comparisons.counterpoints.models import Counterpoint
from comparisons.votes.models import Vote
from tests.browser.catalogue import HEARD

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("browser")]

TEXT = "Birch is cheap **per token**, and needs three times as many of them."


def pressed(page, name):
    return expect(page.get_by_role("button", name=name))


@pytest.fixture
def no_hurry(monkeypatch):
    """Nobody types a counterpoint within three seconds, except a test. Opening times are rounded: −1."""
    monkeypatch.setattr("comparisons.counterpoints.forms.LEAST_SECONDS", -1)


def test_from_the_picker_to_a_vote_that_is_changed_and_taken_back(page):
    page.goto("/")
    first, second = page.get_by_label("First model"), page.get_by_label("Second model")
    first.press_sequentially("birch")
    expect(page.get_by_role("option", name="Birch Mini")).to_be_visible()
    page.keyboard.press("ArrowDown")
    expect(first).to_have_attribute("aria-activedescendant", "pick-a-option-1")
    page.keyboard.press("Enter")
    expect(first).to_have_value("Birch Mini")
    expect(second).to_be_focused()
    second.press_sequentially("aldr")  # a slip of the finger
    expect(page.get_by_role("option", name="Alder Large")).to_be_visible()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Compare", exact=True)).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{HEARD}")  # the canonical order, whichever was typed first
    expect(page.get_by_role("heading", level=1)).to_have_text("Alder Large vs Birch Mini")

    pressed(page, "Ship Birch Mini").to_have_attribute("aria-pressed", "false")
    page.get_by_role("button", name="Ship Birch Mini").click()
    pressed(page, "Ship Birch Mini").to_have_attribute("aria-pressed", "true")
    expect(page.get_by_text("3 community votes")).to_be_visible()
    page.get_by_role("button", name="Skip both").click()
    pressed(page, "Skip both").to_have_attribute("aria-pressed", "true")
    pressed(page, "Ship Birch Mini").to_have_attribute("aria-pressed", "false")
    expect(page.get_by_text("3 community votes")).to_be_visible()
    page.reload()
    pressed(page, "Skip both").to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="Take back my vote").click()
    pressed(page, "Skip both").to_have_attribute("aria-pressed", "false")
    expect(page.get_by_text("2 community votes")).to_be_visible()
    assert Vote.objects.count() == 2


def test_with_the_reader_s_own_colors_one_sees_what_is_chosen(visit, catalogue):
    page = visit(forced_colors="active", color_scheme="dark")
    page.add_init_script("localStorage.setItem('theme', 'light')")
    color = "node => getComputedStyle(node).backgroundColor"
    page.goto(HEARD)
    paper = page.locator("body").evaluate(color)
    # A light page was chosen here, and the system's colors are dark: pictures keep no ink for paper.
    assert page.locator(".bar-name").first.evaluate("node => getComputedStyle(node).fill") != paper
    assert paper == "rgb(0, 0, 0)"
    page.get_by_role("button", name="Ship both").click()
    pressed(page, "Ship both").to_have_attribute("aria-pressed", "true")
    chosen, other = (
        page.get_by_role("button", name=name).evaluate(color) for name in ("Ship both", "Skip both")
    )
    assert chosen != other
    page.goto("/")
    page.get_by_label("First model").press_sequentially("birch")
    expect(page.get_by_role("option", name="Birch Mini")).to_be_visible()
    page.keyboard.press("ArrowDown")
    assert page.get_by_role("option", name="Birch Mini").evaluate(color) != paper


def test_a_click_before_the_ballot_has_come_is_not_lost(page):
    held = {}
    page.route(f"**{HEARD}vote/", lambda it: held.update({it.request.method: it}))
    page.goto(HEARD)
    page.wait_for_function("() => document.querySelector('#ballot.htmx-request')")
    page.get_by_role("button", name="Ship both").click()
    page.wait_for_function("() => document.querySelector('#ballot form.htmx-request')")
    # The visitor's ballot comes between the click and its answer.
    with page.expect_response(lambda answer: answer.request.method == "GET"):
        held["GET"].continue_()
    page.wait_for_function("() => !document.querySelector('#ballot.htmx-request')")
    held["POST"].continue_()
    pressed(page, "Ship both").to_have_attribute("aria-pressed", "true")
    expect(page.get_by_text("3 community votes")).to_be_visible()


def test_somebody_else_sees_the_count_and_not_whose_vote_it_is(page, visit):
    page.goto(HEARD)
    page.get_by_role("button", name="Ship both").click()
    pressed(page, "Ship both").to_have_attribute("aria-pressed", "true")
    other = visit()
    other.goto(HEARD)
    expect(other.get_by_text("3 community votes")).to_be_visible()
    pressed(other, "Ship both").to_have_attribute("aria-pressed", "false")


def test_a_counterpoint_is_seen_by_its_author_alone_until_it_is_approved(page, visit, no_hurry):
    page.goto(HEARD)
    page.get_by_role("link", name="Write a counterpoint").click()
    page.get_by_label("Push back").check()
    page.get_by_label("Your counterpoint").fill(TEXT)
    page.get_by_label("It answers").select_option("skeptic:right")
    page.get_by_role("button", name="Send for review").click()
    expect(page.get_by_text("Sent for review.")).to_be_visible()
    page.get_by_role("link", name="your counterpoint").click()
    expect(page.get_by_text("Waiting for a moderator.")).to_be_visible()
    expect(page.locator("strong", has_text="per token")).to_be_visible()
    stranger = visit()
    for reader in (page, stranger):
        reader.goto(HEARD)
        expect(reader.get_by_role("heading", name="Counterpoints")).to_be_visible()
        assert "three times as many" not in reader.content()
    assert Counterpoint.objects.filter(state="pending").count() == 1


def test_a_refused_counterpoint_keeps_what_was_typed(visit, catalogue, no_hurry):
    page = visit(refusals=(422,))
    page.goto(HEARD)
    page.get_by_role("link", name="Write a counterpoint").click()
    page.get_by_label("Your counterpoint").fill("Too short.")
    page.get_by_role("button", name="Send for review").click()
    expect(page.get_by_text("Say what it does.")).to_be_visible()
    expect(page.get_by_text("write at least 20")).to_be_visible()
    expect(page.get_by_label("Your counterpoint")).to_have_value("Too short.")


def test_filters_stand_in_the_address_and_the_address_brings_them_back(page, visit):
    def models(reader):
        return expect(reader.locator("table.catalog tbody th a"))

    page.goto("/models/")
    models(page).to_have_count(3)
    page.get_by_label("License").select_option("permissive")
    models(page).to_have_text(["Alder Large"])
    page.wait_for_url("**/models/?*license=permissive*")
    page.get_by_label("Context at least").fill("100K")
    page.keyboard.press("Tab")
    page.wait_for_url("**/models/?*context=100K*")
    page.reload()
    models(page).to_have_text(["Alder Large"])
    friend = visit()
    friend.goto(page.url)
    models(friend).to_have_text(["Alder Large"])
    expect(friend.get_by_label("License")).to_have_value("permissive")
    page.go_back()
    page.wait_for_url(lambda address: "context" not in address)
    models(page).to_have_text(["Alder Large"])


def test_the_chosen_theme_is_remembered_over_pages(page):
    def paper():
        return page.evaluate("getComputedStyle(document.body).backgroundColor")

    page.emulate_media(color_scheme="light")
    page.goto("/")
    light = paper()
    page.get_by_role("button", name="Switch between light and dark").click()
    assert paper() != light
    dark = paper()
    page.goto("/models/")
    assert paper() == dark
    page.get_by_role("button", name="Switch between light and dark").click()
    page.reload()
    assert paper() == light


def test_only_rows_that_differ_and_a_command_to_copy(page):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(HEARD)
    same = page.locator(".decision-table tbody tr:not(.differs)").first
    expect(same).to_be_visible()
    page.get_by_label("Only rows that differ").check()
    expect(same).to_be_hidden()
    page.get_by_role("button", name="Copy ollama pull alder-large").click()
    expect(page.get_by_text("Copied to the clipboard.")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == "ollama pull alder-large"


def test_a_copy_button_pressed_twice_gets_its_own_word_back(page):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(HEARD)
    button = page.get_by_role("button", name="Copy ollama pull alder-large")
    button.click()
    expect(button).to_have_text("Copied")
    button.click()
    page.wait_for_timeout(2500)
    expect(button).to_have_text("Copy")
