"""One thread a web process: hears what changed and publishes it, so that no kept page is old for a second.

Of the processes that share a store one keeps it, the one that holds the lock file; the others wait to take
over and pass on what they hear from their own visitors. Nothing depends on a message arriving: the outbox is
compared at start, after every reconnect and every `LOOK_EVERY` seconds.
"""

from __future__ import annotations

import fcntl
import logging
import os
import random
import selectors
import socket
import threading
import time
from contextlib import closing, suppress
from http import HTTPStatus
from typing import TextIO

import psycopg
from django.db import connection

from comparisons.publishing import news
from comparisons.publishing.agenda import Agenda
from comparisons.publishing.dependencies import EVERYTHING, Page, Target, touched
from comparisons.publishing.news import Line, Position
from comparisons.publishing.rendering import Renderer
from comparisons.publishing.store import Store

LOOK_EVERY = 0.3  # seconds; with every message lost, a page is at most this and its rendering old
GATHERING = 0.05  # seconds after news before it looks again: a stream of votes is read by the handful
HOUSEKEEPING_EVERY = 60.0
WRITE_EVERY = 5.0  # the position, while nothing changes
SILENCE = 5.0  # after which a store has no keeper, and pages rendered on a miss are not kept
RECONNECT = (0.1, 2.0)
logger = logging.getLogger(__name__)


