"""One page as Django answers it to nobody in particular, and whether that may be kept."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from http import HTTPStatus
from io import BytesIO
from typing import TYPE_CHECKING, Any

from comparisons.publishing.store import Store, compress

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

Headers = list[tuple[str, str]]
HTML = "text/html; charset=utf-8"
# Of what an answer may vary by, the store knows these: it holds pages that nobody's htmx asked for.
KNOWN_TO_VARY = {"accept-encoding", "hx-request", "hx-target"}


@dataclass(frozen=True, slots=True)
class Answer:
    status: str
    headers: Headers
    body: bytes

    @property
    def code(self) -> int:
        return int(self.status[:3])


@dataclass(frozen=True, slots=True)
class Renderer:
    """Asks the application itself, so that a kept page is what a reader without a cookie would have got."""

    application: WSGIApplication
    host: str
    scheme: str
    headers: Headers  # those the store's readers add to every page

    def answer(self, address: str) -> Answer:
        """The visitor's own request is not shown to the page: nothing of it can get into what is kept."""
        environ = {
            "REQUEST_METHOD": "GET", "SCRIPT_NAME": "", "PATH_INFO": address, "QUERY_STRING": "",
            "SERVER_NAME": "localhost", "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1",
            "HTTP_HOST": self.host, "HTTP_X_FORWARDED_PROTO": self.scheme, "REMOTE_ADDR": "127.0.0.1",
            "wsgi.version": (1, 0), "wsgi.url_scheme": self.scheme, "wsgi.input": BytesIO(),
            "wsgi.errors": BytesIO(), "wsgi.multithread": True, "wsgi.multiprocess": True,
            "wsgi.run_once": False,
        }  # fmt: skip
        begun: list[tuple[str, Headers]] = []

        def start_response(status: str, headers: Headers, exc_info: Any = None) -> Any:
            begun.append((status, headers))

        parts: Iterable[bytes] = self.application(environ, start_response)
        try:
            body = b"".join(parts)
        finally:
            if close := getattr(parts, "close", None):
                close()  # gives the database connection back
        return Answer(*begun[-1], body)

    def may_be_kept(self, answer: Answer) -> bool:
        """Only a page that says nothing to its visitor beyond what every kept page says."""
        told = {(name.lower(), value) for name, value in self.headers} | {("content-type", HTML)}
        for name, value in ((name.lower(), value) for name, value in answer.headers):
            if name == "vary" and {part.strip().lower() for part in value.split(",")} <= KNOWN_TO_VARY:
                continue
            if name != "content-length" and (name, value) not in told:
                return False
        return answer.code == HTTPStatus.OK and bool(answer.body)

    def publish(self, address: str, store: Store) -> tuple[Answer, bool]:
        """Renders and, if it may be, keeps; a page that cannot be rendered loses what was kept of it.

        An error (5xx) takes nothing away: whether it is the page or the database is for the caller to say.
        """
        draft = store.open(address)
        try:
            answer = self.answer(address)
            kept = self.may_be_kept(answer) and draft.keep(answer.body, compress(answer.body))
        finally:
            draft.discard()
        return answer, kept
