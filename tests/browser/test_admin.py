"""Django's admin under our content policy: whoever works there sees no violation and no failing script."""

import pytest

from comparisons.cards.models import Card

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("browser")]

LOOK = """() => {
  const heading = getComputedStyle(document.querySelector("h1"));
  return [getComputedStyle(document.body).backgroundColor, heading.color, heading.fontFamily];
}"""


def test_the_admin_works_under_our_content_policy(page, signed_in):
    """`page` fails the test for each violation, error and foreign request: tests/browser/chromium.py."""
    signed_in(page)
    card = Card.objects.order_by("slug").first()
    for address in ("/admin/", "/admin/comparisons/card/", f"/admin/comparisons/card/{card.pk}/change/"):
        answer = page.goto(address)
        assert answer.status == 200, address
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        page.wait_for_load_state("networkidle")
    # Its scripts run.
    page.goto("/admin/")
    page.locator("button.theme-toggle").first.click()
    assert page.evaluate("document.documentElement.dataset.theme") in {"light", "dark", "auto"}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_admin_stands_on_the_sites_paper_and_in_its_type(page, signed_in, scheme):
    page.emulate_media(color_scheme=scheme)
    page.goto("/models/")
    ours = page.evaluate(LOOK)
    signed_in(page)
    page.goto("/admin/comparisons/card/")
    assert page.evaluate(LOOK) == ours
