"""What changed since this store last looked: an outbox that triggers fill inside the changing transactions.

Rows are found by transaction, not by number: numbers are given out before commit, so a reader that has seen
row 8 may miss row 7. A snapshot says exactly which transactions had been committed when it was taken.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, LiteralString

import psycopg
from django.db import connections

from comparisons.publishing.dependencies import Change

CHANNEL = "page_changes"
NAME = "second-opinion pages"  # in pg_stat_activity
KEPT = "1 hour"  # for a store that was away; one that was away for longer starts empty
TRUSTED = "30 minutes"
PRUNED_AT_ONCE = 5_000

# One statement, so the rows and the snapshot belong together. The lower bound makes it a walk along an index.
LOOK = """
SELECT pg_current_snapshot()::text,
       extract(epoch FROM clock_timestamp())::float8,
       ARRAY(SELECT DISTINCT kind || ' ' || coalesce(pairing.slug, key)
               FROM comparisons_pagechange AS change
               LEFT JOIN comparisons_pairing AS pairing
                 -- CASE, because PostgreSQL may try the cast on keys of other kinds first.
                 ON pairing.id = CASE kind WHEN 'votes' THEN key::bigint END
              WHERE xact >= pg_snapshot_xmin(%(seen)s::pg_snapshot)
                AND NOT pg_visible_in_snapshot(xact, %(seen)s::pg_snapshot))
"""
# Transaction ids mean something in one cluster alone, and a restored table is another one.
ORIGIN = """
SELECT concat_ws(' ', (SELECT system_identifier FROM pg_control_system()),
                 (SELECT oid FROM pg_database WHERE datname = current_database()),
                 'comparisons_pagechange'::regclass::oid),
       pg_current_snapshot()::text,
       extract(epoch FROM clock_timestamp())::float8
"""
STILL_THERE = "SELECT to_timestamp(%s) > clock_timestamp() - %s::interval"
PRUNE = """
DELETE FROM comparisons_pagechange WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM comparisons_pagechange ORDER BY xact LIMIT %s FOR UPDATE SKIP LOCKED
)) AND at < clock_timestamp() - %s::interval
"""


@dataclass(frozen=True, slots=True)
class Position:
    """Everything in the store is at least as new as this."""

    edition: str
    origin: str
    snapshot: str
    at: float  # by the database's clock, in seconds since 1970


class Line:
    """A connection of its own to hear and ask on; the pool's are for requests. Raises psycopg.Error."""

    def __init__(self) -> None:
        params: dict[str, Any] = {**connections["default"].get_connection_params()}
        # A dead network must not look like a quiet database.
        params.setdefault("connect_timeout", 3)
        params |= {"application_name": NAME, "tcp_user_timeout": 3000, "keepalives_idle": 2}
        self._connection: psycopg.Connection[tuple[Any, ...]] = psycopg.connect(**params, autocommit=True)
        self._woken = False
        self._connection.add_notify_handler(self._wake)
        self._connection.execute(f"LISTEN {CHANNEL}".encode())

    def fileno(self) -> int:
        return self._connection.fileno()

    def close(self) -> None:
        self._connection.close()

    def hush(self) -> None:
        """Takes what was heard: that something changed is all it says."""
        self._connection.pgconn.consume_input()
        while self._connection.pgconn.notifies():
            pass

    def woken(self) -> bool:
        """Whether something was heard in the midst of asking; nothing is left to wait for then."""
        woken, self._woken = self._woken, False
        return woken

    def _wake(self, heard: psycopg.Notify) -> None:
        self._woken = True

    def check(self) -> None:
        self._row("SELECT 1")

    def tell(self) -> None:
        """Wakes the other hosts. Changes that happen often do not ring themselves: see the migration."""
        self._connection.execute(f"NOTIFY {CHANNEL}".encode())

    def begin(self, edition: str) -> Position:
        """Now, for a store that is empty."""
        origin, snapshot, at = self._row(ORIGIN)
        return Position(edition, origin, snapshot, at)

    def reaches(self, position: Position) -> bool:
        """Whether the outbox still holds everything since then."""
        origin, _, _ = self._row(ORIGIN)
        return origin == position.origin and bool(self._row(STILL_THERE, (position.at, TRUSTED))[0])

    def since(self, position: Position) -> tuple[Position, frozenset[Change]]:
        """Every change committed since then, and where that leaves us."""
        snapshot, at, rows = self._row(LOOK, {"seen": position.snapshot})
        changes = (row.partition(" ") for row in rows)
        fresh = Position(position.edition, position.origin, snapshot, at)
        return fresh, frozenset(Change(kind, key) for kind, _, key in changes)

    def prune(self) -> None:
        while self._connection.execute(PRUNE, (PRUNED_AT_ONCE, KEPT)).rowcount == PRUNED_AT_ONCE:
            pass

    def _row(self, query: LiteralString, values: Any = None) -> tuple[Any, ...]:
        row = self._connection.execute(query, values).fetchone()
        assert row is not None
        return row


def read(file: Path) -> Position | None:
    """What `write` wrote; None when it is missing or torn."""
    try:
        return Position(**json.loads(file.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def write(file: Path, position: Position) -> None:
    fresh = file.with_suffix(".new")
    fresh.write_text(json.dumps(asdict(position)), encoding="utf-8")
    fresh.replace(file)
