"""Addresses of the API that need the panel."""

from __future__ import annotations

from django.urls import URLPattern

from comparisons.api.urls import LIST, NEW, ONE, at
from panel.api.receipts import Receipts
from panel.api.runs import Runs

urlpatterns: list[URLPattern] = [
    at("receipts/", Receipts, LIST),
    at("receipts/<uuid:uuid>/", Receipts, ONE),
    at("panel/runs/", Runs, {**LIST, **NEW}),
    at("panel/runs/<uuid:uuid>/", Runs, ONE),
    at("panel/runs/<uuid:uuid>/stop/", Runs, {"post": "stop"}),
    at("panel/runs/<uuid:uuid>/resume/", Runs, {"post": "resume"}),
]
