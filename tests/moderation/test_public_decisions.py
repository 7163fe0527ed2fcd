"""What everybody may know of moderation: numbers and reasons, never names or what was turned down."""

import re
from datetime import UTC, datetime

import pytest

from comparisons.counterpoints.actions import decide
from comparisons.counterpoints.models import Counterpoint, Decision
from comparisons.moderation import log
from tests.articles.conftest import make_article

State = Counterpoint.State
ADDRESS = "/methodology/decisions/"


def words(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def test_without_any_the_page_says_why(client, db):
    answer = client.get(ADDRESS)
    assert "Nothing has been decided yet" in answer.text
    assert set(answer["Cache-Control"].split(", ")) == {"public", "max-age=60"}
    assert not answer.cookies


def test_each_decision_with_its_reason_and_nobody_s_name(client, waits, ann):
    secret = waits("xyzzy-nobody-may-read-this, long enough.", name="Jane Roe", link="https://jane.example/")
    decide(counterpoint=secret, to=State.REJECTED, by=ann, reason="personal_data")
    decide(counterpoint=waits(), to=State.APPROVED, by=ann)
    page = client.get(ADDRESS).text
    text = words(page)
    assert "Alpha vs Beta : pending → rejected , it contains personal data" in text
    assert "Alpha vs Beta : pending → approved" in text
    assert "It contains personal data 1" in text
    assert datetime.now(UTC).strftime("%B %Y 1 1 0 0 0 0") in text
    for private in ("xyzzy", "Jane", "jane.example", secret.private_token, f"/moderation/{secret.pk}"):
        assert private not in page, private
    assert not re.search(r"\bann\b", text)


def test_the_pages_about_moderation_lead_there(client, pairing):
    for address in ("/methodology/", "/compare/alpha-vs-beta/"):
        assert f'href="{ADDRESS}"' in client.get(address).text


def test_a_page_that_is_gone_or_a_draft_again_is_not_named(client, waits, ann, pairing):
    decide(counterpoint=waits(), to=State.APPROVED, by=ann)
    article = make_article()
    Counterpoint.objects.update(pairing=None, article=article)
    assert article.title in client.get(ADDRESS).text
    article.state = "draft"
    article.save()
    page = client.get(ADDRESS).text
    assert article.title not in page and "a page that is gone" in page
    Counterpoint.objects.all().delete()
    assert "a page that is gone" in client.get(ADDRESS).text


@pytest.mark.parametrize("texts", [1, 3])
def test_the_page_costs_the_same_queries(client, waits, ann, django_assert_num_queries, texts):
    for _ in range(texts):
        decide(counterpoint=waits(), to=State.APPROVED, by=ann)
    with django_assert_num_queries(3):
        assert client.get(ADDRESS).text.count("pending →") == texts


def test_it_goes_on_after_fifty(client, waits, ann):
    text = waits()
    for _ in range(26):
        decide(counterpoint=text, to=State.SPAM, by=ann)
        decide(counterpoint=text, to=State.PENDING, by=ann, seen=State.SPAM)
    page = client.get(ADDRESS).text
    assert page.count('class="row"') == 50
    onward = re.search(r'rel="next" href="(\?[^"]+)"', page)[1]
    assert client.get(f"{ADDRESS}{onward}").text.count('class="row"') == 2
    assert "names no place in the list" in client.get(f"{ADDRESS}?after=x").text


def test_the_numbers_are_of_twelve_months(waits, ann):
    decide(counterpoint=waits(), to=State.APPROVED, by=ann)
    now = Decision.objects.get().at
    assert [month.numbers for month in log.numbers(now).months] == [(1, 0, 0, 0, 0, 0)]
    year = now.replace(year=now.year + 1, day=1)
    assert log.numbers(year).months == ()
    assert len(log.numbers(year.replace(month=now.month - 1) if now.month > 1 else now).months) == 1


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_it_is_only_read(client, db, method):
    assert getattr(client, method)(ADDRESS).status_code == 405
