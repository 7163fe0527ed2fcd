"""The published counterpoints of one page: the newest on it, the rest on pages of their own."""

from __future__ import annotations

from django.db.models import QuerySet

from comparisons.counterpoints.models import SHOWN, Counterpoint
from comparisons.listing import Key, Order, Page, moment, turn, whole

NEWEST = Order((Key("created_at", moment, descending=True), Key("pk", whole, descending=True)))


def newest(published: QuerySet[Counterpoint]) -> Page[Counterpoint]:
    """What the page itself shows, in one query; `older` says where it goes on."""
    return turn(published, NEWEST, {}, size=SHOWN)
