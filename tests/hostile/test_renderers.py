"""Both Markdown renderers, judged by what an HTML parser finds in their answers."""

from __future__ import annotations

import html as entities

import pytest
from hypothesis import HealthCheck, Phase, example, given, seed, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from comparisons.articles import markdown as articles
from comparisons.counterpoints import markdown as counterpoints
from reviewsite import headers
from tests.browser.conftest import browser  # noqa: F401
from tests.hostile.corpus import CORPUS
from tests.hostile.documents import documents, harm
from tests.hostile.listening import AUDIT, EARS

SLOW = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example)
MANY = 50_000
A_PAGE = 500  # documents shown at once


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
def test_fifty_thousand_documents_hold_only_what_is_allowed():
    done = 0

    @seed(20261121)
    @settings(
        max_examples=MANY, deadline=None, suppress_health_check=SLOW, database=None, phases=[Phase.generate]
    )
    @given(documents)
    def judge(source):
        nonlocal done
        done += 1
        assert harm_in(source) == []

    judge()
    assert done >= MANY * 0.9  # Hypothesis leaves out what it has tried already


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.xdist_group("browser")
@pytest.mark.parametrize("sanitized", [True, False])
def test_fifty_thousand_documents_run_nothing_in_chromium(browser, live_server, sanitized):  # noqa: F811
    """Shown without any content policy, so that the renderers stand alone; the raw ones are the control."""
    sources: list[str] = []

    @seed(20261121)
    @settings(
        max_examples=MANY if sanitized else A_PAGE, deadline=None, suppress_health_check=SLOW, database=None,
        phases=[Phase.generate],
    )  # fmt: skip
    @given(documents)
    def collect(source):
        sources.append(source)

    collect()
    page = browser.new_page()
    page.add_init_script(EARS)
    ran: list[str] = []
    stands: list[str] = []
    shown = iter([])
    page.route("**/*", lambda route: route.fulfill(body=next(shown), content_type="text/html; charset=utf-8"))
    for at in range(0, len(sources), A_PAGE):
        part = sources[at : at + A_PAGE]
        html = [counterpoints.render(each) + articles.render(each) if sanitized else each for each in part]
        shown = iter(["<!doctype html><main>" + "".join(f"<div>{each}</div>" for each in html)])
        page.goto(f"{live_server.url}/{at}")
        ran += page.evaluate("window.__ran")
        stands += page.evaluate(AUDIT, {})
    page.close()
    assert headers.PUBLIC_POLICY  # not in play here
    assert (ran == [] and stands == []) is sanitized
