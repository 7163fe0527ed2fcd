"""The addresses, room by room; design: nouns, plural, trailing slash. What machines ask is in probes.py."""

from django.conf import settings
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from comparisons.api.urls import nothing

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("comparisons.urls")),
    path("", include("panel.urls")),
    path("", include("comparisons.people.urls")),
    path("", include("comparisons.api.urls")),
    path("", include("panel.api.urls")),
    *nothing,
    path("admin/", admin.site.urls),
]
if settings.USES_ANYMAIL:
    urlpatterns += [path("anymail/", include("anymail.urls"))]  # where the mail provider reports bounces
