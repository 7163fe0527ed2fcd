"""Addresses of counterpoints, below /compare/ and below /articles/."""

from django.urls import URLPattern, path

from comparisons.counterpoints import subjects, views

COMPARISON, ARTICLE = {"find": subjects.comparison}, {"find": subjects.article}

urlpatterns: list[URLPattern] = [
    path("compare/<slug:slug>/counterpoints/", views.counterpoints, COMPARISON, name="counterpoints"),
    path("compare/<slug:slug>/counterpoints/new/", views.new, COMPARISON, name="new-counterpoint"),
    path(
        "compare/<slug:slug>/counterpoints/earlier/", views.earlier, COMPARISON, name="earlier-counterpoints"
    ),
    path("compare/<slug:slug>/counterpoints/<str:token>/", views.counterpoint, name="counterpoint"),
    path("articles/<slug:slug>/counterpoints/", views.counterpoints, ARTICLE, name="article-counterpoints"),
    path("articles/<slug:slug>/counterpoints/new/", views.new, ARTICLE, name="new-article-counterpoint"),
    path("articles/<slug:slug>/counterpoints/earlier/", views.earlier, ARTICLE, name="earlier-on-article"),
    path("articles/<slug:slug>/counterpoints/<str:token>/", views.counterpoint, name="article-counterpoint"),
]
