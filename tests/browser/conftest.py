"""A browser for the journeys: the system's Chromium, driven by Playwright, on a live server of the tests.

Without a Chromium these tests are skipped, and say so. One runs at a time: every module here is in the
xdist group "browser".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.browser.catalogue import Catalogue, fill
from tests.browser.chromium import ARGUMENTS, MISSING, Watch, program

PATIENCE = 15_000  # ms; two cores, and other tests on the second one
NewContext = Callable[..., BrowserContext]

expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    chromium = program()
    if chromium is None:
        pytest.skip(MISSING)
    with pytest.MonkeyPatch.context() as patch:
        # Playwright keeps an event loop in this thread, and Django then refuses the database to what is not
        # async at all: the test itself.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        with sync_playwright() as playwright:
            running = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
            yield running
            running.close()


@pytest.fixture
def catalogue(settings, transactional_db) -> Catalogue:
    settings.PANEL_JUDGES = ("rubric",)
    return fill()


@pytest.fixture
def watched(browser, live_server) -> Iterator[Callable[..., tuple[BrowserContext, Watch]]]:
    """Makes visitors. What their pages did against the rules is told when the test is over."""
    made: list[tuple[BrowserContext, Watch]] = []

    def visitor(**options: Any) -> tuple[BrowserContext, Watch]:
        context = browser.new_context(base_url=live_server.url, **options)
        context.set_default_timeout(PATIENCE)
        made.append((context, Watch(context, live_server.url)))
        return made[-1]

    yield visitor
    # Before the database is emptied: a page that still asks for something and the emptying would wait for
    # each other.
    for context, _ in made:
        context.close()
    assert [complaint for _, watch in made for complaint in watch.complaints] == []


@pytest.fixture
def visit(watched) -> Callable[..., Page]:
    """A page of a new visitor with these Playwright options; `refusals`: statuses the journey walks into."""

    def page(*, refusals: tuple[int, ...] = (), **options: Any) -> Page:
        context, watch = watched(**options)
        watch.expects(*refusals)
        return context.new_page()

    return page


@pytest.fixture
def page(visit, catalogue) -> Page:
    """A visitor on a desk, on a site that has cards, verdicts and an approved counterpoint."""
    return visit(viewport={"width": 1280, "height": 900})


@pytest.fixture
def signed_in(client, admin_user, live_server) -> Callable[[Page], Page]:
    """Signs a page in as staff, by the session's cookie; the way through the form is a test of its own."""

    def sign_in(page: Page) -> Page:
        client.force_login(admin_user)
        cookies = client.cookies.items()
        page.context.add_cookies(
            [{"name": name, "value": cookie.value, "url": live_server.url} for name, cookie in cookies]
        )
        return page

    return sign_in
