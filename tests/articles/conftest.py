"""Articles to read, and who wrote them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from comparisons.articles.models import AgedNote, Article, RelatedCard
from comparisons.people.models import User
from tests.factories.cards import make_card

TEXT = "A paragraph with a [link](/models/alpha/).\n\n```\nollama pull alpha\n```\n"
PUBLISHED_AT = datetime(2026, 11, 1, 9, tzinfo=UTC)


def make_article(slug: str = "a-local-model", *, cards: tuple[str, ...] = (), **columns: Any) -> Article:
    """A published article; with `state="draft"` and no date, a draft."""
    author = User.objects.get_or_create(username="wordsmith", defaults={"is_staff": True})[0]
    plain: dict[str, Any] = {
        "title": "A local model",
        "standfirst": "Why one keeps it.",
        "body": TEXT,
        "state": Article.State.PUBLISHED,
        "published_at": PUBLISHED_AT,
        "author": author,
    }
    article = Article.objects.create(slug=slug, **{**plain, **columns})
    for position, card in enumerate(cards):
        RelatedCard.objects.create(article=article, card=make_card(card), position=position)
    return article


def age(article: Article, body: str, day: date) -> AgedNote:
    return AgedNote.objects.create(article=article, body=body, dated=day)


@pytest.fixture
def article() -> Article:
    make_article("unfinished-secret", title="Secret draft", state=Article.State.DRAFT, published_at=None)
    return make_article(cards=("alpha", "beta"))
