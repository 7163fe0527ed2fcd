"""Addresses of this room."""

from django.urls import URLPattern, path

from comparisons.home import views

urlpatterns: list[URLPattern] = [
    path("", views.home, name="home"),
    path("search/", views.search, name="search"),
]
