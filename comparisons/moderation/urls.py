"""Addresses of the desk, for staff, and of the decisions, for everybody."""

from django.urls import URLPattern, path

from comparisons.moderation import views

urlpatterns: list[URLPattern] = [
    path("moderation/", views.queue, name="moderation"),
    path("moderation/decide/", views.decide_several, name="moderation-decide-several"),
    path("moderation/history/", views.history, name="moderation-history"),
    path("moderation/find/", views.find, name="moderation-find"),
    path("moderation/<int:pk>/", views.item, name="moderation-item"),
    path("moderation/<int:pk>/decide/", views.decide_one, name="moderation-decide"),
    path("moderation/<int:pk>/undo/", views.undo, name="moderation-undo"),
    path("moderation/<int:pk>/redact/", views.redact, name="moderation-redact"),
    path("moderation/<int:pk>/erase/", views.erase, name="moderation-erase"),
    path("methodology/decisions/", views.decisions, name="decisions"),
]
