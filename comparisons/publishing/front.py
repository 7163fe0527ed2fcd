"""The web process's first question: is this page kept? Asked before Django hears of the request.

A WSGI application around another. It answers GET and HEAD of published addresses from the store, renders and
keeps what is missing, and hands everything else on.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from dataclasses import dataclass
from functools import lru_cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from comparisons.publishing.addresses import place_of
from comparisons.publishing.dependencies import Page
from comparisons.publishing.keeper import Keeper
from comparisons.publishing.rendering import HTML, Answer, Headers, Renderer
from comparisons.publishing.store import Copy, Store, compress, copy_of

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

# A browser asks again each time (a 304 costs next to nothing). A shared cache may hold a page for one second
# and hand it out for one more while it fetches the next: a longer time would break the promise that a page is
# at most a second old, and browsers honor `stale-while-revalidate` too. If the site is down, old is better.
CACHE_CONTROL = "public, max-age=0, s-maxage=1, stale-while-revalidate=1, stale-if-error=86400"
# Lists answer htmx with a part of themselves. The same words on every page: a browser sends neither header,
# so a cache keeps no second copy for it, and nginx need not look up which page this is.
VARY = "Accept-Encoding, HX-Request, HX-Target"
IN_MEMORY = 512  # copies, some 10 KB each
JOINED = 10.0  # seconds a request waits for another that renders the same page
READS = {"GET", "HEAD"}
SAFE = READS | {"OPTIONS"}
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Held:
    """A copy in memory, good while its file is the same file."""

    inode: int
    changed: int
    copy: Copy
    headers: Headers


class Front:
    def __init__(
        self,
        application: WSGIApplication,
        *,
        store: Store,
        renderer: Renderer,
        keeper: Keeper,
        admits: Callable[[WSGIEnvironment], bool],
    ) -> None:
        """`admits` says whether Django would accept the request's host and scheme at all."""
        self._application, self._store = application, store
        self._renderer, self._keeper, self._admits = renderer, keeper, admits
        self._held: dict[str, _Held] = {}
        self._flights: dict[str, Future[Answer]] = {}
        self._taking_off = threading.Lock()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        address = environ["PATH_INFO"]
        if environ["REQUEST_METHOD"] not in READS:
            return self._write(environ, start_response)
        place = _place_of(address)
        if place is None or "HTTP_HX_REQUEST" in environ or not self._admits(environ):
            return self._application(environ, start_response)
        if environ.get("QUERY_STRING"):
            return self._application(environ, _in_no_cache_for_long(start_response))
        if not self._keeper.ready:
            return self._application(environ, start_response)
        compressed = _takes_gzip(environ.get("HTTP_ACCEPT_ENCODING", ""))
        held = self._look(place, compressed=compressed)
        if held is not None:
            return _send(environ, start_response, held.copy.etag, held.headers, held.copy.body)
        return self._render(address, place, environ, start_response, compressed=compressed)

    # --- a kept page ------------------------------------------------------------------------------
    def _look(self, place: str, *, compressed: bool) -> _Held | None:
        path = self._store.path(place, compressed=compressed)
        try:
            found = os.stat(path)  # noqa: PTH116 - this line is what a warm request costs
            held = self._held.get(path)
            if held is not None and held.inode == found.st_ino and held.changed == found.st_ctime_ns:
                return held
            with open(path, "rb") as file:  # noqa: PTH123
                found, body = os.fstat(file.fileno()), file.read()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            logger.warning("pages: %s cannot be read: %s", path, error)
            return None
        copy = copy_of(body)
        held = _Held(found.st_ino, found.st_ctime_ns, copy, self._headers(copy, compressed))
        if len(self._held) >= IN_MEMORY:
            self._held.clear()
        self._held[path] = held
        return held

    def _headers(self, copy: Copy, compressed: bool) -> Headers:
        return [
            ("Content-Type", HTML),
            ("Content-Length", str(len(copy.body))),
            *([("Content-Encoding", "gzip")] if compressed else []),
            ("ETag", copy.etag),
            ("Cache-Control", CACHE_CONTROL),
            ("Vary", VARY),
            *self._renderer.headers,
        ]

    # --- a page that is missing -------------------------------------------------------------------
    def _render(
        self,
        address: str,
        place: str,
        environ: WSGIEnvironment,
        start_response: StartResponse,
        *,
        compressed: bool,
    ) -> Iterable[bytes]:
        answer = self._rendered(address)
        if answer is None:
            return self._application(environ, start_response)
        if answer.code == HTTPStatus.SERVICE_UNAVAILABLE:
            # Dropped a moment ago, and now the database is gone too: what this process last handed out is
            # better than nothing. Any other error is ours, and an old page would hide it.
            held = self._held.get(self._store.path(place, compressed=compressed))
            if held is not None:
                return _send(environ, start_response, held.copy.etag, held.headers, held.copy.body)
        if not self._renderer.may_be_kept(answer):
            start_response(answer.status, answer.headers)
            return [b"" if environ["REQUEST_METHOD"] == "HEAD" else answer.body]
        copy = copy_of(compress(answer.body) if compressed else answer.body)
        return _send(environ, start_response, copy.etag, self._headers(copy, compressed), copy.body)

    def _rendered(self, address: str) -> Answer | None:
        """Of many requests for one missing page one renders it; None when that did not work out."""
        with self._taking_off:
            flight = self._flights.get(address)
            first = flight is None
            if flight is None:
                flight = self._flights[address] = Future()
        if not first:
            try:
                return flight.result(timeout=JOINED)
            except Exception:
                return None
        try:
            answer = self._fresh(address)
            flight.set_result(answer)
            return answer
        except Exception as error:
            flight.set_exception(error)
            logger.exception("pages: %s cannot be rendered for keeping", address)
            return None
        finally:
            self._forget(address, flight)

    def _fresh(self, address: str) -> Answer:
        if not self._keeper.in_touch:
            return self._renderer.answer(address)
        try:
            return self._renderer.publish(address, self._store)[0]
        except OSError as error:
            logger.warning("pages: %s cannot be kept: %s", address, error)
            return self._renderer.answer(address)

    def _forget(self, address: str, flight: Future[Answer] | None) -> None:
        with self._taking_off:
            if flight is None or self._flights.get(address) is flight:
                self._flights.pop(address, None)

    # --- a change ---------------------------------------------------------------------------------
    def _write(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Hands the request on, then has the keeper look at what it changed."""
        sent_to: list[str] = []

        def watching(status: str, headers: Headers, exc_info: Any = None) -> Callable[[bytes], object]:
            if status.startswith("303"):
                sent_to.extend(value for name, value in headers if name.lower() == "location")
            return start_response(status, headers, exc_info) if exc_info else start_response(status, headers)

        parts = self._application(environ, watching)
        for location in sent_to:
            # Without scripts the visitor reads the page next, and has to see there what they just did.
            address = urlsplit(location).path
            if _place_of(address) is not None:
                self._store.drop(Page(address))
                self._forget(address, None)
        if environ["REQUEST_METHOD"] not in SAFE:
            self._keeper.ring()
        return parts


def _send(
    environ: WSGIEnvironment, start_response: StartResponse, etag: str, headers: Headers, body: bytes
) -> list[bytes]:
    known = environ.get("HTTP_IF_NONE_MATCH")
    if known is not None and _matches(known, etag):
        about_body = ("Content-Type", "Content-Length", "Content-Encoding")
        start_response("304 Not Modified", [header for header in headers if header[0] not in about_body])
        return []
    start_response("200 OK", headers)
    return [body] if environ["REQUEST_METHOD"] == "GET" else []


def _matches(known: str, etag: str) -> bool:
    tags = (tag.strip().removeprefix("W/") for tag in known.split(","))
    return known == etag or any(tag in (etag, "*") for tag in tags)


def _in_no_cache_for_long(start_response: StartResponse) -> StartResponse:
    """Lists with a state in their address are not kept, but a shared cache may spare Django some of them."""

    def start(status: str, headers: Headers, exc_info: Any = None) -> Callable[[bytes], object]:
        names = {name.lower() for name, _ in headers}
        if status.startswith("200") and not names & {"cache-control", "set-cookie"}:
            headers = [*headers, ("Cache-Control", CACHE_CONTROL)]
        return start_response(status, headers, exc_info) if exc_info else start_response(status, headers)

    return start


# Addresses and headers repeat, and these two are most of what a warm request would otherwise compute.
_place_of = lru_cache(maxsize=4096)(place_of)


@lru_cache(maxsize=256)
def _takes_gzip(accepted: str) -> bool:
    for each in accepted.lower().split(","):
        coding, _, weight = each.partition(";")
        if coding.strip() in {"gzip", "*"}:
            name, _, value = weight.strip().partition("=")
            return name.strip() != "q" or value.strip().strip("0.") != ""
    return False
