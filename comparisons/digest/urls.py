"""Addresses of this room."""

from django.urls import URLPattern, path, re_path

from comparisons.digest import desk_views, views

TOKEN = "(?P<token>[A-Za-z0-9_-]{32})"  # noqa: S105 - a pattern

urlpatterns: list[URLPattern] = [
    path("", views.archive, name="digest"),
    path("subscribe/", views.subscribe, name="digest-subscribe"),
    re_path(rf"^confirm/{TOKEN}/$", views.confirm, name="digest-confirm"),
    re_path(rf"^unsubscribe/{TOKEN}/$", views.unsubscribe, name="digest-unsubscribe"),
    re_path(rf"^preferences/{TOKEN}/$", views.preferences, name="digest-preferences"),
    # Staff.
    path("desk/", desk_views.desk, name="digest-desk"),
    path("desk/preview/", desk_views.preview, name="digest-preview"),
    path("desk/preview.txt", desk_views.preview_text, name="digest-preview-text"),
    path("desk/test/", desk_views.test, name="digest-test"),
    path("desk/turn/", desk_views.turn, name="digest-turn"),
    path("outbox/", desk_views.outbox_list, name="digest-outbox"),
    re_path(r"^outbox/(?P<name>[0-9a-f-]+\.eml)/$", desk_views.outbox_message, name="digest-outbox-message"),
    re_path(r"^outbox/(?P<name>[0-9a-f-]+\.eml)/html/$", desk_views.outbox_html, name="digest-outbox-html"),
    re_path(r"^(?P<week>[0-9]{4}-W[0-9]{2})/$", views.issue, name="digest-issue"),
]
