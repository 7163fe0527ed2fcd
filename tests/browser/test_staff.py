"""A staff member signs in, convenes two models and watches the run; and the guard of all these journeys."""

import re

import pytest
from playwright.sync_api import expect

from comparisons.pairings.models import Pairing
from panel.models import Run
from tests.browser.catalogue import HEARD, hear_all

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("browser")]


def test_from_signing_in_to_a_verdict(page, admin_user):
    page.goto("/panel/")
    page.get_by_label("Name").fill("admin")
    page.get_by_label("Password").fill("password")
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url("**/panel/")
    page.get_by_label("Model A").fill("alder-large")
    page.get_by_label("Model B").fill("Cedar")
    page.get_by_role("button", name="Estimate").click()
    expect(page.get_by_role("status").filter(has_text="Alder Large vs Cedar")).to_contain_text(
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
    page.get_by_role("link", name="alder-large-vs-cedar").click()
    expect(page.get_by_role("heading", name="Reviewer by reviewer")).to_be_visible()
    assert Pairing.objects.filter(verdict__isnull=False).count() == 2


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
