"""Both Markdown renderers, judged by what an HTML parser finds in their answers."""

from __future__ import annotations

import html as entities

import pytest
from hypothesis import HealthCheck, Phase, example, given, seed, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from playwright.sync_api import Route

from comparisons.articles import markdown as articles
from comparisons.counterpoints import markdown as counterpoints
from tests.hostile.corpus import CATEGORIES, CORPUS
from tests.hostile.documents import documents, harm
from tests.hostile.listening import AUDIT, EARS

SLOW = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example)
MANY = 50_000
A_PAGE = 500  # documents shown at once
PLACE = "http://127.0.0.1:9/"  # where nobody answers but the test


def harm_in(source: str) -> list[str]:
    found = harm(
        counterpoints.render(source), tags=counterpoints.TAGS, rel=counterpoints.LINK_REL, ours=False
    )
    return found + harm(articles.render(source), tags=articles.TAGS, rel="noopener", ours=True)


@pytest.mark.parametrize("payload", CORPUS, ids=range(len(CORPUS)))
def test_no_payload_becomes_more_than_text_and_plain_links(payload):
    for source in (payload, f"word {payload} word", f"> {payload}\n\n- {payload}", f"[{payload}](x)"):
        assert harm_in(source) == []


@settings(max_examples=300, deadline=None, suppress_health_check=SLOW)
@given(documents)
@example("[x](&#106;avascript:alert(1)) <javascript:alert(1)>")
def test_no_arrangement_of_pieces_does(source):
    assert harm_in(source) == []


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=300))
def test_no_text_at_all_does(source):
    assert harm_in(source) == []


@settings(max_examples=100, deadline=None, suppress_health_check=SLOW)
@given(documents)
def test_rendering_twice_is_rendering_once(source):
    """Both nets agree: there is nothing left in the answer that the sanitizer would still take away."""
    html = counterpoints.render(source)
    again = counterpoints.nh3.clean(
        html, tags=counterpoints.TAGS, attributes=counterpoints.ATTRIBUTES, url_schemes=counterpoints.SCHEMES,
        url_relative="deny", link_rel=counterpoints.LINK_REL,
    )  # fmt: skip
    assert entities.unescape(again) == entities.unescape(html)


def test_the_judge_sees_what_it_looks_for():
    plain = MarkdownIt("commonmark", {"html": True})
    guilty = [
        payload
        for payload in CORPUS
        if harm(plain.render(payload), tags=counterpoints.TAGS, rel=counterpoints.LINK_REL, ours=False)
    ]
    assert len(guilty) > 150


@pytest.mark.slow
@pytest.mark.xdist_group("browser")
def test_fifty_thousand_documents_hold_only_what_is_allowed_and_run_nothing(browser):
    """In Chromium without any content policy, so that the renderers stand alone."""
    sources: list[str] = []

    @seed(20261121)
    @settings(
        max_examples=MANY, deadline=None, suppress_health_check=SLOW, database=None, phases=[Phase.generate]
    )
    @given(documents)
    def judge(source):
        sources.append(source)
        assert harm_in(source) == []

    judge()
    assert len(sources) >= MANY * 0.9  # Hypothesis leaves out what it has tried already
    found: list[str] = []
    for at in range(0, len(sources), A_PAGE):
        part = sources[at : at + A_PAGE]
        found += shown(browser, [counterpoints.render(each) + articles.render(each) for each in part])
    assert found == []
    # The control: the same way of showing, without the renderers.
    assert len(shown(browser, list(CATEGORIES["elements"]))) >= 10


def shown(browser, parts: list[str]) -> list[str]:
    """What ran, was asked for or stands there that must not, once all parts are one page."""
    page = browser.new_page()
    page.add_init_script(EARS)
    found: list[str] = []
    html = "<!doctype html><meta charset=utf-8><main>" + "".join(f"<div>{each}</div>" for each in parts)

    def answer(route: Route) -> None:
        if route.request.url == PLACE:
            route.fulfill(body=html, content_type="text/html; charset=utf-8")
        else:
            found.append(f"asked for {route.request.url}")
            route.abort()

    page.route("**/*", answer)
    page.goto(PLACE)
    found += page.evaluate("window.__ran") + page.evaluate(AUDIT, {})
    page.close()
    return found
