"""Addresses of this room."""

from django.urls import URLPattern, path

from comparisons.pairings import list_views, views

urlpatterns: list[URLPattern] = [
    path("", list_views.compare, name="compare"),
    path("<slug:slug>/", views.comparison, name="comparison"),
]
