"""What programs read: robots.txt, llms.txt, the Atom feed, and the data blocks of pages."""

from __future__ import annotations

import json
import re
from typing import Any
from xml.etree import ElementTree

import pytest
from django.test import Client

from comparisons.cards.models import Card
from tests.factories.benches import hear, make_reviewer
from tests.factories.cards import make_card

pytestmark = pytest.mark.django_db
ATOM = "{http://www.w3.org/2005/Atom}"
SITE = "http://127.0.0.1:8000"
RATINGS = ('"Review"', '"AggregateRating"', '"Rating"')


def entries(client: Client) -> list[ElementTree.Element]:
    return ElementTree.fromstring(client.get("/feeds/verdicts.atom").content).findall(f"{ATOM}entry")


def graph(client: Client, url: str) -> list[dict[str, Any]]:
    html = client.get(url).text
    assert not any(word in html for word in RATINGS)
    found = re.search(r'<script type="application/ld\+json">(.*?)</script>', html, re.DOTALL)
    assert found
    return json.loads(found[1])["@graph"]  # type: ignore[no-any-return]


def test_robots_are_told_where_the_sitemap_is(client: Client) -> None:
    answer = client.get("/robots.txt")
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    assert f"Sitemap: {SITE}/sitemap.xml\n" in answer.text
    assert "Disallow: /admin/\n" in answer.text


@pytest.mark.usefixtures("db")
def test_every_address_that_llms_txt_names_answers(client: Client) -> None:
    text = client.get("/llms.txt").text
    assert text.startswith("# Second Opinion\n")
    named = re.findall(rf"\]\({SITE}(/[^)]*)\)", text)
    assert len(named) >= 6
    assert {path: client.get(path).status_code for path in named} == dict.fromkeys(named, 200)


def test_llms_txt_escapes_nothing(client: Client) -> None:
    assert "&" not in client.get("/llms.txt").text


def test_the_feed_tells_the_call_the_figures_and_the_judge(client: Client) -> None:
    hear(make_card("alpha"), make_card("beta"))
    (entry,) = entries(client)
    assert entry.findtext(f"{ATOM}title") == "Alpha vs Beta: lean Alpha"
    assert entry.findtext(f"{ATOM}summary") == (
        "Alpha: 4 of 4 reviewers would ship it, median score 83.5 of 100; "
        "Beta: 3 of 4 reviewers would ship it, median score 79 of 100. "
        "Judge: rubric v1 (rule-based, no model)."
    )
    link = entry.find(f"{ATOM}link")
    assert link is not None
    assert link.get("href") == f"{SITE}/compare/alpha-vs-beta/"


def test_a_feed_without_a_verdict_is_a_feed(client: Client) -> None:
    assert entries(client) == []


def test_verdicts_without_a_side_or_a_quorum_are_told_as_such(client: Client) -> None:
    alpha = make_card("alpha")
    hear(alpha, make_card("beta"), (70, 70, 70, 70), (70, 70, 70, 70))
    hear(alpha, make_card("gamma"), (70, 70, 70, 70), (None, None, None, None), other_judge="mistral")
    none, even = entries(client)
    assert even.findtext(f"{ATOM}title") == "Alpha vs Beta: toss-up"
    assert none.findtext(f"{ATOM}title") == "Alpha vs Gamma: no verdict"
    summary = none.findtext(f"{ATOM}summary") or ""
    assert "Gamma: no reviewer had facts enough to score it" in summary
    assert "Mixed judges, provisional." in summary


def test_superseded_verdicts_and_cards_that_nobody_sees_are_left_out(client: Client) -> None:
    alpha = make_card("alpha")
    hear(alpha, make_card("beta"))
    hear(alpha, make_card("beta"), (10, 10, 10, 10), judge="mistral")
    hear(alpha, make_card("hidden"))
    Card.objects.filter(slug="hidden").update(snapshot=None)
    assert [entry.findtext(f"{ATOM}title") for entry in entries(client)] == ["Alpha vs Beta: clearly Beta"]


