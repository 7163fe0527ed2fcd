"""The addresses, room by room; design: nouns, plural, trailing slash."""

from django.contrib import admin
from django.urls import include, path

from reviewsite import health

urlpatterns = [
    path("", include("comparisons.urls")),
    path("", include("panel.urls")),
    path("", include("comparisons.people.urls")),
    path("admin/", admin.site.urls),
    path("healthz/", health.process, name="healthz"),
    path("readyz/", health.ready, name="readyz"),
]
