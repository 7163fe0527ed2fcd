"""Articles from files: front matter between two lines "---", then the text in Markdown. See `starter/`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Annotated

import yaml
from django.db import transaction
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from comparisons.articles.models import AgedNote, Article, RelatedCard
from comparisons.cards.models import Card
from comparisons.people.models import User

FENCE = "---\n"


class UnusableArticle(Exception):
    """A file no article can be made of; the message names file and field in one sentence."""


Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Aged(_Strict):
    dated: date
    note: Annotated[Words, Field(max_length=4_000)]


class ArticleRecord(_Strict):
    """One file, checked."""

    slug: Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(?:-[a-z0-9]+)*$", max_length=120)]
    title: Annotated[Words, Field(max_length=160)]
    standfirst: Annotated[Words, Field(max_length=400)]
    published_on: date | None = None  # left out: a draft
    cards: tuple[str, ...] = ()  # slugs, in the order of their boxes
    aged: tuple[_Aged, ...] = ()
    body: Annotated[Words, Field(max_length=100_000)]


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of one record."""

    article: Article
    created: bool
    unknown_cards: tuple[str, ...] = ()


def read_article(file: Path) -> ArticleRecord:
    """Raises UnusableArticle."""
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise UnusableArticle(f"{file}: cannot be read.") from None
    nothing, fence, rest = text.partition(FENCE)
    front, second, body = rest.partition(f"\n{FENCE}")
    if nothing or not fence or not second:
        raise UnusableArticle(f"{file}: does not begin with front matter between two lines “---”.")
    try:
        fields = yaml.safe_load(front)
    except yaml.YAMLError:
        raise UnusableArticle(f"{file}: its front matter is not YAML.") from None
    if not isinstance(fields, dict):
        raise UnusableArticle(f"{file}: its front matter has no fields.")
    try:
        return ArticleRecord.model_validate({**fields, "body": body.replace("\x00", "")})
    except ValidationError as refusal:
        first = refusal.errors()[0]
        where = ".".join(str(step) for step in first["loc"]) or "front matter"
        raise UnusableArticle(f"{file}, {where}: {first['msg'].lower()}.") from None


@transaction.atomic
def save_article(record: ArticleRecord, *, author: User) -> Imported:
    """Makes the article, once: one with its slug is left as editors have it since."""
    kept = Article.objects.filter(slug=record.slug).first()
    if kept is not None:
        return Imported(kept, created=False)
    day = record.published_on
    article = Article.objects.create(
        slug=record.slug,
        title=record.title,
        standfirst=record.standfirst,
        body=record.body,
        state=Article.State.PUBLISHED if day else Article.State.DRAFT,
        published_at=datetime.combine(day, time(), UTC) if day else None,
        author=author,
    )
    for aged in record.aged:
        AgedNote.objects.create(article=article, dated=aged.dated, body=aged.note)
    cards = {card.slug: card for card in Card.objects.filter(slug__in=record.cards)}
    slugs = dict.fromkeys(record.cards)
    known = [cards[slug] for slug in slugs if slug in cards]
    RelatedCard.objects.bulk_create(
        RelatedCard(article=article, card=card, position=position)
        for position, card in enumerate(known, start=1)
    )
    return Imported(article, created=True, unknown_cards=tuple(slug for slug in slugs if slug not in cards))
