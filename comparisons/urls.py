"""The register of the rooms' addresses."""

from django.urls import URLPattern, URLResolver, include, path

from comparisons import feeds, sitemaps

# Each room owns its own urls.py; the order matters only where one address could match two rooms.
urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("comparisons.home.urls")),
    path("compare/", include("comparisons.votes.urls")),
    path("", include("comparisons.counterpoints.urls")),
    path("compare/", include("comparisons.pairings.urls")),
    path("models/", include("comparisons.cards.urls")),
    path("", include("comparisons.articles.urls")),
    path("bookmarks/", include("comparisons.bookmarks.urls")),
    path("digest/", include("comparisons.digest.urls")),
    path("", include("comparisons.reviews.urls")),
    path("", include("comparisons.moderation.urls")),
    path("", include("comparisons.social.urls")),
    path("feeds/verdicts.atom", feeds.verdicts, name="verdicts-feed"),
    path("sitemap.xml", sitemaps.index, name="sitemap"),
    path("sitemaps/pages.xml", sitemaps.pages, name="sitemap-pages"),
    path("sitemaps/<int:number>.xml", sitemaps.comparisons, name="sitemap-comparisons"),
]
