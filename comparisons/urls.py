"""The register of the rooms' addresses."""

from django.urls import URLPattern, URLResolver, include, path

# Each room owns its own urls.py; the order matters only where one address could match two rooms.
urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("comparisons.home.urls")),
    path("compare/", include("comparisons.votes.urls")),
    path("compare/", include("comparisons.counterpoints.urls")),
    path("compare/", include("comparisons.pairings.urls")),
    path("models/", include("comparisons.cards.urls")),
    path("", include("comparisons.reviews.urls")),
]
