"""Writing in the admin."""

from __future__ import annotations

import pytest
from django.test import Client

from comparisons.articles.models import Article
from tests.factories.cards import make_card

pytestmark = pytest.mark.django_db
INLINES = {
    f"{name}-{part}": value
    for name in ("aged_notes", "related_cards")
    for part, value in (("TOTAL_FORMS", "0"), ("INITIAL_FORMS", "0"))
}


def typed(**given: str) -> dict[str, str]:
    plain = {"title": "New", "slug": "new", "standfirst": "Short.", "body": "Text.", "state": "draft",
             "published_at_0": "", "published_at_1": ""}  # fmt: skip
    return {**plain, **INLINES, **given}


def test_an_editor_writes_a_draft_and_is_its_author(admin_client: Client, admin_user) -> None:
    answer = admin_client.post("/admin/comparisons/article/add/", typed())
    assert answer.status_code == 302
    article = Article.objects.get()
    assert (article.author, article.state, article.published_at) == (admin_user, "draft", None)
    assert article.body_html == "<p>Text.</p>"
    page = admin_client.get(f"/admin/comparisons/article/{article.pk}/change/").text
    assert 'href="/articles/new/preview/"' in page
    assert "New" in admin_client.get("/admin/comparisons/article/").text


def test_publishing_without_a_date_is_publishing_now(admin_client: Client) -> None:
    admin_client.post("/admin/comparisons/article/add/", typed(state="published"))
    article = Article.objects.get()
    assert article.published_at is not None
    assert admin_client.get("/articles/new/").status_code == 200


def test_somebody_else_who_edits_does_not_become_the_author(
    admin_client: Client, admin_user, django_user_model
) -> None:
    admin_client.post("/admin/comparisons/article/add/", typed())
    other = django_user_model.objects.create_superuser("other")
    client = Client()
    client.force_login(other)
    article = Article.objects.get()
    client.post(f"/admin/comparisons/article/{article.pk}/change/", typed(title="Edited"))
    article.refresh_from_db()
    assert (article.title, article.author) == ("Edited", admin_user)


def test_notes_and_cards_are_added_beside_the_text(admin_client: Client) -> None:
    card = make_card("alpha")
    given = {
        "aged_notes-TOTAL_FORMS": "1", "aged_notes-0-dated": "2026-12-01", "aged_notes-0-body": "Still *so*.",
        "related_cards-TOTAL_FORMS": "1", "related_cards-0-card": str(card.pk),
        "related_cards-0-position": "1",
    }  # fmt: skip
    admin_client.post("/admin/comparisons/article/add/", typed(**given))
    article = Article.objects.get()
    assert article.aged_notes.get().body_html == "<p>Still <em>so</em>.</p>"
    assert article.related_cards.get().card == card


def test_staff_without_the_permission_do_not_write(client: Client, django_user_model) -> None:
    client.force_login(django_user_model.objects.create_user("ann", is_staff=True))
    assert client.post("/admin/comparisons/article/add/", typed()).status_code == 403
    assert not Article.objects.exists()
