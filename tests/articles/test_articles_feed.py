"""The feed: whole articles, newest first, drafts never."""

from __future__ import annotations

from datetime import timedelta
from xml.etree import ElementTree

import pytest
from django.test import Client

from comparisons.articles.models import Article
from tests.articles.conftest import PUBLISHED_AT, make_article

pytestmark = pytest.mark.django_db
ADDRESS = "/feeds/articles.atom"
ATOM = "{http://www.w3.org/2005/Atom}"


def entries(client: Client) -> list[ElementTree.Element]:
    return ElementTree.fromstring(client.get(ADDRESS).content).findall(f"{ATOM}entry")


def test_the_feed_has_whole_articles_newest_first(client: Client, article: Article, settings) -> None:
    settings.SITE_URL = "https://site.example"
    make_article("newer", title="A newer one", published_at=PUBLISHED_AT + timedelta(days=1))
    newer, older = entries(client)
    assert newer.findtext(f"{ATOM}title") == "A newer one"
    assert older.findtext(f"{ATOM}id") == "https://site.example/articles/a-local-model/"
    assert older.findtext(f"{ATOM}summary") == "Why one keeps it."
    assert older.findtext(f"{ATOM}published") == "2026-11-01T09:00:00+00:00"
    assert older.findtext(f"{ATOM}author/{ATOM}name") == "the editors"
    content = older.findtext(f"{ATOM}content") or ""
    assert 'href="https://site.example/models/alpha/"' in content
    assert "<button" not in content


def test_a_standfirst_is_no_markup_in_a_summary_which_is_html(client: Client) -> None:
    make_article(standfirst="When n < 3 & <b>bold</b>.")
    assert entries(client)[0].findtext(f"{ATOM}summary") == "When n &lt; 3 &amp; &lt;b&gt;bold&lt;/b&gt;."


@pytest.mark.parametrize("many", [0, 1, 3])
def test_the_feed_costs_one_query(client: Client, django_assert_num_queries, many: int) -> None:
    for number in range(many):
        make_article(f"article-{number}")
    with django_assert_num_queries(1):
        assert len(entries(client)) == many


def test_who_has_it_already_gets_nothing(client: Client, article: Article) -> None:
    first = client.get(ADDRESS)
    assert first["Content-Type"] == "application/atom+xml; charset=utf-8"
    assert not first.cookies
    again = client.get(ADDRESS, headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_what_xml_cannot_write_is_left_out(client: Client) -> None:
    make_article(title="A\x0b title", standfirst="A\x1b word", body="Bell \x07 and\ttab")
    (entry,) = entries(client)
    assert entry.findtext(f"{ATOM}title") == "A title"
    assert "Bell  and\ttab" in (entry.findtext(f"{ATOM}content") or "")


def test_list_and_article_say_where_the_feed_is(client: Client, article: Article) -> None:
    for page in ("/articles/", "/articles/a-local-model/"):
        assert 'type="application/atom+xml" title="Second Opinion: articles" href="/feeds/articles.atom"' in (
            client.get(page).text
        )
