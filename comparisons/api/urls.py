"""Addresses of the API. What needs the panel is in panel.api.urls; what is no address is answered last."""

from __future__ import annotations

from typing import Any

from django.urls import URLPattern, path, re_path

from comparisons.api.articles import Articles
from comparisons.api.cards import Cards
from comparisons.api.counterpoints import Counterpoints, SendingOnArticle, SendingOnPairing
from comparisons.api.decisions import Decisions, Waiting
from comparisons.api.docs import docs
from comparisons.api.imports import Imports
from comparisons.api.index import Index, SchemaView
from comparisons.api.labs import Labs
from comparisons.api.leaderboard import Leaderboard
from comparisons.api.noun import Nothing, Noun
from comparisons.api.pairings import Pairings
from comparisons.api.reviewers import Reviewers
from comparisons.api.reviews import Reviews
from comparisons.api.search import Search
from comparisons.api.verdicts import Verdicts
from comparisons.api.votes import Votes
from comparisons.switches.middleware import stops_with

LIST, ONE, NEW = {"get": "list"}, {"get": "retrieve"}, {"post": "create"}
OWN = {"get": "retrieve", "put": "update", "delete": "destroy"}
METHODS = ("get", "post", "put", "patch", "delete", "head", "trace")


def at(address: str, noun: type[Noun], actions: Any, name: str = "") -> URLPattern:
    """Writes of a noun end when its switch is turned, as those on pages do."""
    view = noun.as_view(actions)
    if noun.switch:
        view = stops_with(noun.switch)(view)
    return path(f"api/v1/{address}", view, name=f"api-{name}" if name else None)


urlpatterns: list[URLPattern] = [
    path("api/docs/", docs, name="api-docs"),
    at("", Index, ONE, "index"),
    at("schema/", SchemaView, ONE, "schema"),
    at("labs/", Labs, LIST),
    at("labs/<slug:slug>/", Labs, ONE),
    at("cards/", Cards, LIST),
    at("cards/<slug:slug>/", Cards, ONE),
    at("pairings/", Pairings, LIST),
    at("pairings/<slug:slug>/", Pairings, ONE),
    at("pairings/<slug:slug>/vote/", Votes, OWN),
    at("pairings/<slug:slug>/counterpoints/", SendingOnPairing, NEW),
    at("verdicts/", Verdicts, LIST),
    at("verdicts/<int:id>/", Verdicts, ONE),
    at("reviews/", Reviews, LIST),
    at("reviews/<int:id>/", Reviews, ONE),
    at("reviewers/", Reviewers, LIST),
    at("reviewers/<slug:slug>/", Reviewers, ONE),
    at("articles/", Articles, LIST),
    at("articles/<slug:slug>/", Articles, ONE),
    at("articles/<slug:slug>/counterpoints/", SendingOnArticle, NEW),
    at("counterpoints/", Counterpoints, LIST),
    at("counterpoints/waiting/", Waiting, LIST),
    at("counterpoints/<int:id>/", Counterpoints, ONE),
    at("counterpoints/<int:id>/decisions/", Decisions, NEW),
    at("leaderboard/", Leaderboard, LIST),
    at("search/", Search, ONE),
    at("imports/", Imports, NEW),
]
# Without the catch-all Django would look for the same address with a slash and answer with a page.
nothing = [re_path("^api/v1/", Nothing.as_view(dict.fromkeys(METHODS, "nothing")))]
