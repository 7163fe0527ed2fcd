"""Everything one article's page shows, in four queries however much there is of it."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.safestring import SafeString, mark_safe

from comparisons.articles.markdown import with_copy_buttons
from comparisons.articles.models import AgedNote, Article, ArticleQuerySet
from comparisons.cards.facts import Facts, RunWay
from comparisons.cards.models import Card
from comparisons.counterpoints.listing import newest
from comparisons.counterpoints.models import Counterpoint
from comparisons.listing import Page

OFFERED = (
    "ollama",
    "llama.cpp",
    "vllm",
    "hugging_face",
)  # which way to run it a box shows, if there are more


class NoSuchArticle(LookupError):
    """Nothing is published at this address."""


@dataclass(frozen=True, slots=True)
class FactBox:
    """A card beside an article: its facts as they are today, not as they were when somebody wrote."""

    card: Card
    facts: Facts

    @property
    def way(self) -> RunWay | None:
        """The first way to run it that begins with a command."""
        ways = [way for kind in OFFERED for way in self.facts.ways(kind) if way.command]
        return ways[0] if ways else None


@dataclass(frozen=True, slots=True)
class ArticlePage:
    article: Article
    body: SafeString
    notes: tuple[AgedNote, ...]
    boxes: tuple[FactBox, ...]
    counterpoints: Page[Counterpoint]


def article_page(slug: str, among: ArticleQuerySet) -> ArticlePage:
    """The page of one article of `among`: the published ones, or all for staff. Raises NoSuchArticle."""
    article = among.select_related("author").filter(slug=slug).first()
    if article is None:
        raise NoSuchArticle(slug)
    related = article.related_cards.filter(card__snapshot__isnull=False)
    return ArticlePage(
        article=article,
        body=mark_safe(with_copy_buttons(article.body_html)),  # noqa: S308  # sanitized when it was saved
        notes=tuple(article.aged_notes.all()),
        boxes=tuple(
            FactBox(each.card, each.card.facts)
            for each in related.select_related("card__lab", "card__snapshot")
        ),
        counterpoints=newest(Counterpoint.objects.on_article(article)),
    )
