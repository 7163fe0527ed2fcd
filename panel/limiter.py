"""How fast a provider may be asked, agreed among all workers through Redis.

Celery's own rate limit counts a worker at a time and delivered a quarter of what it was set to. This one
hands out moments: each caller is told how long to wait for the next free one. A 429 slows everybody down,
answers speed up again; a first 429 after a handful of calls says little of how fast is too fast, so from
there it is found out quickly. Without Redis nothing is limited: the provider still says 429, and the queue
keeps its rows.

A 429 may also mean too many calls at once, which no rate describes: calls take unequally long. So the first
suspicion is that there is room for as many as were not refused, no more; calls that are refused within that
room refute it, and then it is the rate.
"""

from __future__ import annotations

import logging
import random
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache

import redis
from django.conf import settings

from panel.providers import NotYet, Provider, Throttled

log = logging.getLogger(__name__)

CUT = 0.8  # of the rate at which a 429 came
DEBOUNCE_SECONDS = 15  # 429s of one burst are one message
LONGEST_WAIT = 20.0  # seconds a worker's thread waits for its moment; beyond, the hearing goes back
LONGEST_PAUSE = 120.0  # seconds of Retry-After that everybody obeys
FORGET_SECONDS = 3600
ENOUGH_CALLS = 20  # and a second: fewer are no measure of the rate that brought the first 429
LEAST_GUESS = 5.0  # calls a second, where there were fewer
LOOK_SECONDS = 0.05  # between two looks for room: of several that wait, one looks every few milliseconds
LOST_SECONDS = 60.0  # after which a call that nobody renewed is no longer counted: its worker is dead
PROBE_ANSWERS = 200  # between two tries of one call more than were refused
STRIKES = 4  # so many refusals within the room, with fewer answers between them, refute it

# State in one sorted set, the calls under way, and one hash. Of the rate: rate (calls a second; like all
# numbers here, absent or 0: not known), next (ms, the next free moment), ceiling (the rate at which the
# last 429 came), cut (ms), and since when (window, ms) how many calls were made (count) and how many
# answered (good). Of the room: room (calls at once), learned (ms, since when), peak (the number at which a
# call was refused), held (answers since room last changed), and how many were refused within the room
# (strikes), last when (struck, ms).

