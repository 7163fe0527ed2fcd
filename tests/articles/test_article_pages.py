"""The list, an article, its fact boxes and notes; and that drafts are nobody's business."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime, timedelta
from html import unescape

import pytest
from django.test import Client

from comparisons.articles import views
from comparisons.articles.models import Article
from comparisons.cards.facts import RunWay
from comparisons.cards.models import Card
from tests.articles.conftest import PUBLISHED_AT, age, make_article
from tests.factories.cards import make_card
from tests.factories.staff import make_staff

pytestmark = pytest.mark.django_db
ADDRESS = "/articles/a-local-model/"
DRAFT = "/articles/unfinished-secret/"


def test_an_article_shows_text_standfirst_date_and_who_wrote(client: Client, article: Article) -> None:
    text = client.get(ADDRESS).text
    for words in ('<h1 id="article-title">A local model</h1>', "Why one keeps it.", "November 1, 2026"):
        assert words in text
    assert '<a href="/models/alpha/" rel="noopener">link</a>' in text
    # Whoever signs in as "wordsmith" has given no name, and the name to sign in with is nobody's business.
    assert "By the editors" in text and "wordsmith" not in text


def test_an_author_who_gave_a_name_is_named(client: Client, article: Article) -> None:
    article.author.first_name, article.author.last_name = "Ada", "Writer"
    article.author.save()
    assert "By Ada Writer" in client.get(ADDRESS).text


def test_code_can_be_copied(client: Client, article: Article) -> None:
    text = client.get(ADDRESS).text
    assert '<pre id="code-1" tabindex="0"><code>ollama pull alpha\n</code></pre>' in text
    assert 'data-copy-from="#code-1"' in text


def test_notes_on_aging_stand_above_the_text_newest_first(client: Client, article: Article) -> None:
    age(article, "Still **true**.", date(2026, 11, 5))
    age(article, "No longer.", date(2027, 1, 5))
    age(make_article("other"), "Noise.", date(2026, 12, 1))
    text = client.get(ADDRESS).text
    places = [text.index(words) for words in ("January 5, 2027", "<strong>true</strong>", "A paragraph")]
    assert places == sorted(places)
    assert "Noise." not in text


def test_without_notes_there_is_no_empty_place_for_them(client: Client, article: Article) -> None:
    assert "How it aged" not in client.get(ADDRESS).text


def test_a_fact_box_says_what_the_card_says_today(client: Client, article: Article) -> None:
    make_card("alpha", license="MIT", context_tokens=256_000, run=(RunWay("ollama", "ollama pull alpha"),))
    text = client.get(ADDRESS).text
    assert "256K" in text and "MIT" in text and "128K" in text  # the last is beta's
    assert 'data-copy="ollama pull alpha"' in text
    assert text.index('id="box-alpha"') < text.index('id="box-beta"')
    make_card("alpha", license="Apache-2.0", context_tokens=256_000)
    text = client.get(ADDRESS).text
    assert "Apache-2.0" in text and "MIT" not in text
    assert "unknown" in text  # beta's license


def test_a_card_without_facts_has_no_box(client: Client, article: Article) -> None:
    Card.objects.filter(slug="beta").update(snapshot=None)
    assert "box-beta" not in client.get(ADDRESS).text


@pytest.mark.parametrize("many", [1, 3])
def test_an_article_costs_four_queries_however_much_there_is(
    client: Client, django_assert_num_queries, many: int
) -> None:
    article = make_article(cards=tuple(f"card-{number}" for number in range(many)))
    for number in range(many):
        age(article, "A note.", date(2026, 12, 1 + number))
    with django_assert_num_queries(4):
        client.get(ADDRESS)


@pytest.mark.parametrize("many", [0, 1, 3])
def test_the_list_costs_one_query(client: Client, django_assert_num_queries, many: int) -> None:
    for number in range(many):
        age(make_article(f"article-{number}"), "A note.", date(2026, 12, 1))
    with django_assert_num_queries(1):
        client.get("/articles/")


def test_the_list_has_the_newest_first_and_when_aging_was_last_noted(
    client: Client, article: Article
) -> None:
    age(article, "A note.", date(2026, 11, 5))
    age(article, "A later note.", date(2026, 11, 7))
    make_article("newer", title="A newer one", published_at=PUBLISHED_AT + timedelta(days=1))
    text = client.get("/articles/").text
    assert text.index("A newer one") < text.index("A local model")
    assert "November 7, 2026" in text and "November 5, 2026" not in text
    assert "Secret draft" not in text


def test_an_empty_list_says_so(client: Client) -> None:
    assert "Nothing is published here yet" in client.get("/articles/").text


def test_a_long_list_has_pages_that_meet(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "SIZE", 2)
    for number in range(5):
        make_article(f"article-{number}", published_at=PUBLISHED_AT)
    seen, address = [], "/articles/"
    while address:
        text = client.get(address).text
        seen += re.findall(r'<a href="/articles/(article-\d)/"', text)
        onward = re.search(r'rel="next" href="([^"]+)"', text)
        address = f"/articles/{unescape(onward[1])}" if onward else ""
    assert seen == [f"article-{number}" for number in (4, 3, 2, 1, 0)]


def test_a_position_the_list_never_gave_shows_its_beginning(client: Client, article: Article) -> None:
    text = client.get("/articles/?after=nonsense").text
    assert "never handed out" in text and "A local model" in text


@pytest.mark.parametrize("address", ["/articles/", ADDRESS])
def test_the_same_bytes_for_everybody_and_no_cookie(
    client: Client, admin_client: Client, article: Article, address: str
) -> None:
    answer = client.get(address)
    assert not answer.cookies
    assert "Cookie" not in answer.get("Vary", "")
    assert answer.content == admin_client.get(address).content
    assert "csrfmiddlewaretoken" not in answer.text


@pytest.mark.parametrize("method", ["post", "put", "delete"])
@pytest.mark.parametrize("address", ["/articles/", ADDRESS, f"{ADDRESS}preview/", "/feeds/articles.atom"])
def test_articles_are_only_read(admin_client: Client, article: Article, method: str, address: str) -> None:
    assert getattr(admin_client, method)(address).status_code == 405


@pytest.mark.parametrize("address", [DRAFT, "/articles/nothing/"])
def test_a_draft_is_as_absent_as_what_is_not_there(client: Client, article: Article, address: str) -> None:
    assert client.get(address).status_code == 404
    assert client.get(f"{address}counterpoints/new/").status_code == 404
    assert client.post(f"{address}counterpoints/", {}).status_code == 404


def test_a_draft_is_in_no_answer_to_a_stranger(client: Client, article: Article) -> None:
    for page in ("/", "/articles/", ADDRESS, "/feeds/articles.atom", "/sitemap.xml", "/llms.txt", DRAFT):
        assert "unfinished-secret" not in client.get(page).text.replace(DRAFT, ""), page


@pytest.mark.parametrize("slug", ["unfinished-secret", "a-local-model", "nothing"])
def test_a_stranger_who_previews_is_asked_to_sign_in_whatever_there_is(
    client: Client, article: Article, slug: str
) -> None:
    answer = client.get(f"/articles/{slug}/preview/")
    assert answer.status_code == 302
    assert answer["Location"] == f"/admin/login/?next=/articles/{slug}/preview/"


def test_an_account_that_is_not_staff_learns_no_more(
    client: Client, article: Article, django_user_model
) -> None:
    client.force_login(django_user_model.objects.create_user("reader"))
    assert client.get(f"{DRAFT}preview/").status_code == 403


def test_staff_preview_a_draft_as_its_page_will_be(client: Client, article: Article) -> None:
    client.force_login(make_staff("editor"))
    answer = client.get(f"{DRAFT}preview/")
    assert answer.status_code == 200
    assert "Secret draft" in answer.text and "Draft: readers get" in answer.text
    assert 'content="noindex"' in answer.text
    assert "counterpoint" not in answer.text.lower().replace("community.css", "")
    assert answer["Cache-Control"] == "private, no-store"
    assert client.get("/articles/nothing/preview/").status_code == 404


def test_back_to_draft_is_away_and_keeps_its_day(client: Client, article: Article) -> None:
    Article.objects.filter(slug="a-local-model").update(state="draft")
    assert client.get(ADDRESS).status_code == 404
    assert Article.objects.get(slug="a-local-model").published_at == PUBLISHED_AT


def test_machines_read_when_and_about_what(client: Client, article: Article) -> None:
    found = re.search(
        r'<script type="application/ld\+json">(.*?)</script>', client.get(ADDRESS).text, re.DOTALL
    )
    assert found is not None
    trail, node = json.loads(found[1])["@graph"]
    assert [each["name"] for each in trail["itemListElement"]] == ["Home", "Articles", "A local model"]
    assert node["@type"] == "Article"
    assert datetime.fromisoformat(node["datePublished"]) == datetime(2026, 11, 1, 9, tzinfo=UTC)
    assert [each["name"] for each in node["about"]] == ["Alpha", "Beta"]


def test_hostile_words_are_escaped(client: Client) -> None:
    evil = "</script><script>alert(1)</script>"
    article = make_article(title=evil, standfirst=evil, body=f"{evil}\n\n<img src=x onerror=alert(1)>")
    age(article, evil, date(2026, 12, 1))
    for address in (ADDRESS, "/articles/", "/feeds/articles.atom"):
        text = client.get(address).text
        assert "<script>alert" not in text
        assert "<img" not in text
    assert not re.search(r"<[^>]+\s(style|on\w+)=", client.get(ADDRESS).text)
