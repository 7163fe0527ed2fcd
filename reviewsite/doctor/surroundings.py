"""What works beside the web process: Redis, the broker, the clock, the workers, the judges."""

from __future__ import annotations

from collections.abc import Iterator

import redis
from django.conf import settings
from django.db import DatabaseError

from panel.providers.reach import judges
from reviewsite import health
from reviewsite.doctor.findings import Finding, fail, ok, warn

OLDEST_REDIS = (6, 0)
SECONDS = 2.0


def surroundings() -> Iterator[Finding]:
    yield _redis()
    yield _told(
        "broker", health.broker(), good="answers.", mend="Start it, or set BROKER_URL or REDIS_URL right."
    )
    try:
        yield _told(
            "timetable", health.clock(), good="swept within the last minute.",
            mend="Start beat, and a worker with -Q ticks (docker compose up -d beat ticker).",
        )  # fmt: skip
        yield _told(
            "hearings", health.hearings(), good="none waits for long.",
            mend="Start or add workers: docker compose up -d --scale worker=N; look at /panel/ for breakers.",
        )  # fmt: skip
    except DatabaseError:
        pass  # said already


def _redis() -> Finding:
    try:
        with redis.Redis.from_url(
            settings.LIMITER_URL, socket_timeout=SECONDS, socket_connect_timeout=SECONDS
        ) as line:
            version = str(line.info("server")["redis_version"])
    except (redis.RedisError, OSError, ValueError) as error:
        said = f"Redis does not answer ({type(error).__name__}): nothing is limited, and nobody can log in."
        return fail("redis", said, "Start it, or set REDIS_URL right.")
    if tuple(int(part) for part in version.split(".")[:2]) < OLDEST_REDIS:
        return fail("redis", f"Redis {version} is too old.", "Move to 6.0 or newer, or to Valkey.")
    return ok("redis", f"Redis {version}.")


def _told(about: str, problems: dict[str, str], *, good: str, mend: str) -> Finding:
    return warn(about, " ".join(problems.values()), mend) if problems else ok(about, good)


def panel() -> Iterator[Finding]:
    """Each judge that settings name, asked for what it has: no call that costs anything."""
    speaking = 0
    for judge in judges():
        if judge.fault:
            yield fail(f"judge {judge.kind}", judge.fault, judge.mend)
        elif judge.absent:
            yield ok(f"judge {judge.kind}", judge.absent)
        else:
            speaking += 1
            yield ok(f"judge {judge.kind}", judge.said)
    if not speaking:
        said = "Nobody reviews: no judge of PANEL_JUDGES can speak."
        yield fail("judges", said, "Add rubric to PANEL_JUDGES, or set up one of the others.")
