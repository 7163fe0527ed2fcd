"""The pool of database connections, as the settings make it."""

from __future__ import annotations

import logging
from itertools import pairwise
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from django.conf import settings
from psycopg.conninfo import make_conninfo
from psycopg_pool import ConnectionPool, PoolTimeout

from reviewsite import env

LONG_AWAY = 6  # tries; with the pool's own pauses they take half a minute


def test_a_database_that_was_long_away_is_there_again_soon(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """It is away while nothing listens in the folder, and back when there is a link to the real socket."""
    caplog.set_level(logging.WARNING, logger="psycopg.pool")
    parts = urlsplit(settings.DATABASE_URL)
    found = env.database(f"postgresql://{parts.username}@/postgres?host={quote(str(tmp_path))}", pool_size=1)
    options = found["OPTIONS"]["pool"]  # type: ignore[index]
    conninfo = make_conninfo(user=found["USER"], dbname=found["NAME"], host=found["HOST"])
    with ConnectionPool(conninfo, open=True, **options) as pool:
        tries: list[float] = []
        while len(tries) < LONG_AWAY:
            with pytest.raises(PoolTimeout):
                pool.getconn(timeout=0.2)
            tries = [line.created for line in caplog.records if "error connecting" in line.message]
        assert max(b - a for a, b in pairwise(tries)) < 5
        (real,) = Path(parse_qs(parts.query)["host"][0]).glob(".s.PGSQL.*[0-9]")
        (tmp_path / real.name).symlink_to(real)
        with pool.connection(timeout=10) as line:
            assert line.execute("SELECT 1").fetchone() == (1,)
