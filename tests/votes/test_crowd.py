"""A thousand votes over HTTP at once, with changes and take-backs: rows and counters come out exact.

The full size, ten thousand from 64 connections, is `python -m tests.bench.votes`.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator

import pytest

from comparisons.pairings.models import Pairing
from comparisons.votes.counts import Counts
from comparisons.votes.models import Vote
from tests.bench.crowd import Visit, post, send
from tests.factories.votes import counts_of
from tests.votes.test_cast import CHOICES, assert_counts_equal_rows

ADDRESS = "/compare/alpha-vs-beta/vote/"
VISITORS, CONNECTIONS = 400, 32


def visit(acts: list[str], ended: list[str]) -> Visit:
    """One visitor, who goes on as the one whom the first answer made them; `ended` learns their last word."""
    cookie = ""
    for choice in acts:
        told = yield post(ADDRESS, cookie=cookie, choice=choice)
        assert told.status == 303, told.head
        cookie = told.cookie or cookie
    ended.append(acts[-1])


def crowd(ended: list[str]) -> Iterator[Visit]:
    for number in range(VISITORS):
        chance = random.Random(number)
        acts = [chance.choice(CHOICES[:4])]  # "none" before any vote makes nobody
        acts += [chance.choice(CHOICES) for _ in range(chance.randrange(4))]
        yield visit(acts, ended)


@pytest.mark.django_db(transaction=True)
def test_a_thousand_votes_from_32_connections_are_exact(pairing, live_server):
    ended: list[str] = []
    port = int(live_server.url.rpartition(":")[2])
    send(port, crowd(ended), connections=CONNECTIONS)
    assert len(ended) == VISITORS
    stand = Counter(choice for choice in ended if choice != "none")
    assert Vote.objects.count() == sum(stand.values())
    assert counts_of(Pairing.objects.get(slug="alpha-vs-beta")) == Counts(**stand)
    assert_counts_equal_rows()
