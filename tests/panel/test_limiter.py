"""Moments handed out through a real Redis."""

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest
import redis

from panel import limiter
from panel.limiter import room, wait_turn
from panel.providers import NotYet, Throttled


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


KEY = "panel:limiter:mistral:{}"


def rate_of(store, host):
    return float(store.hget(KEY.format(host), "rate") or 0)


def now_of(store):
    """The store's clock, in ms."""
    seconds, micros = store.time()
    return seconds * 1000 + micros // 1000


def made_calls(store, host, *, calls, seconds):
    store.hset(KEY.format(host), mapping={"window": now_of(store) - int(seconds * 1000), "count": calls})


def report_answered(host):
    with room(host):
        pass


def report_throttled(host, *, retry_after=None):
    """A refusal while no other call is under way."""
    with pytest.raises(Throttled), room(host):
        raise Throttled("slower", retry_after=retry_after)


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
    report_throttled(host)
    slowed = rate_of(store, "busy.example")
    assert slowed == 80
    for _ in range(10):
        report_throttled(host)
    assert rate_of(store, "busy.example") == slowed


def test_answers_speed_it_up_again_to_just_below_where_it_hurt(store):
    host = Host("back.example")
    made_calls(store, "back.example", calls=100, seconds=5)
    report_throttled(host)
    slowed = rate_of(store, "back.example")
    for _ in range(60):
        report_answered(host)
    assert slowed == pytest.approx(16, rel=0.1)
    assert slowed * 1.15 < rate_of(store, "back.example") < slowed / 0.8 * 1.02


@pytest.mark.parametrize(
    ("calls", "seconds", "rate", "known"),
    [
        (1, 0, 4.0, False),  # what five a second are cut to: nothing is known
        (1, 9, 4.0, False),
        (19, 3, 5.07, False),
        (60, 0.3, 48, False),  # a burst at a start says no more
        (20, 2, 8.0, True),
        (300, 10, 24.0, True),
    ],
)
def test_a_first_429_slows_down_to_what_was_seen_or_to_a_guess(store, calls, seconds, rate, known):
    made_calls(store, "first.example", calls=calls, seconds=seconds)
    report_throttled(Host("first.example"))
    assert rate_of(store, "first.example") == pytest.approx(rate, rel=0.1)
    assert (float(store.hget(KEY.format("first.example"), "ceiling")) > 0) == known


def test_from_a_guess_it_is_soon_as_fast_as_ever_and_the_next_429_tells_the_limit(store):
    host = Host("guess.example")
    made_calls(store, "guess.example", calls=1, seconds=0)
    report_throttled(host)
    for _ in range(80):
        report_answered(host)
    assert rate_of(store, "guess.example") == pytest.approx(12)
    store.hincrby(KEY.format("guess.example"), "cut", -2_000)
    report_throttled(host)  # within the pause between two cuts: nobody slows down
    assert rate_of(store, "guess.example") == pytest.approx(12)
    for _ in range(80):
        report_answered(host)
    assert rate_of(store, "guess.example") == pytest.approx(12.8)


def test_where_most_calls_are_refused_the_answers_tell_the_limit(store):
    host = Host("narrow.example")
    key = KEY.format("narrow.example")
    long_ago = now_of(store) - 16_000
    store.hset(key, mapping={"rate": 30, "ceiling": 30, "cut": long_ago, "window": long_ago + 6_000})
    for _ in range(20):  # in ten seconds
        report_answered(host)
    report_throttled(host)
    assert rate_of(store, "narrow.example") == pytest.approx(0.8 * 1.1 * 2, rel=0.1)


def test_a_few_answers_tell_nothing(store):
    host = Host("few.example")
    long_ago = now_of(store) - 16_000
    store.hset(KEY.format("few.example"), mapping={"rate": 30, "cut": long_ago, "window": long_ago})
    for _ in range(3):
        report_answered(host)
    report_throttled(host)
    assert rate_of(store, "few.example") == pytest.approx(24, rel=0.02)


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
    report_throttled(Host("free.example"))


def test_a_judge_in_this_process_waits_for_nobody(settings):
    settings.LIMITER_URL = "unix:///nowhere/at/all.sock"
    wait_turn(Host(""))
    with room(Host("")):
        pass


# --- too many at once -----------------------------------------------------------------------------
class Calls:
    """Calls under way on one host, each in a room of its own."""

    def __init__(self, host):
        self.host, self.open = host, []

    def begin(self, count=1):
        for _ in range(count):
            stack = ExitStack()
            stack.enter_context(room(self.host))
            self.open.append(stack)

    def answered(self, count=1):
        for _ in range(count):
            self.open.pop(0).close()

    def refused(self, count=1):
        for _ in range(count):
            error = Throttled("slower")
            assert not self.open.pop(0).__exit__(Throttled, error, None)

    def refused_at_once(self):
        """One more than is under way, while the others are still waited for."""
        self.begin()
        self.open.insert(0, self.open.pop())
        self.refused()

    def full(self):
        """Whether one more would wait."""
        try:
            self.begin()
        except NotYet:
            return True
        self.open.pop().pop_all()  # it neither ends nor teaches anything
        return False