# Before each script: the same clock for all workers, in ms.
_NOW = "local now = redis.call('TIME'); now = now[1] * 1000 + math.floor(now[2] / 1000)"
_TAKE = """
local h = redis.call('HMGET', KEYS[1], 'rate', 'next', 'window', 'count')
local rate, free = tonumber(h[1]) or 0, tonumber(h[2]) or 0
local most, cap = tonumber(ARGV[1]), tonumber(ARGV[2])
if cap > 0 and (rate == 0 or rate > cap) then rate = cap end
if free < now then free = now end
local wait = free - now
if wait > most then return -wait end
if rate > 0 then redis.call('HSET', KEYS[1], 'next', free + 1000 / rate) end
local window, count = tonumber(h[3]) or now, (tonumber(h[4]) or 0) + 1
if now - window > 10000 then
  local good = tonumber(redis.call('HGET', KEYS[1], 'good')) or 0
  redis.call('HSET', KEYS[1], 'good', good * 5000 / (now - window))
  count = math.ceil(count * 5000 / (now - window)); window = now - 5000
end
redis.call('HSET', KEYS[1], 'window', window, 'count', count)
redis.call('EXPIRE', KEYS[1], ARGV[3])
return wait
"""
_SLOW = """
local h = redis.call('HMGET', KEYS[1], 'rate', 'cut', 'window', 'count', 'next', 'ceiling', 'good')
local rate, count, good = tonumber(h[1]) or 0, tonumber(h[4]) or 1, tonumber(h[7]) or 0
local took = now - (tonumber(h[3]) or now)
local since, ceiling = now - (tonumber(h[2]) or 0), tonumber(h[6]) or 0
local pause = tonumber(ARGV[3])
if pause > 0 and (tonumber(h[5]) or 0) < now + pause then redis.call('HSET', KEYS[1], 'next', now + pause) end
if since < tonumber(ARGV[2]) then
  if ceiling == 0 and rate > 0 and since > 1000 then redis.call('HSET', KEYS[1], 'ceiling', rate) end
  return 0
end
if rate == 0 then
  -- After a trial of the room it is known how many were let in, a saved-up burst among them.
  local tried = good > 0
  if tried then count = math.min(count, good + redis.call('ZCARD', KEYS[2])) end
  rate = count * 1000 / math.max(took, 1000)
  local enough = not tried and count >= tonumber(ARGV[5]) and took >= 1000
  if enough then ceiling = rate else rate = math.max(rate, tonumber(ARGV[6])) end
else
  -- Where most calls are refused, what is answered tells the limit.
  if good >= 10 and took >= 5000 then rate = math.min(rate, 1.1 * good * 1000 / took) end
  ceiling = rate
end
redis.call('HSET', KEYS[1], 'ceiling', ceiling, 'rate', math.max(rate * tonumber(ARGV[1]), 0.1), 'cut', now)
redis.call('HSET', KEYS[1], 'window', now, 'count', 0, 'good', 0)
redis.call('EXPIRE', KEYS[1], ARGV[4])
return 1
"""
_ENTER = """
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now - ARGV[2])
local room = tonumber(redis.call('HGET', KEYS[1], 'room')) or 0
if room > 0 and redis.call('ZCARD', KEYS[2]) >= room then return -1 end
redis.call('ZADD', KEYS[2], now, ARGV[1])
redis.call('PEXPIRE', KEYS[2], ARGV[2])
return 0
"""
_RENEW = """
redis.call('ZADD', KEYS[2], 'XX', now, ARGV[1])
return redis.call('PEXPIRE', KEYS[2], ARGV[2])
"""
_LEAVE = "return redis.call('ZREM', KEYS[2], ARGV[1])"
# 1 if this refusal is a matter of room, 0 if it is one of rate: where that is what is known or said, where no
# other call was under way, and where others were refused within the room.
_CROWDED = """
local began = tonumber(redis.call('ZSCORE', KEYS[2], ARGV[1])) or now
redis.call('ZREM', KEYS[2], ARGV[1])
local others = redis.call('ZCARD', KEYS[2])
local h = redis.call('HMGET', KEYS[1], 'rate', 'room', 'learned', 'strikes', 'peak')
local room, strikes, peak = tonumber(h[2]) or 0, tonumber(h[4]) or 0, tonumber(h[5]) or 0
local matter = (tonumber(h[1]) or 0) == 0 and tonumber(ARGV[2]) == 0 and others > 0
if matter and room == 0 then
  redis.call('HSET', KEYS[1], 'learned', now, 'window', now, 'count', 0, 'good', 0)
  room, strikes, peak = others, 0, 0
elseif matter then
  -- Calls from before the room was learned tell only how small it is.
  if began > tonumber(h[3]) then strikes, peak = strikes + 1, room end
  room = math.min(room, others)
  matter = strikes < tonumber(ARGV[3])
end
if not matter then redis.call('HDEL', KEYS[1], 'room'); return 0 end
redis.call('HSET', KEYS[1], 'room', room, 'strikes', strikes, 'peak', peak, 'held', 0)
redis.call('EXPIRE', KEYS[1], ARGV[4])
return 1
"""
# The rate: back to just below where the last 429 came within some forty answers, then on by a hundredth of a
# call an answer; by a tenth where nobody knows yet where that is. The room: one more when all in it were
# answered, up to what was refused; that is tried again after many answers.
_ANSWERED = """
redis.call('ZREM', KEYS[2], ARGV[1])
local h = redis.call('HMGET', KEYS[1], 'rate', 'ceiling', 'room', 'peak', 'held')
local rate, ceiling, room = tonumber(h[1]) or 0, tonumber(h[2]) or 0, tonumber(h[3]) or 0
if rate == 0 and room == 0 then return 0 end
redis.call('HINCRBYFLOAT', KEYS[1], 'good', 1)
if room > 0 then
  local peak, held = tonumber(h[4]) or 0, (tonumber(h[5]) or 0) + 1
  local probes = peak > 0 and room + 1 >= peak
  if held >= (probes and tonumber(ARGV[2]) or room) then
    if probes then redis.call('HSET', KEYS[1], 'strikes', 0) end
    if room >= peak then redis.call('HSET', KEYS[1], 'peak', 0) end
    room, held = room + 1, 0
  end
  redis.call('HSET', KEYS[1], 'room', room, 'held', held)
  return 1
end
local near = ceiling * 0.98
if ceiling == 0 then rate = rate + 0.1
elseif rate < near then rate = rate + (near - rate) * 0.1 + 0.001 else rate = rate + 0.01 end
redis.call('HSET', KEYS[1], 'rate', rate)
return 1
"""

