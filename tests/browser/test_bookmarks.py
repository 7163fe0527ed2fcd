"""Bookmarks from the comparison page to the list and back, with scripts and without."""

import pytest
from playwright.sync_api import expect

from comparisons.bookmarks.models import Bookmark
from tests.browser.catalogue import HEARD

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("browser")]
NOTE = "Count the output tokens."


def kept():
    return list(Bookmark.objects.values_list("state", "note"))


def test_a_comparison_is_bookmarked_given_a_state_and_a_note_and_removed(page):
    page.goto(HEARD)
    page.get_by_role("button", name="Bookmark this comparison").click()
    summary = page.locator("summary", has_text="Bookmarked this comparison: to evaluate")
    expect(summary).to_be_focused()  # where the button was
    page.goto("/bookmarks/")
    row = page.locator(".bookmark-page .bookmark-row")
    expect(row.get_by_role("link")).to_have_text("Alder Large vs Birch Mini")
    expect(page.locator(".bookmark-page .shelf-head")).to_have_text("To evaluate 1")

    row.get_by_text("State and note").click()
    row.get_by_label("Note").fill(NOTE)
    row.get_by_role("button", name="In rotation").click()
    expect(page.locator(".bookmark-page .shelf-head")).to_have_text("In rotation 1")
    expect(page.locator(".bookmark-page .bookmark-note")).to_have_text(NOTE)
    assert kept() == [("in_rotation", NOTE)]

    row.get_by_text("State and note").click()
    row.get_by_role("button", name="Remove bookmark").click()
    expect(page.locator(".bookmark-page").get_by_text("Nothing is bookmarked yet.")).to_be_visible()
    page.goto(HEARD)
    expect(page.get_by_role("button", name="Bookmark this comparison")).to_be_visible()
    assert kept() == []


def test_the_same_without_scripts(visit, catalogue):
    plain = visit(java_script_enabled=False)
    plain.goto(HEARD)
    plain.get_by_role("link", name="Bookmark this comparison").click()
    plain.get_by_role("button", name="Bookmark this comparison").click()
    expect(plain.get_by_text("Bookmarked this comparison: to evaluate")).to_be_visible()
    plain.get_by_text("Bookmarked this comparison: to evaluate").click()
    plain.get_by_label("Note").first.fill(NOTE)
    plain.get_by_role("button", name="In rotation").first.click()
    assert kept() == [("in_rotation", NOTE)]

    plain.get_by_role("link", name="All bookmarks").click()
    expect(plain.get_by_role("heading", name="In rotation 1")).to_be_visible()
    expect(plain.locator(".bookmark-page .bookmark-note")).to_have_text(NOTE)
    plain.get_by_text("State and note").click()
    plain.get_by_role("button", name="Remove bookmark").click()
    plain.goto("/bookmarks/")
    expect(plain.locator(".bookmark-page").get_by_text("Nothing is bookmarked yet.")).to_be_visible()
    assert kept() == []


def test_bookmarks_are_nobody_else_s(page, visit):
    page.goto(HEARD)
    page.get_by_role("button", name="Bookmark Alder Large").click()
    expect(page.locator("summary", has_text="Bookmarked Alder Large: to evaluate")).to_be_visible()
    other = visit()
    other.goto(HEARD)
    expect(other.get_by_role("button", name="Bookmark Alder Large")).to_be_visible()
    other.goto("/bookmarks/")
    expect(other.locator(".bookmark-page").get_by_text("Nothing is bookmarked yet.")).to_be_visible()
