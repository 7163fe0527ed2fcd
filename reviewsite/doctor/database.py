"""PostgreSQL: there, new enough, made as it should be, up to date, and of the same time of day."""

from __future__ import annotations

import time
from collections.abc import Iterator

from django.db import DatabaseError, connection

from reviewsite.backup import why_away
from reviewsite.doctor.findings import Finding, fail, ok, warn
from reviewsite.health import migrations_waiting

OLDEST = 150_000
SKEW = 2.0  # seconds; leases and the timetable compare the two clocks
EXTENSION = "pg_trgm"
LOOK = """
SELECT current_setting('server_version_num')::int, current_setting('server_version'),
       pg_encoding_to_char(encoding), datcollate, extract(epoch FROM clock_timestamp())::float8,
       (SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()),
       current_setting('max_connections')::int,
       (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)
FROM pg_database WHERE datname = current_database()
"""


def database() -> Iterator[Finding]:
    try:
        before = time.time()
        with connection.cursor() as cursor:
            cursor.execute(LOOK)
            number, version, encoding, collation, now, used, most, superuser = cursor.fetchone()
        after = time.time()
    except DatabaseError as error:
        said = f"PostgreSQL does not answer: {why_away() or str(error).splitlines()[0]}"
        yield fail("database", said, "Start it, or set DATABASE_URL right.")
        return
    yield _version(number, version)
    yield _text(encoding, collation)
    yield from _schema()
    yield _clock(now, before, after)
    yield _connections(used, most)
    if superuser:
        said = "The site signs in as a superuser of PostgreSQL."
        mend = "Where others use the same cluster: CREATE ROLE second_opinion LOGIN, owner of this database."
        yield warn("database role", said, mend)


def _version(number: int, version: str) -> Finding:
    if number >= OLDEST:
        return ok("database", f"PostgreSQL {version}.")
    return fail("database", f"PostgreSQL {version} is too old.", "Move to 15 or newer: docs/operations.md.")


def _text(encoding: str, collation: str) -> Finding:
    if encoding != "UTF8":
        said = f"The database is encoded in {encoding}."
        return fail("text", said, "Dump it, CREATE DATABASE … ENCODING 'UTF8', restore.")
    # Slugs are compared by bytes in one place and by the database in another.
    if collation not in {"C", "C.UTF-8", "C.utf8"}:
        said = f"The database sorts by {collation}; lists may be in another order than in the tests."
        mend = "CREATE DATABASE … TEMPLATE template0 LOCALE 'C.UTF-8' for the next one."
        return warn("text", said, mend)
    return ok("text", f"UTF8, sorted by {collation}.")


def _schema() -> Iterator[Finding]:
    waiting = migrations_waiting()
    if waiting:
        said = f"{waiting} migrations are not applied."
        yield fail("migrations", said, "Run: python manage.py migrate")
        return
    yield ok("migrations", "all applied.")
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_extension WHERE extname = %s", [EXTENSION])
        if cursor.fetchone() is None:
            said = f"The extension {EXTENSION} is missing: the search for models fails."
            mend = f"As a superuser, in this database: CREATE EXTENSION {EXTENSION};"
            yield fail("extension", said, mend)
        else:
            yield ok("extension", f"{EXTENSION} is there.")


def _clock(now: float, before: float, after: float) -> Finding:
    off = max(before - now, now - after, 0.0)
    if off <= SKEW:
        return ok("clock", f"The database's and this machine's agree within {SKEW:g} s.")
    said = f"The database's clock and this machine's are {off:.0f} s apart."
    return fail("clock", said, "Let both follow NTP (chrony, systemd-timesyncd).")


def _connections(used: int, most: int) -> Finding:
    if used <= most * 0.8:
        return ok("connections", f"{used} of {most}.")
    said = f"{used} of {most} connections are in use."
    return warn("connections", said, "Lower DATABASE_POOL, or raise max_connections.")
