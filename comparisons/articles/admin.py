"""Where editors write articles. A draft is saved as often as they like and shown to staff by its preview."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.forms import ModelForm, Textarea
from django.http import HttpRequest
from django.urls import reverse

from comparisons.articles.models import AgedNote, Article, RelatedCard


class RelatedCardInline(admin.TabularInline):  # type: ignore[type-arg]  # not generic at run time
    model = RelatedCard
    autocomplete_fields = ["card"]
    extra = 0


class AgedNoteInline(admin.StackedInline):  # type: ignore[type-arg]  # not generic at run time
    model = AgedNote
    fields = ["dated", "body"]
    extra = 0


@admin.register(Article)
class ArticleAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # not generic at run time
    list_display = ["title", "state", "published_at", "author", "changed_at"]
    list_filter = ["state"]
    list_select_related = ["author"]
    search_fields = ["title", "slug", "standfirst", "body"]
    prepopulated_fields = {"slug": ["title"]}
    fields = ["title", "slug", "standfirst", "body", "state", "published_at"]
    inlines = [AgedNoteInline, RelatedCardInline]

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **options: Any) -> Any:
        if db_field.name == "standfirst":
            options["widget"] = Textarea(attrs={"rows": 3, "cols": 100})
        return super().formfield_for_dbfield(db_field, request, **options)

    def save_model(
        self, request: HttpRequest, article: Article, form: ModelForm[Article], change: bool
    ) -> None:
        """The first to save it is its author."""
        if not change:
            assert request.user.is_authenticated
            article.author = request.user
        super().save_model(request, article, form, change)

    def view_on_site(self, article: Article) -> str:
        """The preview: it shows every article, published or not."""
        return reverse("article-preview", args=[article.slug])
