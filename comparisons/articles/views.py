"""The list of articles, an article, and a draft as staff see it."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from comparisons.articles.models import Article
from comparisons.articles.page import ArticlePage, NoSuchArticle, article_page
from comparisons.listing import Key, Order, moment, turn, whole
from comparisons.people.roles import Role, role_required
from comparisons.structured import of_article

SIZE = 20
NEWEST = Order((Key("published_at", moment, descending=True), Key("pk", whole, descending=True)))


@require_safe
def articles(request: HttpRequest) -> HttpResponse:
    shown = Article.objects.published().with_last_note()
    page = turn(shown, NEWEST, request.GET, size=SIZE)
    context = {"page": page, "newer": page.newer(), "older": page.older()}
    return render(request, "articles/articles.html", context)


@require_safe
def article(request: HttpRequest, slug: str) -> HttpResponse:
    try:
        page = article_page(slug, Article.objects.published())
    except NoSuchArticle:
        raise Http404("No article is published at this address.") from None
    return _article(request, page)


@require_safe
@role_required(Role.EDITOR)
def preview(request: HttpRequest, slug: str) -> HttpResponse:
    """An article as its page will show it, in whatever state it is. Strangers are asked to sign in whether or
    not there is one, so that nobody learns the names of drafts."""
    try:
        page = article_page(slug, Article.objects.all())
    except NoSuchArticle:
        raise Http404("There is no article with this slug.") from None
    return _article(request, page, preview=True)


def _article(request: HttpRequest, page: ArticlePage, *, preview: bool = False) -> HttpResponse:
    context = {
        "page": page,
        "preview": preview,
        "linked_data": of_article(page),
        # What the fragment of counterpoints asks for, here as on its own pages.
        "article": page.article,
        "counterpoints": page.counterpoints,
    }
    return render(request, "articles/article.html", context)
