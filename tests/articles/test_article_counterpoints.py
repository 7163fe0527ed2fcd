"""Arguing with an article: the same doors as on a comparison, without reviewers to answer."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import IntegrityError, connection
from django.test import Client

from comparisons.articles.models import Article
from comparisons.counterpoints.actions import Words, decide, submit
from comparisons.counterpoints.forms import Stamp
from comparisons.counterpoints.models import Counterpoint
from comparisons.people.visitor import Visitor
from comparisons.reviews.models import Reviewer
from tests.articles.conftest import make_article

pytestmark = pytest.mark.django_db
PAGE = "/articles/a-local-model/"
ADDRESS = f"{PAGE}counterpoints/"
TEXT = "Eleven gigabytes are **not** nothing on a laptop."
HTMX = {"HX-Request": "true"}


@pytest.fixture
def typed(article: Article, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    with monkeypatch.context() as clock:
        now = time.time()
        clock.setattr("time.time", lambda: now - 60)
        return {"kind": "push_back", "body": TEXT, "stamp": Stamp("article:a-local-model").fresh()}


def sent(article: Article) -> Counterpoint:
    words = Words(kind="push_back", body=TEXT)
    return submit(article=article, visitor=Visitor("ann"), words=words, form_nonce="n")


def test_a_counterpoint_waits_and_has_a_private_page(client: Client, article: Article, typed) -> None:
    answer = client.post(ADDRESS, typed)
    kept = Counterpoint.objects.get()
    assert (kept.article, kept.pairing, kept.state) == (article, None, "pending")
    assert (answer.status_code, answer["Location"]) == (303, f"{ADDRESS}{kept.private_token}/")
    assert "visitor" in answer.cookies
    own = client.get(answer["Location"])
    assert "Waiting for a moderator" in own.text and "Back to the article" in own.text
    assert own["Cache-Control"] == "private, no-store"
    assert "Eleven gigabytes" not in client.get(PAGE).text


def test_by_htmx_it_is_answered_in_place(client: Client, typed) -> None:
    answer = client.post(ADDRESS, typed, headers=HTMX)
    assert answer.status_code == 201
    assert Counterpoint.objects.get().private_address in answer.text


def test_an_approved_one_is_on_the_page_for_everybody(client: Client, article: Article, admin_user) -> None:
    assert "Nobody has argued with this article yet" in client.get(PAGE).text
    decide(counterpoint=sent(article), to=Counterpoint.State.APPROVED, by=admin_user)
    text = client.get(PAGE).text
    assert "<strong>not</strong>" in text
    make_article("other")
    assert "<strong>not</strong>" not in client.get("/articles/other/").text


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_the_form_has_nobody_to_answer(client: Client, article: Article, headers) -> None:
    Reviewer.objects.create(slug="skeptic", name="Skeptic", motto="Show me.", position=2)
    answer = client.get(f"{ADDRESS}new/", headers=headers)
    assert answer.status_code == 200
    assert "“A local model”" in answer.text
    assert f'action="{ADDRESS}"' in answer.text
    assert "Skeptic" not in answer.text and 'name="answers"' not in answer.text
    assert not answer.cookies


def test_what_would_answer_a_reviewer_is_not_kept(client: Client, typed) -> None:
    client.post(ADDRESS, {**typed, "answers": "skeptic:left"})
    assert Counterpoint.objects.get().answers_reviewer is None


def test_the_database_knows_that_no_reviewer_spoke_here(article: Article) -> None:
    reviewer = Reviewer.objects.create(slug="skeptic", name="Skeptic", motto="Show me.", position=2)
    sent(article)
    with pytest.raises(IntegrityError, match="counterpoint_is_on_a_pairing_or_an_article"):
        Counterpoint.objects.update(answers_reviewer=reviewer)


def test_a_refusal_stands_beside_its_field(client: Client, typed) -> None:
    answer = client.post(ADDRESS, {**typed, "body": "short"})
    assert answer.status_code == 422
    assert "write at least 20" in answer.text
    assert not Counterpoint.objects.exists()


def test_a_stamp_of_another_article_does_not_open_this_one(client: Client, typed) -> None:
    for stamp in (Stamp("article:other").fresh(), Stamp("a-local-model").fresh()):
        assert client.post(ADDRESS, {**typed, "stamp": stamp}).status_code == 422
    assert not Counterpoint.objects.exists()


def test_another_site_cannot_send_for_its_visitors(client: Client, typed) -> None:
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "null"}):
        assert client.post(ADDRESS, typed, headers=headers).status_code == 403
    assert not Counterpoint.objects.exists()


@pytest.mark.parametrize("method", ["get", "put", "patch", "delete"])
def test_the_address_takes_posts_alone(client: Client, article: Article, method: str) -> None:
    assert getattr(client, method)(ADDRESS).status_code == 405


def test_sending_twice_is_once(client: Client, typed) -> None:
    first, second = client.post(ADDRESS, typed), client.post(ADDRESS, typed)
    assert first["Location"] == second["Location"]
    assert Counterpoint.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_double_click_without_a_cookie_is_one_counterpoint(typed) -> None:
    def send(_: int) -> str:
        try:
            return Client().post(ADDRESS, typed)["Location"]
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(send, range(8)))) == 1
    assert Counterpoint.objects.count() == 1


def test_a_private_link_works_on_its_own_page_alone(client: Client, article: Article) -> None:
    kept = sent(article)
    make_article("other")
    for address in (f"/articles/other/counterpoints/{kept.private_token}/",
                    f"/compare/alpha-vs-beta/counterpoints/{kept.private_token}/"):  # fmt: skip
        assert client.get(address).status_code == 404


def test_moderators_see_what_it_is_on_and_cannot_move_it(admin_client: Client, article: Article) -> None:
    kept = sent(article)
    assert "A local model" in admin_client.get("/admin/comparisons/counterpoint/").text
    shown = admin_client.get(f"/admin/comparisons/counterpoint/{kept.pk}/change/").text
    assert "A local model" in shown
    assert 'name="article"' not in shown and 'name="pairing"' not in shown
    assert str(kept) == "Push back on A local model, pending"