def test_a_name_with_a_sign_that_xml_cannot_write_does_not_break_the_feed(client: Client) -> None:
    hear(make_card("alpha", name="Al\x07pha <b>"), make_card("beta"))
    assert entries(client)[0].findtext(f"{ATOM}title") == "Alpha <b> vs Beta: lean Alpha <b>"


def test_a_name_is_no_markup_in_a_summary_which_is_html(client: Client) -> None:
    hear(make_card("alpha", name="Alpha <img src=x> & Co"), make_card("beta"))
    summary = entries(client)[0].find(f"{ATOM}summary")
    assert summary is not None
    assert summary.get("type") == "html"
    assert (summary.text or "").startswith("Alpha &lt;img src=x&gt; &amp; Co: 4 of 4 reviewers")


@pytest.mark.parametrize("pairings", [0, 1, 3])
def test_the_feed_costs_one_query(client: Client, django_assert_num_queries, pairings: int) -> None:
    first = make_card("first")
    for number in range(pairings):
        hear(first, make_card(f"card-{number}"))
    with django_assert_num_queries(1):
        client.get("/feeds/verdicts.atom")


@pytest.mark.parametrize("url", ["/feeds/verdicts.atom", "/robots.txt", "/llms.txt", "/sitemap.xml"])
def test_who_has_it_already_gets_an_empty_answer(client: Client, url: str) -> None:
    hear(make_card("alpha"), make_card("beta"))
    first = client.get(url)
    assert "public" in first["Cache-Control"]
    assert not first.cookies
    again = client.get(url, headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("url", ["/feeds/verdicts.atom", "/robots.txt", "/llms.txt", "/sitemap.xml"])
def test_they_are_only_read(client: Client, url: str) -> None:
    assert client.post(url).status_code == 405


def test_the_front_page_says_how_to_search(client: Client) -> None:
    (site,) = graph(client, "/")
    assert site["@type"] == "WebSite"
    action = site["potentialAction"]
    assert action["@type"] == "SearchAction"
    assert action["target"]["urlTemplate"] == f"{SITE}/search/?q={{search_term_string}}"


def test_a_card_is_software_and_says_where_it_is(client: Client) -> None:
    make_card("alpha", name="Al</script>pha")
    trail, software = graph(client, "/models/alpha/")
    assert [step["name"] for step in trail["itemListElement"]] == ["Home", "Models", "Al</script>pha"]
    assert software["@type"] == "SoftwareApplication"
    assert software["url"] == f"{SITE}/models/alpha/"
    assert software["datePublished"] == "2026-01-15"
    assert "dateModified" not in software


def test_a_persona_is_no_person(client: Client) -> None:
    make_reviewer("builder")
    (trail,) = graph(client, "/reviewers/builder/")
    assert trail["itemListElement"][-1]["item"] == f"{SITE}/reviewers/builder/"


def test_a_comparison_is_an_article_with_its_date(client: Client) -> None:
    verdict = hear(make_card("alpha"), make_card("beta"))
    _, article = graph(client, "/compare/alpha-vs-beta/")
    assert article["dateModified"] == verdict.published_at.isoformat(timespec="seconds")
    assert article["image"] == f"{SITE}/compare/alpha-vs-beta/og.png"


@pytest.mark.parametrize("url", ["/", "/models/alpha/", "/compare/alpha-vs-beta/", "/reviewers/builder/"])
def test_a_shared_page_brings_its_picture(client: Client, url: str) -> None:
    hear(make_card("alpha"), make_card("beta"))
    html = client.get(url).text
    picture = re.search(rf'<meta property="og:image" content="{SITE}([^"]+)">', html)
    assert picture
    assert client.get(picture[1])["Content-Type"] == "image/png"
    assert '<meta name="twitter:card" content="summary_large_image">' in html
    assert f'<link rel="canonical" href="{SITE}{url}">' in html