_under_way: dict[str, Provider] = {}  # this process's calls; their worker renews them


def wait_turn(provider: Provider) -> None:
    """Returns when this call's moment has come. Raises NotYet."""
    if not provider.host:
        return
    most = int(LONGEST_WAIT * 1000)
    waited = _run(_TAKE, provider, most, provider.calls_per_minute / 60, FORGET_SECONDS)
    if waited < 0:
        raise NotYet(f"{provider.host} is asked as fast as it allows.", retry_after=-waited / 1000)
    time.sleep(waited / 1000)


@contextmanager
def room(provider: Provider) -> Iterator[None]:
    """Around one call: begins when there is room for it, and learns from how it ends. Raises NotYet."""
    if not provider.host:
        yield
        return
    call = secrets.token_hex(8)
    _enter(provider, call)
    _under_way[call] = provider
    try:
        yield
    except Throttled as error:
        _throttled(provider, call, error.retry_after)
        raise
    except BaseException:
        _run(_LEAVE, provider, call)
        raise
    finally:
        del _under_way[call]
    _run(_ANSWERED, provider, call, PROBE_ANSWERS)


def renew() -> None:
    """Says of this process's calls that they last: slow ones keep their place, a dead worker's do not."""
    for call, provider in list(_under_way.items()):
        _run(_RENEW, provider, call, int(LOST_SECONDS * 1000))


def _enter(provider: Provider, call: str) -> None:
    until = time.monotonic() + LONGEST_WAIT
    while _run(_ENTER, provider, call, int(LOST_SECONDS * 1000)) < 0:
        if time.monotonic() > until:
            raise NotYet(f"{provider.host} is asked as much at once as it allows.", retry_after=1.0)
        time.sleep(LOOK_SECONDS * random.uniform(0.5, 1.5))  # noqa: S311 - so that not all look at once


def _throttled(provider: Provider, call: str, retry_after: float | None) -> None:
    """A 429: fewer at once, or all slow down and wait as long as the provider asked, within reason."""
    about_rate = retry_after is not None or provider.calls_per_minute > 0
    if _run(_CROWDED, provider, call, int(about_rate), STRIKES, FORGET_SECONDS):
        return
    pause = retry_after if retry_after is not None and retry_after <= LONGEST_PAUSE else 0.0
    known = ENOUGH_CALLS, LEAST_GUESS
    _run(_SLOW, provider, CUT, DEBOUNCE_SECONDS * 1000, int(pause * 1000), FORGET_SECONDS, *known)


def _run(script: str, provider: Provider, *arguments: float | str) -> int:
    key = f"panel:limiter:{provider.kind}:{provider.host}"
    try:
        return int(_scripts(settings.LIMITER_URL, script)(keys=[key, f"{key}:calls"], args=list(arguments)))
    except redis.RedisError as error:
        log.warning("The limiter cannot reach Redis (%s); nothing is limited.", type(error).__name__)
        return 0


@lru_cache(maxsize=8)
def _scripts(url: str, script: str) -> redis.commands.core.Script:
    return _redis(url).register_script(f"{_NOW}\n{script}")


@lru_cache(maxsize=2)
def _redis(url: str) -> redis.Redis:
    return redis.Redis.from_url(url, socket_timeout=2, socket_connect_timeout=2)
