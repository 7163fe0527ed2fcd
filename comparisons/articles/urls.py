"""Addresses of this room."""

from django.urls import URLPattern, path

from comparisons.articles import feed, views

urlpatterns: list[URLPattern] = [
    path("articles/", views.articles, name="articles"),
    path("articles/<slug:slug>/", views.article, name="article"),
    path("articles/<slug:slug>/preview/", views.preview, name="article-preview"),
    path("feeds/articles.atom", feed.articles_atom, name="articles-feed"),
]