class Keeper:
    def __init__(self, store: Store, renderer: Renderer, *, edition: str, most_pages: int) -> None:
        self._store, self._renderer = store, renderer
        self._edition, self._most_pages = edition, most_pages
        self._file = store.root / "position.json"
        self._lock: TextIO | None = None
        self._agenda = Agenda()
        self._position: Position | None = None
        self._written = self._cleaned = float("-inf")
        self._touched = time.time()
        self._ready, self._stopping = threading.Event(), threading.Event()
        self._bell: socket.socket | None = None
        self._rung = False
        self._news_at = float("-inf")
        self._quiet = False  # whether the log knows already that the database is away
        self._thread: threading.Thread | None = None

    # --- what the web process asks for ------------------------------------------------------------
    def start(self) -> None:
        heard, self._bell = socket.socketpair()
        heard.setblocking(False)
        self._thread = threading.Thread(target=self._run, args=(heard,), name="page keeper", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        if self._thread is not None and self._bell is not None:
            self._stopping.set()
            self._bell.send(b".")
            self._thread.join(timeout=2)
        self.release()

    def release(self) -> None:
        """Lets another process keep the store."""
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def ring(self) -> None:
        """Somebody wrote something through this process: look at once, and tell the others."""
        if not self._rung and self._bell is not None:
            self._rung = True
            self._bell.send(b".")

    @property
    def ready(self) -> bool:
        """Whether the store may be answered from: it was compared, or there is nothing to compare with."""
        return self._ready.is_set()

    @property
    def in_touch(self) -> bool:
        """Whether somebody would hear that a page rendered now has changed."""
        try:
            return time.time() - os.stat(self._lock_file).st_mtime < SILENCE  # noqa: PTH116
        except OSError:
            return False

    def catch_up(self) -> bool:
        """Once, for a command: brings the store up to date unless a web process is keeping it."""
        if not self._take_lock():
            return False
        with closing(Line()) as line:
            self._compare(line)
            while self._round(line) or self._agenda:
                time.sleep(0.01)
        return True

    # --- the thread -------------------------------------------------------------------------------
    @property
    def _lock_file(self) -> str:
        return f"{self._store.root}/keeper.lock"

    def _run(self, heard: socket.socket) -> None:
        wait = RECONNECT[0]
        while not self._stopping.is_set():
            try:
                self._store.make()
                with closing(Line()) as line:
                    wait = RECONNECT[0]
                    self._session(line, heard)
            except (psycopg.OperationalError, psycopg.InterfaceError) as error:
                self._away(error)
            except Exception:
                logger.exception("pages: starting over")
                self._start_over()
            self._stopping.wait(wait)
            wait = min(wait * 2, RECONNECT[1])

    def _away(self, error: psycopg.Error) -> None:
        """Without a database nothing changes, so what is kept goes on answering."""
        if not self._quiet:
            logger.warning("pages: the database is away, kept ones still answer: %s", error)
        self._quiet = True
        if not self._take_lock():
            return  # who stands by cannot speak for the one who keeps
        if self._trusted(self._position or news.read(self._file)):
            self._ready.set()
        if time.time() - self._touched > SILENCE and _requests_reach_the_database():
            # Only this thread is kept out, so pages may change unheard.
            logger.warning("pages: none are kept, because only the keeper cannot reach the database")
            self._start_over()

    def _start_over(self) -> None:
        """Rather no page than an old one."""
        self._ready.clear()
        self._position, self._agenda = None, Agenda()
        with suppress(OSError):
            self._file.unlink(missing_ok=True)
            self._store.drop(EVERYTHING)
        self.release()

    def _session(self, line: Line, heard: socket.socket) -> None:
        if self._quiet and not _requests_reach_the_database():
            # Pages are rendered through the pool, which tries less and less often: an error is no page.
            raise psycopg.OperationalError("the pool has no connection yet")
        keeping = False
        with selectors.DefaultSelector() as ears:
            ears.register(line, selectors.EVENT_READ)
            ears.register(heard, selectors.EVENT_READ)
            while not self._stopping.is_set():
                if not keeping and self._take_lock():
                    self._compare(line)
                    keeping = True
                elif not keeping:
                    self._stand_by(line)
                busy = keeping and self._round(line)
                wait = (
                    0.0 if line.woken() or busy else self._agenda.wait(now=time.monotonic(), most=LOOK_EVERY)
                )
                for key, _ in ears.select(wait):
                    if key.fileobj is line:
                        line.hush()
                    else:
                        heard.recv(4096)
                if not busy:
                    # The first of many changes is dealt with at once; the others are left to gather.
                    self._stopping.wait(max(0.0, self._news_at + GATHERING - time.monotonic()))

    def _stand_by(self, line: Line) -> None:
        if self._rung:
            self._rung, self._news_at = False, time.monotonic()
            line.tell()
        if self._trusted(news.read(self._file)):
            self._ready.set()

    def _trusted(self, position: Position | None) -> bool:
        return position is not None and position.edition == self._edition

    def _compare(self, line: Line) -> None:
        """Where this store stands. One that cannot know what it missed starts empty."""
        self._store.sweep()
        position = self._position or news.read(self._file)
        if position is None or not self._trusted(position) or not line.reaches(position):
            position = line.begin(self._edition)
            self._store.drop(EVERYTHING)
            self._write(position)
        if self._quiet:
            logger.info("pages: the database is back")
        self._position, self._quiet = position, False

    def _round(self, line: Line) -> bool:
        """One look and one deed; whether there may be more to do at once."""
        assert self._position is not None
        rung, self._rung = self._rung, False
        self._position, changes = line.since(self._position)
        now = time.monotonic()
        if changes:
            self._news_at = now
        for change in changes:
            self._agenda.add(touched(change), now=now)
        taken = self._agenda.take(now=now)
        if taken is not None:
            try:
                self._publish(*taken, line)
            except psycopg.Error:
                self._agenda.add(taken[:1], now=now)
                raise
        if rung and changes:
            line.tell()
        if taken is None:
            self._ready.set()
            self._keep_house(line, now)
        os.utime(self._lock_file)
        self._touched = time.time()
        return taken is not None

    def _publish(self, target: Target, spared: frozenset[str], line: Line) -> None:
        if not isinstance(target, Page):
            self._store.drop(target, sparing=spared)
            return
        self._store.drop_drafts(target)
        if not self._store.keeps(target.address):
            # The packed half may be there alone: its renderer lost its drafts, or its life, between the two.
            self._store.drop(target)
            return
        try:
            answer, kept = self._renderer.publish(target.address, self._store)
        except OSError as error:  # a full disk: rather no page than an old one
            logger.warning("pages: %s cannot be kept: %s", target.address, error)
            self._store.drop(target)
            return
        if answer.code >= HTTPStatus.INTERNAL_SERVER_ERROR:
            line.check()  # without a database an old page is better than none, and its turn comes again
        if not kept:
            logger.info("pages: %s is not kept any more (%s)", target.address, answer.status)
            self._store.drop(target)

    def _keep_house(self, line: Line, now: float) -> None:
        assert self._position is not None
        if not self._agenda and now - self._written > WRITE_EVERY:
            self._write(self._position)
        if now - self._cleaned > HOUSEKEEPING_EVERY:
            self._cleaned = now
            line.prune()
            self._store.sweep()
            kept = list(self._store.addresses())
            # A crawler can ask for every pair of cards; the disk shall not hold them all.
            for address in random.sample(kept, max(0, len(kept) - self._most_pages)):
                self._store.drop(Page(address))

    def _write(self, position: Position) -> None:
        news.write(self._file, position)
        self._written = time.monotonic()

    def _take_lock(self) -> bool:
        """The kernel gives the lock back with the process, however that ends."""
        if self._lock is not None:
            return True
        file = open(self._lock_file, "a", encoding="ascii")  # noqa: PTH123, SIM115 - held until the end
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.close()
            return False
        self._lock = file
        return True


def _requests_reach_the_database() -> bool:
    """Through the pool of the requests, which may hold connections where no new one can be had."""
    try:
        # Not `cursor()`, which waits ten seconds.
        with connection.pool.connection(timeout=0.5) as line:  # type: ignore[attr-defined]  # of PostgreSQL's
            line.execute("SELECT 1")
    except psycopg.Error:
        return False
    return True
