"""Addresses of this room."""

from django.urls import URLPattern, path

from comparisons.reviews import views

urlpatterns: list[URLPattern] = [
    path("reviewers/", views.reviewers, name="reviewers"),
    path("reviewers/<slug:slug>/", views.reviewer, name="reviewer"),
    path("methodology/", views.methodology, name="methodology"),
]
