"""Everything by keyboard alone, and everything on a narrow screen."""

import pytest
from playwright.sync_api import expect

from comparisons.pairings.models import Pairing
from tests.browser.catalogue import HEARD, UNHEARD
from tests.browser.chromium import ARGUMENTS, program
from tests.factories.cards import make_card
from tests.factories.reviews import make_verdict

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("browser")]

# Where the focus is: in words, whether a ring is drawn, and whether anything (the sticky heads) lies over it.
FOCUS = """() => {
  const here = document.activeElement;
  if (!here || here === document.body) return null;
  const style = getComputedStyle(here);
  const box = here.getClientRects()[0];
  const [x, y] = box ? [box.left + Math.min(box.width, 20) / 2, box.top + box.height / 2] : [-1, -1];
  const over = document.elementFromPoint(x, y);
  const words = here.getAttribute("aria-label") || here.textContent || here.name || "";
  return {
    name: here.tagName + " " + words.trim().slice(0, 40),
    ring: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
    covered: !over || !(here.contains(over) || over.contains(here) || here.labels?.[0]?.contains(over)),
  };
}"""


@pytest.fixture
def large_letters(browser):
    """A browser whose reader set its letters to twice their size, which is no option of a page."""
    large = browser.browser_type.launch(
        executable_path=program(), args=[*ARGUMENTS, "--blink-settings=defaultFontSize=32"]
    )
    yield large
    large.close()


def test_every_stop_of_the_tab_key_shows_and_is_not_covered(page):
    page.goto(HEARD)
    page.wait_for_load_state("networkidle")
    stops = []
    for _ in range(250):
        page.keyboard.press("Tab")
        if (stop := page.evaluate(FOCUS)) is None:
            break
        stops.append(stop)
    names = [stop["name"] for stop in stops]
    assert names[0] == "A Skip to the page"
    assert "BUTTON A Ship Alder Large" in [" ".join(name.split()) for name in names]
    assert len(stops) < 250
    assert [stop["name"] for stop in stops if not stop["ring"] or stop["covered"]] == []


def test_the_skip_link_leads_past_the_masthead(page):
    page.goto("/models/")
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to the page")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_label("Search", exact=True)).to_be_focused()


def test_slash_searches_and_question_mark_lists_the_keys(page):
    page.goto("/methodology/")
    page.keyboard.press("?")
    keys = page.get_by_role("dialog", name="Keys")
    expect(keys).to_be_visible()
    page.keyboard.press("Escape")
    expect(keys).to_be_hidden()
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox", name="Search comparisons")).to_be_focused()
    page.keyboard.type("birch?/")  # in a field they are letters
    expect(keys).to_be_hidden()
    page.keyboard.press("Backspace")
    page.keyboard.press("Backspace")
    page.keyboard.press("Enter")
    page.wait_for_url("**/compare/?q=birch")
    expect(page.locator(".verdict-row")).to_have_count(1)


def test_a_vote_and_a_counterpoint_by_keys_alone(page):
    page.goto(f"{HEARD}#vote")
    button = page.get_by_role("button", name="Ship both")
    expect(button).to_have_attribute("aria-pressed", "false")
    button.focus()
    page.keyboard.press("Enter")
    expect(button).to_have_attribute("aria-pressed", "true")
    expect(button).to_be_focused()  # the swap keeps the reader's place
    page.get_by_role("link", name="Write a counterpoint").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Write a counterpoint")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_label("Extend")).to_be_checked()
    page.keyboard.press("Tab")
    expect(page.get_by_label("Your counterpoint")).to_be_focused()


def test_escape_closes_suggestions_and_leaves_the_text(page):
    page.goto("/compare/")
    field = page.get_by_label("First model")
    field.press_sequentially("ald")
    options = page.get_by_role("listbox")
    expect(options).to_be_visible()
    page.keyboard.press("Escape")
    expect(options).to_be_hidden()
    expect(field).to_have_value("ald")


# 320 px is what remains of 1280 at 400 %, the width WCAG's reflow asks for; 640 is 200 %.
@pytest.mark.parametrize("width", [320, 640])
def test_no_page_scrolls_sideways(visit, catalogue, signed_in, width):
    page = signed_in(visit(viewport={"width": width, "height": 700}))
    wide = []
    for address in (
        "/", "/compare/", HEARD, UNHEARD, f"{HEARD}vote/", f"{HEARD}counterpoints/new/", "/models/",
        "/models/alder-large/", "/reviewers/", "/reviewers/skeptic/", "/methodology/", "/panel/",
        catalogue.run.get_absolute_url(), catalogue.receipt.get_absolute_url(), "/style/",
    ):  # fmt: skip
        page.goto(address)
        page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })")
        if page.evaluate("document.documentElement.scrollWidth") > width:
            wide.append(address)
    assert wide == []


def test_links_that_stand_alone_are_large_enough_to_touch(visit, catalogue):
    page = visit(viewport={"width": 360, "height": 700})
    for address, links in (
        ("/", ".section-head > a, .name"),
        ("/models/", ".catalog th > a"),
        ("/models/alder-large/", ".offers th > a, .row-main > a"),
        (HEARD, "a.name"),
    ):
        page.goto(address)
        low = "nodes => Math.min(...nodes.map(node => node.getClientRects()[0].height))"
        assert page.locator(links).evaluate_all(low) >= 24, address


def test_letters_twice_as_large_fit_a_phone(large_letters, live_server, catalogue):
    page = large_letters.new_page(base_url=live_server.url, viewport={"width": 360, "height": 700})
    wide = []
    for address in (
        "/",
        "/compare/",
        HEARD,
        "/models/",
        "/models/alder-large/",
        "/reviewers/skeptic/",
        "/digest/",
    ):
        page.goto(address)
        if page.evaluate("document.documentElement.scrollWidth") > 360:
            wide.append(address)
    page.close()
    assert wide == []


@pytest.mark.parametrize("width", [320, 768, 1280])
def test_a_name_that_never_breaks_stays_in_its_column(visit, catalogue, width):
    endless = make_card("endless", lab="other-lab", name="W" * 100, tagline="y" * 200)
    pairing = Pairing.objects.between(catalogue.pairing.left, endless)
    make_verdict(Pairing.objects.with_cards().get(pk=pairing.pk), [80, 70, 60, 50], [40, 50, 60, 70])
    page = visit(viewport={"width": width, "height": 700})
    wide = []
    for address in (
        "/", "/compare/", pairing.get_absolute_url(), "/models/", "/models/endless/", "/reviewers/skeptic/",
    ):  # fmt: skip
        page.goto(address)
        expect(page.get_by_text("WWWW").first).to_be_attached()
        if page.evaluate("document.documentElement.scrollWidth") > width:
            wide.append(address)
    assert wide == []


def test_filters_are_folded_on_a_phone_until_one_is_set(visit, catalogue):
    page = visit(viewport={"width": 360, "height": 700})
    page.goto("/models/?q=alder&sort=newest")
    expect(page.get_by_label("License")).to_be_hidden()
    page.goto("/models/")
    expect(page.get_by_label("License")).to_be_hidden()
    page.get_by_text("Filters", exact=True).click()
    page.get_by_label("License").select_option("permissive")
    page.wait_for_url("**/models/?license=permissive")
    expect(page.get_by_label("License")).to_be_visible()
    page.set_viewport_size({"width": 1280, "height": 700})
    page.goto("/models/")
    expect(page.get_by_label("License")).to_be_visible()
