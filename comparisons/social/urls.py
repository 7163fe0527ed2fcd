"""Addresses of this room."""

from django.urls import URLPattern, path

from comparisons.social import views

urlpatterns: list[URLPattern] = [
    path("og.png", views.site, name="site-picture"),
    path("compare/<slug:slug>/og.png", views.comparison, name="comparison-picture"),
    path("models/<slug:slug>/og.png", views.card, name="card-picture"),
]
