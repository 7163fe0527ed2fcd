"""Addresses of this room, below /bookmarks/."""

from django.urls import URLPattern, path

from comparisons.bookmarks import targets, views

urlpatterns: list[URLPattern] = [
    path("", views.bookmarks, name="bookmarks"),
    path("export/", views.export, name="export-bookmarks"),
    path("forget/", views.forget_me, name="forget-me"),
    path("cards/<slug:slug>/", views.bookmark, {"find": targets.card_target}, name="bookmark-cards"),
    path("pairings/<slug:slug>/", views.bookmark, {"find": targets.pairing_target}, name="bookmark-pairings"),
]
