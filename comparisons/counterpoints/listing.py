"""The published counterpoints of one page: the newest on it, the rest on pages of their own."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import QuerySet

from comparisons.counterpoints.models import SHOWN, Counterpoint
from comparisons.listing import Key, Order, Page, moment, whole

NEWEST = Order((Key("created_at", moment, descending=True), Key("pk", whole, descending=True)))


def newest(published: QuerySet[Counterpoint]) -> Page[Counterpoint]:
    """What the page itself shows, in one query; `older` says where it goes on."""
    return first_page(list(newest_rows(published)))


def newest_rows(published: QuerySet[Counterpoint]) -> QuerySet[Counterpoint]:
    """One more than is shown: whether there are older ones."""
    return published.order_by(*(key.order(backwards=False) for key in NEWEST.keys))[: SHOWN + 1]


def first_page(rows: Sequence[Counterpoint]) -> Page[Counterpoint]:
    shown = list(rows[:SHOWN])
    return Page(shown, NEWEST.cursor(shown[-1]) if len(rows) > SHOWN else "")
