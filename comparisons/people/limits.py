"""How often one network, address or token may do something: counted in Redis by one script.

What is counted is stored as a hash under the day's salt, which Redis alone holds and forgets after two days:
nobody can say later which network it was. Without Redis nothing is counted, and `Counted.known` says so:
readers go on voting, while nobody signs in (attempts.py).
"""

from __future__ import annotations

import logging
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from math import ceil

import redis
from django.conf import settings

log = logging.getLogger(__name__)

SALT_SECONDS = 2 * 24 * 60 * 60
# Counting, the start of the window and the day's salt in one step: of 500 at once exactly `most` pass. A
# refused attempt is counted too but does not lengthen the window.
_COUNT = """
local salt = redis.call('GET', KEYS[1])
if not salt then
    salt = ARGV[1]
    redis.call('SET', KEYS[1], salt, 'EX', ARGV[2])
end
local key = 'limits:' .. ARGV[3] .. ':' .. redis.sha1hex(salt .. ARGV[4])
local count = redis.call('INCR', key)
local left = redis.call('PTTL', key)
if left < 0 then
    left = tonumber(ARGV[5]) * 1000
    redis.call('PEXPIRE', key, left)
end
return {count, left}
"""


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `most` of one thing in a window of `seconds` that begins with the first."""

    name: str  # "votes": part of the key
    most: int
    seconds: int


@dataclass(frozen=True, slots=True)
class Counted:
    """What one attempt came to."""

    limit: Limit
    count: int  # attempts in this window, this one included; 0 where Redis did not answer
    reset_seconds: int  # until the window ends

    @property
    def known(self) -> bool:
        return self.count > 0

    @property
    def allowed(self) -> bool:
        return self.count <= self.limit.most

    @property
    def left(self) -> int:
        return max(0, self.limit.most - self.count)


def count(limit: Limit, subject: str) -> Counted:
    """Counts one attempt of `subject` (a network, an e-mail address, a token)."""
    today = f"limits:salt:{datetime.now(UTC):%Y-%m-%d}"
    words: list[str | int] = [secrets.token_hex(16), SALT_SECONDS, limit.name, subject, limit.seconds]
    try:
        number, milliseconds = _script(settings.LIMITER_URL)(keys=[today], args=words)
    except redis.RedisError as error:
        log.warning("The limits cannot reach Redis (%s): nothing is counted.", type(error).__name__)
        return Counted(limit, count=0, reset_seconds=0)
    return Counted(limit, count=int(number), reset_seconds=ceil(int(milliseconds) / 1000))


def first_time(what: str, *, seconds: int) -> bool:
    """Whether `what` was not seen for `seconds`; of many at once one is the first. True without Redis."""
    try:
        return bool(_client(settings.LIMITER_URL).set(f"limits:seen:{what}", 1, nx=True, ex=max(1, seconds)))
    except redis.RedisError as error:
        log.warning("Nobody remembers what was seen (%s): it passes for new.", type(error).__name__)
        return True


@lru_cache(maxsize=2)
def _client(url: str) -> redis.Redis:
    # Short: a reader waits for the answer, and a Redis that is gone must not take the votes with it.
    return redis.Redis.from_url(url, socket_timeout=0.5, socket_connect_timeout=0.5)


@lru_cache(maxsize=2)
def _script(url: str) -> redis.commands.core.Script:
    return _client(url).register_script(_COUNT)
