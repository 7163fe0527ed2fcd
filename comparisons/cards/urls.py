"""Addresses of this room."""

from django.urls import URLPattern, path

from comparisons.cards import views

urlpatterns: list[URLPattern] = [
    path("", views.models, name="models"),
    path("price-and-score/<slug:judge>.svg", views.price_map, name="price-map"),
    path("suggest/", views.suggest, name="card-suggest"),
    path("<slug:slug>/", views.card, name="card"),
]
