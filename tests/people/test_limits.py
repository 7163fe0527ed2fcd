"""Counting attempts in a real Redis."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import redis
from django.conf import settings as django_settings
from pytest_django import Settings

from comparisons.people.limits import Limit, count

NETWORK = "192.0.2.0/24"


@pytest.fixture
def store() -> Iterator[redis.Redis]:
    with redis.Redis.from_url(django_settings.LIMITER_URL) as client:
        yield client


def limit(most: int = 2, seconds: int = 60) -> Limit:
    return Limit(f"tests-{secrets.token_hex(4)}", most, seconds)


def test_as_many_as_allowed_and_no_more() -> None:
    votes = limit(most=2)
    found = [count(votes, NETWORK) for _ in range(3)]
    assert [each.allowed for each in found] == [True, True, False]
    assert [each.left for each in found] == [1, 0, 0]
    assert all(58 <= each.reset_seconds <= 60 for each in found)


def test_each_subject_and_each_limit_is_counted_for_itself() -> None:
    votes, mails = limit(most=1), limit(most=1)
    assert count(votes, NETWORK).allowed
    assert count(votes, "198.51.100.0/24").allowed
    assert count(mails, NETWORK).allowed


def test_a_window_ends_and_another_begins(store: redis.Redis) -> None:
    votes = limit(most=1)
    count(votes, NETWORK)
    assert not count(votes, NETWORK).allowed
    [key] = store.keys(f"limits:{votes.name}:*")
    store.pexpire(key, 1)
    while store.exists(key):
        pass
    assert count(votes, NETWORK).allowed


def test_of_500_at_once_exactly_the_allowed_ones_pass() -> None:
    votes = limit(most=10)
    with ThreadPoolExecutor(32) as threads:
        found = list(threads.map(lambda _: count(votes, NETWORK), range(500)))
    assert sum(each.allowed for each in found) == 10


def test_redis_keeps_no_network_and_forgets_the_salt(store: redis.Redis) -> None:
    count(limit(), NETWORK)
    kept = [key.decode() for key in store.keys("limits:*")]
    assert not any("192.0.2" in key for key in kept)
    [salt] = [key for key in kept if key.startswith("limits:salt:")]
    assert 0 < store.ttl(salt) <= 172800


def test_without_redis_nothing_is_limited(settings: Settings) -> None:
    settings.LIMITER_URL = "unix:///nowhere/at/all.sock"
    found = count(limit(most=0), NETWORK)
    assert found.allowed
    assert found.count == 0
