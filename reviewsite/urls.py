"""The addresses, room by room; design: nouns, plural, trailing slash."""

from django.contrib import admin
from django.urls import include, path

from comparisons.api.urls import nothing
from reviewsite import health

urlpatterns = [
    path("", include("comparisons.urls")),
    path("", include("panel.urls")),
    path("", include("comparisons.people.urls")),
    path("", include("comparisons.api.urls")),
    path("", include("panel.api.urls")),
    *nothing,
    path("admin/", admin.site.urls),
    path("healthz/", health.process, name="healthz"),
    path("readyz/", health.ready, name="readyz"),
]
