"""Addresses of counterpoints, below /compare/."""

from django.urls import URLPattern, path

from comparisons.counterpoints import views

urlpatterns: list[URLPattern] = [
    path("<slug:slug>/counterpoints/", views.counterpoints, name="counterpoints"),
    path("<slug:slug>/counterpoints/new/", views.new, name="new-counterpoint"),
    path("<slug:slug>/counterpoints/<str:token>/", views.counterpoint, name="counterpoint"),
]
