"""axe-core finds nothing: every template, in its states, in both themes, on a phone and at a desk."""

import pytest
from playwright.sync_api import expect

from comparisons.counterpoints.models import Counterpoint
from tests.articles.conftest import make_article
from tests.browser.axe import violations
from tests.browser.catalogue import HEARD, UNHEARD
from tests.factories.benches import make_panel

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("browser")]

PUBLIC = [
    "/",
    "/compare/",
    "/compare/?outcome=split&q=nothing+like+it",
    "/compare/?a=alder-large&b=alder-large",
    "/compare/?a=alder&b=no-such-model",
    UNHEARD,
    f"{HEARD}vote/",
    f"{HEARD}counterpoints/new/",
    "/models/",
    "/models/?q=nothing+like+it",
    "/models/alder-large/",
    "/models/cedar/",
    "/reviewers/",
    "/reviewers/skeptic/",
    "/methodology/",
    "/articles/",
    "/bookmarks/",
    "/api/docs/",
]


def settle(page):
    """The fragment that belongs to the visitor has arrived, and everything folded is open."""
    page.wait_for_function("() => !document.querySelector('[hx-trigger=load]')")
    page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })")


def test_every_public_page_in_its_plain_state(page):
    found = []
    for address in PUBLIC:
        page.goto(address)
        settle(page)
        found += violations(page, address)
    assert not found, "\n".join(found)


def test_the_comparison_page_before_and_after_its_fragments_change(page):
    page.goto(HEARD)
    expect(page.get_by_role("button", name="Ship both")).to_have_attribute("aria-pressed", "false")
    settle(page)
    found = violations(page, "as it comes")
    page.get_by_role("button", name="Ship Alder Large").click()
    expect(page.get_by_role("button", name="Take back my vote")).to_be_visible()
    page.get_by_role("link", name="Write a counterpoint").click()
    expect(page.get_by_label("Your counterpoint")).to_be_visible()
    page.get_by_role("button", name="Keyboard keys").click()
    found += violations(page, "voted, form open, keys shown")
    assert not found, "\n".join(found)


def test_a_refused_counterpoint(visit, catalogue):
    page = visit(refusals=(422,))
    page.goto(HEARD)
    page.get_by_role("link", name="Write a counterpoint").click()
    page.get_by_role("button", name="Send for review").click()
    expect(page.get_by_text("Write what you want to say.")).to_be_visible()
    assert violations(page, "refused") == []


def test_an_article(page):
    make_article(cards=("alder-large", "birch-mini"))
    found = []
    for address in ("/articles/", "/articles/a-local-model/"):
        page.goto(address)
        settle(page)
        found += violations(page, address)
    assert not found, "\n".join(found)


def test_an_author_s_private_page(page, catalogue):
    counterpoint = catalogue.counterpoint
    found = []
    for state in ("approved", "pending"):
        decided = counterpoint.decided_at if state == "approved" else None
        Counterpoint.objects.filter(pk=counterpoint.pk).update(state=state, decided_at=decided)
        page.goto(counterpoint.private_address)
        found += violations(page, state)
    assert not found, "\n".join(found)


def test_suggestions_of_the_picker(page):
    page.goto("/compare/")
    found = []
    for typed, shown in (("al", "Alder Large"), ("zzzzzz", "No model is near")):
        page.get_by_label("First model").fill(typed)
        expect(page.get_by_role("option").filter(has_text=shown)).to_be_visible()
        found += violations(page, f"typed {typed}")
    assert not found, "\n".join(found)


def test_pages_that_are_not_there(visit, catalogue):
    page = visit(refusals=(404,))
    page.goto("/no/such/page/")
    assert violations(page, "404") == []


def test_a_site_without_anything(visit):
    page = visit()
    found = []
    for address in ("/", "/compare/", "/models/", "/reviewers/", "/methodology/"):
        page.goto(address)
        found += violations(page, f"{address} without cards")
    make_panel()
    page.goto("/reviewers/builder/")
    found += violations(page, "a reviewer who has not been heard")
    assert not found, "\n".join(found)


def test_receipts_and_the_panel_s_own_pages(visit, catalogue, signed_in):
    page = signed_in(visit(refusals=(422,)))
    found = []
    for address in (
        catalogue.receipt.get_absolute_url(), "/panel/", catalogue.run.get_absolute_url(), "/style/",
    ):  # fmt: skip
        page.goto(address)
        settle(page)
        found += violations(page, address)
    page.goto("/panel/?one=alder-large&other=cedar")
    page.get_by_role("button", name="Estimate").click()
    expect(page.get_by_role("status").filter(has_text="hearings are new")).to_be_visible()
    found += violations(page, "an estimate")
    page.get_by_label("Against").fill("nothing")
    page.get_by_role("button", name="Estimate").click()
    expect(page.get_by_text("No model has this slug or name.")).to_be_visible()
    found += violations(page, "a refused name")
    assert not found, "\n".join(found)
