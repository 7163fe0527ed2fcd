"""Moments handed out through a real Redis."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import redis

from panel import limiter
from panel.limiter import NotYet, report_answered, report_throttled, wait_turn


class Host:
    kind, calls_per_minute = "mistral", 0

    def __init__(self, host, calls_per_minute=0):
        self.host, self.calls_per_minute = host, calls_per_minute


@pytest.fixture
def store(settings):
    with redis.Redis.from_url(settings.LIMITER_URL) as store:
        yield store
        for key in store.scan_iter("panel:limiter:*"):
            store.delete(key)


def rate_of(store, host):
    return float(store.hget(f"panel:limiter:mistral:{host}", "rate") or 0)


def test_nothing_is_limited_until_somebody_says_so(store):
    started = time.monotonic()
    for _ in range(200):
        wait_turn(Host("free.example"))
    assert time.monotonic() - started < 2


def test_a_known_limit_is_kept_by_many_threads_together(store):
    host = Host("slow.example", calls_per_minute=1200)  # 20 a second
    started = time.monotonic()
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(wait_turn, [host] * 21))
    assert time.monotonic() - started >= 0.98  # the first at once, then one every 50 ms


def test_a_429_slows_down_and_a_burst_of_them_counts_once(store):
    host = Host("busy.example")
    for _ in range(100):
        wait_turn(host)
    report_throttled(host, retry_after=None)
    slowed = rate_of(store, "busy.example")
    assert slowed > 0
    for _ in range(10):
        report_throttled(host, retry_after=None)
    assert rate_of(store, "busy.example") == slowed


def test_answers_speed_it_up_again_to_just_below_where_it_hurt(store):
    host = Host("back.example")
    for _ in range(100):
        wait_turn(host)
    report_throttled(host, retry_after=None)
    slowed = rate_of(store, "back.example")
    for _ in range(60):
        report_answered(host)
    assert slowed * 1.15 < rate_of(store, "back.example") < slowed / 0.8 * 1.02


def test_a_wait_too_long_for_a_thread_sends_the_hearing_back(store):
    host = Host("later.example")
    report_throttled(host, retry_after=60)
    with pytest.raises(NotYet) as later:
        wait_turn(host)
    assert 55 < later.value.retry_after <= 60


def test_an_hour_of_retry_after_is_not_everybodys_business(store):
    host = Host("hour.example")
    report_throttled(host, retry_after=3600)
    wait_turn(host)


def test_without_redis_nothing_is_limited(settings):
    settings.LIMITER_URL = "unix:///nowhere/at/all.sock"
    wait_turn(Host("free.example", calls_per_minute=1))
    report_throttled(Host("free.example"), retry_after=None)


def test_a_judge_in_this_process_waits_for_nobody(settings):
    settings.LIMITER_URL = "unix:///nowhere/at/all.sock"
    wait_turn(Host(""))
    report_answered(Host(""))
    assert limiter.LONGEST_WAIT > 0
