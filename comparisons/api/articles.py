"""Articles of the editors, with dated notes on how they aged."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers

from comparisons.api.cards import CardName
from comparisons.api.noun import ReadNoun
from comparisons.api.parts import Address, Record
from comparisons.articles.markdown import with_full_addresses
from comparisons.articles.models import Article
from comparisons.listing import Key, Order, moment, whole


class ArticleRecord(Record):
    """An article, as lists have it."""

    named_by = "slug"
    slug = serializers.CharField()
    url = Address("/api/v1/articles/{}/", source="slug")
    page = Address("/articles/{}/", source="slug", help_text="For people.")
    title = serializers.CharField()
    standfirst = serializers.CharField()
    author = serializers.CharField(source="byline")
    published_at = serializers.DateTimeField()
    changed_at = serializers.DateTimeField()
    aged_on = serializers.DateField(allow_null=True, help_text="Date of the newest note on how it aged.")


class NoteRecord(Record):
    """What has become of the article since."""

    dated = serializers.DateField()
    html = serializers.CharField()


class ArticleDetail(ArticleRecord):
    """A whole article."""

    html = serializers.CharField(help_text="Sanitized; links are full addresses.")
    notes = NoteRecord(many=True)
    cards = CardName(many=True, help_text="What it is about.")
    counterpoints = Address("/api/v1/counterpoints/?article={}", source="slug")


@extend_schema_view(
    list=extend_schema(summary="Articles", description="Newest first."),
    retrieve=extend_schema(summary="One article"),
)
class Articles(ReadNoun):
    serializer_class = ArticleRecord
    detail_serializer = ArticleDetail
    orders = {
        "newest": Order((Key("published_at", moment, descending=True), Key("pk", whole, descending=True)))
    }
    examples_of_path = {"slug": "a-local-model-for-the-day-the-cloud-is-down"}
    missing = "No article is published at this address."

    def get_queryset(self) -> QuerySet[Any]:
        return Article.objects.published().with_last_note().select_related("author")

    def with_more(self, rows: list[Any]) -> list[Any]:
        if self.action != "retrieve":
            return rows
        for article in rows:
            related = article.related_cards.filter(card__snapshot__isnull=False).select_related("card")
            article.cards = [each.card for each in related]
            article.html = with_full_addresses(article.body_html, settings.SITE_URL)
            article.notes = [
                {"dated": note.dated, "html": with_full_addresses(note.body_html, settings.SITE_URL)}
                for note in article.aged_notes.all()
            ]
        return rows
