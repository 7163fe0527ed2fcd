"""A staff member signs in, convenes two models and watches the run; and the guard of all these journeys."""

import re

import pytest
from playwright.sync_api import expect

from comparisons.pairings.models import Pairing
from comparisons.switches.models import Switch
from panel.models import Run
from tests.browser.axe import violations
from tests.browser.catalogue import HEARD, hear_all

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("browser")]


DESK = (
    "/panel/desk/", "/panel/switches/", "/panel/audit/", "/panel/audit/?by=nobody", "/panel/cards/",
    "/panel/cards/?q=nothing+like+it", "/panel/cards/alder-large/", "/panel/cards/import/",
)  # fmt: skip
CARD = """
labs: [{slug: new-lab, name: New Lab}]
cards: [{slug: newcomer-1, lab: new-lab, name: Newcomer 1, category: General, context_tokens: 64000}]
"""


def test_an_admin_adds_a_card_and_watches_it_heard_against_three_others(page, admin_user):
    page.goto("/panel/desk/")
    page.get_by_label("Name").fill("admin")
    page.get_by_label("Password").fill("password")
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url("**/panel/desk/")
    page.get_by_role("link", name="Import cards").click()
    page.get_by_label("Cards", exact=True).fill(CARD)
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_role("status").filter(has_text="would have")).to_contain_text("created 1")
    page.get_by_role("button", name="Write 1 card").click()
    page.get_by_role("link", name="Newcomer 1").click()
    page.get_by_role("link", name="Convene it against others").click()
    expect(page.get_by_label("Model", exact=True)).to_have_value("newcomer-1")
    page.get_by_label("Against").fill("alder-large\nCedar\nbirch-mini")
    page.get_by_role("button", name="Estimate").click()
    expect(page.get_by_role("status").filter(has_text="Newcomer 1 vs 3 others")).to_contain_text(
        "hearings are new"
    )
    assert Run.objects.count() == 1  # the catalogue's own: an estimate convenes nothing
    page.get_by_role("button", name=re.compile("^Convene")).click()
    page.wait_for_url("**/panel/runs/*/")

    page.get_by_role("button", name="Stop this run").click()
    expect(page.get_by_role("heading", name="Stopped")).to_be_visible()
    page.get_by_role("button", name="Go on with this run").click()
    expect(page.get_by_role("heading", name="Running")).to_be_visible()
    run = Run.objects.latest("started_at")
    assert run.started_by == admin_user
    hear_all(run)
    expect(page.get_by_role("heading", name="Done")).to_be_visible()  # the page asks by itself
    page.get_by_role("link", name="alder-large-vs-newcomer-1").click()
    expect(page.get_by_role("heading", name="Reviewer by reviewer")).to_be_visible()
    assert Pairing.objects.filter(verdict__isnull=False).count() == 4


def test_the_guard_of_these_journeys_hears_what_it_listens_for(catalogue, watched):
    context, watch = watched()
    page = context.new_page()
    page.goto(HEARD)
    page.wait_for_load_state("networkidle")
    assert watch.complaints == []
    page.evaluate("document.body.setAttribute('style', 'color: red')")
    page.evaluate("document.head.append(Object.assign(document.createElement('script'), {textContent: '1'}))")
    page.evaluate("fetch('http://127.0.0.1:9/').catch(() => {})")
    page.wait_for_function("() => true")
    heard = " ".join(watch.complaints)
    watch.complaints.clear()
    assert "CSP style-src-attr refused inline" in heard
    assert "CSP script-src-elem refused inline" in heard
    assert "CSP connect-src refused http://127.0.0.1:9" in heard


@pytest.mark.parametrize("width", [320, 640])
def test_no_page_of_the_panel_scrolls_sideways(visit, catalogue, signed_in, width):
    Switch.objects.create(name="votes", stopped=True, reason="https://status.example/" + "x" * 90)
    page = signed_in(visit(viewport={"width": width, "height": 700}))
    wide = []
    for address in (*DESK, "/panel/", catalogue.run.get_absolute_url(), "/digest/desk/"):
        page.goto(address)
        page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })")
        if page.evaluate("document.documentElement.scrollWidth") > width:
            wide.append(address)
    assert wide == []


def test_axe_finds_nothing_at_the_panel_s_desk(visit, catalogue, signed_in):
    page = signed_in(visit(refusals=(422,)))
    found = []
    for address in DESK:
        page.goto(address)
        found += violations(page, address)

    page.goto("/panel/cards/import/")
    page.get_by_label("Cards", exact=True).fill("cards: [nonsense")
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_text("Not yaml")).to_be_visible()
    found += violations(page, "an import that was refused")
    page.get_by_label("Cards", exact=True).fill(CARD)
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_role("button", name="Write 1 card")).to_be_visible()
    found += violations(page, "the preview of an import")
    page.get_by_role("button", name="Write 1 card").click()
    expect(page.get_by_role("link", name="Newcomer 1")).to_be_visible()
    found += violations(page, "an import that was written")

    page.goto("/panel/switches/")
    page.get_by_label("Reason, as readers will see it").first.fill("The count is checked.")
    page.get_by_role("button", name="Stop").first.click()
    expect(page.get_by_role("button", name="Let it run again")).to_be_visible()
    found += violations(page, "a switch that is stopped")
    page.goto("/panel/desk/")
    found += violations(page, "something was done and stopped")
    assert not found, "\n".join(found)
