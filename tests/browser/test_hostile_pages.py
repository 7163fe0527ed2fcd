"""The whole corpus on real pages in a real browser: nothing runs, nothing survives, nothing is reported."""

from __future__ import annotations

import pytest
from django.utils.safestring import mark_safe

from comparisons.articles.markdown import TAGS as ARTICLE_TAGS
from comparisons.counterpoints.markdown import TAGS as COUNTERPOINT_TAGS
from comparisons.counterpoints.models import Counterpoint
from comparisons.pairings.models import Pairing
from reviewsite import headers
from tests.factories.cards import make_card
from tests.hostile.corpus import CATEGORIES, CORPUS
from tests.hostile.listening import Heard, listen, visit
from tests.hostile.places import all_pages, write

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("browser")]

ALLOWED = {
    ".counterpoint > .prose": sorted(COUNTERPOINT_TAGS),
    ".aged-note > .prose": sorted(ARTICLE_TAGS),
    ".review > .paragraph": ["p", "br"],
    ".answers dd": [],
    ".description": [],
    ".tagline": [],
}
NO_POLICY = "default-src * data: blob: 'unsafe-inline' 'unsafe-eval'"


@pytest.fixture
def opened(browser, live_server):
    """A page of a new context, and what is heard of it."""
    contexts = []

    def open_page():
        context = browser.new_context(base_url=live_server.url)
        context.set_default_timeout(15_000)
        contexts.append(context)
        heard = listen(context, live_server.url)
        return context.new_page(), heard

    yield open_page
    for context in contexts:
        context.close()


def test_the_corpus_is_large_and_of_many_kinds():
    assert len(CORPUS) >= 300
    assert len(CATEGORIES) >= 10


def test_nothing_runs_survives_or_is_reported(opened, monkeypatch):
    pages = all_pages()
    page, heard = opened()
    for address in pages:
        visit(page, address, heard, ALLOWED)
    assert heard == Heard()
    # Nor where the policy is not kept: our own nets alone, on the pages that show text as HTML.
    monkeypatch.setitem(headers.HEADERS, "Content-Security-Policy", NO_POLICY)
    page, heard = opened()
    for address in pages[:10]:
        visit(page, address, heard, ALLOWED)
    assert heard == Heard()


@pytest.fixture
def raw_page(monkeypatch) -> str:
    """A comparison with a good part of the corpus as it is: the sanitizer is passed by."""
    pairing = Pairing.objects.between(make_card("alpha"), make_card("beta"))
    runs = [payload for name in ("elements", "attributes", "svg and mathml") for payload in CATEGORIES[name]]
    for payload in runs[:45]:
        sent = write(payload, pairing)
        Counterpoint.objects.filter(pk=sent.pk).update(body_html=mark_safe(f"<div>{payload}</div>"))
    return pairing.get_absolute_url()


def test_without_both_nets_payloads_run_and_are_heard(opened, raw_page, monkeypatch):
    monkeypatch.setitem(headers.HEADERS, "Content-Security-Policy", NO_POLICY)
    page, heard = opened()
    visit(page, raw_page, heard, ALLOWED)
    assert len(heard.ran) >= 5
    assert len(heard.stands) >= 20


def test_the_policy_stops_what_the_sanitizer_would_let_through_and_reports_it(opened, raw_page):
    page, heard = opened()
    visit(page, raw_page, heard, ALLOWED)
    assert heard.ran == []
    assert len(heard.refused) >= 5
    assert any(refused.startswith("script-src") for refused in heard.refused)


def test_a_request_to_somebody_else_is_heard(opened, live_server, monkeypatch):
    monkeypatch.setitem(headers.HEADERS, "Content-Security-Policy", NO_POLICY)
    pairing = Pairing.objects.between(make_card("alpha"), make_card("beta"))
    sent = write("an image", pairing)
    Counterpoint.objects.filter(pk=sent.pk).update(body_html='<img src="https://evil.example/pixel.gif">')
    page, heard = opened()
    visit(page, pairing.get_absolute_url(), heard, ALLOWED)
    assert heard.asked == ["https://evil.example/pixel.gif"]
