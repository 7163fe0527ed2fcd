"""The addresses, room by room; design: nouns, plural, trailing slash."""

from django.conf import settings
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from reviewsite import health

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("comparisons.urls")),
    path("", include("panel.urls")),
    path("", include("comparisons.people.urls")),
    path("admin/", admin.site.urls),
    path("healthz/", health.process, name="healthz"),
    path("readyz/", health.ready, name="readyz"),
]
if settings.USES_ANYMAIL:
    urlpatterns += [path("anymail/", include("anymail.urls"))]  # where the mail provider reports bounces
