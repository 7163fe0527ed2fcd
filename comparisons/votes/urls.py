"""Addresses of votes, below /compare/."""

from django.urls import URLPattern, path

from comparisons.votes import views

urlpatterns: list[URLPattern] = [
    path("<slug:slug>/vote/", views.vote, name="vote"),
    path("<slug:slug>/vote/decider/", views.decider, name="vote-decider"),
]
