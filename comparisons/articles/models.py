"""Articles, the dated notes on how they aged, and the cards they are about."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import OuterRef, Q, Subquery
from django.urls import reverse
from django.utils import timezone

from comparisons.articles.markdown import render
from comparisons.cards.models import Card


class Rendered(models.Model):
    """Markdown as typed, and the HTML that `markdown.render` made of it when it was saved."""

    body = models.TextField(help_text="Markdown: headings, lists, tables, code blocks, links.")
    body_html = models.TextField(editable=False)

    class Meta:
        abstract = True

    def save(self, *args: Any, update_fields: Iterable[str] | None = None, **options: Any) -> None:
        """The two never part: whoever saves the body saves its HTML."""
        self.body_html = render(self.body)
        if update_fields is not None and "body" in update_fields:
            update_fields = {*update_fields, "body_html"}
        super().save(*args, update_fields=update_fields, **options)


class ArticleQuerySet(models.QuerySet["Article"]):
    def published(self) -> Self:
        """What readers may see, for page, list, feed and sitemap alike. Newest first."""
        return self.filter(state=Article.State.PUBLISHED).order_by("-published_at", "-pk")

    def with_last_note(self) -> Self:
        """Each with `aged_on`, the date of its newest note on how it aged, None without any."""
        newest = AgedNote.objects.filter(article=OuterRef("pk")).values("dated")
        return self.annotate(aged_on=Subquery(newest[:1]))


class Article(Rendered):
    """One piece of writing by the editors. A draft is seen by staff alone."""

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        PUBLISHED = "published", "Published"

    slug = models.SlugField(max_length=120, unique=True)
    title = models.CharField(max_length=160)
    standfirst = models.CharField(
        max_length=400, help_text="Two or three sentences that stand for it in lists."
    )
    state = models.CharField(max_length=9, choices=State, default=State.DRAFT)
    # Stays when an article goes back to draft: the day it first stood here does not change.
    published_at = models.DateTimeField(null=True, blank=True, help_text="Empty: the moment it is published.")
    # Authors who leave are deactivated, not deleted: what they wrote still stands here.
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)

    objects = ArticleQuerySet.as_manager()

    class Meta:
        ordering = ["-published_at", "-pk"]
        indexes = [
            models.Index(
                name="article_published", fields=["-published_at", "-id"], condition=Q(state="published")
            )
        ]
        constraints = [
            models.CheckConstraint(
                name="article_state_is_known", condition=Q(state__in=["draft", "published"])
            ),
            models.CheckConstraint(
                name="article_published_has_a_date",
                condition=~Q(state="published") | Q(published_at__isnull=False),
            ),
            models.CheckConstraint(
                name="article_has_title_standfirst_and_body",
                condition=~Q(title="") & ~Q(standfirst="") & ~Q(body=""),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("article", args=[self.slug])

    def clean(self) -> None:
        """Whoever publishes need not type the time."""
        if self.state == self.State.PUBLISHED and self.published_at is None:
            self.published_at = timezone.now()

    @property
    def byline(self) -> str:
        """A name the author has given; never the name they sign in with."""
        return self.author.get_full_name() or "the editors"


class AgedNote(Rendered):
    """What has become of an article since: written later, dated, put above the text it comments on."""

    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="aged_notes")
    dated = models.DateField(default=timezone.localdate)

    class Meta:
        ordering = ["-dated", "-pk"]
        constraints = [models.CheckConstraint(name="aged_note_says_something", condition=~Q(body=""))]

    def __str__(self) -> str:
        return f"{self.article_id}, {self.dated}"


class RelatedCard(models.Model):
    """A card an article is about; its box shows the card's current facts, whatever the article says."""

    article = models.ForeignKey(
        Article, on_delete=models.CASCADE, related_name="related_cards", db_index=False
    )
    card = models.ForeignKey(Card, on_delete=models.CASCADE, related_name="+")
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        # Not unique together: two boxes trade places in two steps.
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(name="related_card_once_per_article", fields=["article", "card"])
        ]

    def __str__(self) -> str:
        return f"{self.card_id} on {self.article_id}"