@pytest.fixture
def calls(store, monkeypatch):
    monkeypatch.setattr(limiter, "LONGEST_WAIT", 0)
    return Calls(Host("crowded.example"))


def room_of(store):
    return int(store.hget(KEY.format("crowded.example"), "room") or 0)


def test_there_is_room_for_as_many_as_were_not_refused(calls, store):
    calls.begin(16)
    time.sleep(0.002)
    calls.refused(8)
    assert room_of(store) == 8
    assert rate_of(store, "crowded.example") == 0
    with pytest.raises(NotYet, match="as much at once") as later:
        calls.begin()
    assert later.value.retryable
    calls.answered()
    calls.begin()
    assert calls.full()


def test_room_that_was_never_refused_grows_and_a_refusal_ends_that(calls, store):
    calls.begin(6)
    time.sleep(0.002)
    calls.refused(2)
    for _ in range(4):
        calls.answered()
        calls.begin()
    assert room_of(store) == 5
    calls.refused_at_once()
    assert room_of(store) == 4
    for _ in range(limiter.PROBE_ANSWERS - 1):
        calls.answered()
        calls.begin()
    assert room_of(store) == 4
    calls.answered()
    assert room_of(store) == 5


def test_a_provider_that_has_more_room_again_is_found_out(calls, store):
    calls.begin(3)
    calls.refused()
    store.hset(KEY.format("crowded.example"), mapping={"peak": 3, "held": limiter.PROBE_ANSWERS - 1})
    for _ in range(1 + limiter.PROBE_ANSWERS):  # tried, and it held
        calls.answered()
        calls.begin()
    assert room_of(store) == 4
    for _ in range(4):
        calls.answered()
        calls.begin()
    assert room_of(store) == 5


def test_refusals_within_the_room_say_that_it_is_the_rate(calls, store):
    calls.begin(16)
    time.sleep(0.002)
    calls.refused(6)
    assert room_of(store) == 10
    for strike in range(1, limiter.STRIKES + 1):
        assert rate_of(store, "crowded.example") == 0
        calls.answered(2)
        time.sleep(0.002)
        calls.refused_at_once()
        assert bool(room_of(store)) == (strike < limiter.STRIKES)
    assert rate_of(store, "crowded.example") > 0
    assert not calls.full()


def test_one_probe_refused_now_and_then_refutes_nothing(calls, store):
    calls.begin(9)
    time.sleep(0.002)
    calls.refused()
    store.hset(KEY.format("crowded.example"), "peak", 9)
    for _ in range(2 * limiter.STRIKES):
        for _ in range(limiter.PROBE_ANSWERS):
            calls.answered()
            calls.begin()
        assert room_of(store) == 9
        calls.refused_at_once()
        assert room_of(store) == 8


def test_refusals_that_come_sooner_refute_it_however_far_apart(calls, store):
    calls.begin(9)
    time.sleep(0.002)
    calls.refused()
    for strike in range(1, limiter.STRIKES + 1):
        assert room_of(store) == 9 - strike
        calls.answered()
        time.sleep(0.002)
        calls.refused_at_once()
    assert room_of(store) == 0
    assert rate_of(store, "crowded.example") > 0


@pytest.mark.parametrize("says", ["told", "retry after"])
def test_a_host_with_a_known_rate_or_a_time_to_wait_speaks_of_rate(store, says):
    host = Host("crowded.example", calls_per_minute=600 if says == "told" else 0)
    calls = Calls(host)
    calls.begin(3)
    error = Throttled("slower", retry_after=1.0 if says == "retry after" else None)
    assert not calls.open.pop().__exit__(Throttled, error, None)
    assert room_of(store) == 0
    assert rate_of(store, "crowded.example") > 0


def test_a_call_that_failed_otherwise_makes_room_and_says_nothing(calls, store):
    calls.begin(3)
    calls.refused()
    assert calls.full()
    error = ValueError("boom")
    assert not calls.open.pop().__exit__(ValueError, error, None)
    assert not calls.full()
    assert room_of(store) == 2


def lasting(store, seconds):
    """The calls under way began so long ago."""
    key = KEY.format("crowded.example") + ":calls"
    for call in store.zrange(key, 0, -1):
        store.zincrby(key, -seconds * 1000, call)


def test_a_dead_workers_calls_are_forgotten(calls, store):
    calls.begin(3)
    calls.refused()
    lasting(store, limiter.LOST_SECONDS + 1)
    assert not calls.full()


def test_a_living_workers_slow_calls_are_not(calls, store):
    calls.begin(3)
    calls.refused()
    for _ in range(3):
        lasting(store, limiter.LOST_SECONDS / 2 + 1)
        limiter.renew()
    assert calls.full()
    calls.answered(2)
    limiter.renew()  # of what has ended nothing comes back
    assert not store.exists(KEY.format("crowded.example") + ":calls")
