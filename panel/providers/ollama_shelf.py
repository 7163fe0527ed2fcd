"""Which models an Ollama server has, asked when somebody wants to know and remembered for a moment."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass

import httpx2
from pydantic import BaseModel, ValidationError

from panel.providers.faults import one_line
from panel.providers.wire import Cut, Wire, exchange

PATIENCE_SECONDS = 1.0  # a server that is there says so at once
FRESH_SECONDS = 30.0  # and is asked again after these, whether it was there or not
OK = 200


@dataclass(frozen=True, slots=True)
class Shelf:
    """The server's version, and the digest of each model that was pulled."""

    version: str
    digests: tuple[tuple[str, str], ...]

    def digest_of(self, model: str) -> str:
        """ "" when it was not pulled. A name without a tag means `:latest`, as everywhere in Ollama."""
        name = model if ":" in model.rpartition("/")[2] else f"{model}:latest"
        return dict(self.digests).get(name, "")


_seen: dict[str, tuple[float, Shelf | None]] = {}
_looking = threading.Lock()  # one thread looks, the others wait for what it finds


def shelf(server: str) -> Shelf | None:
    """None when no Ollama answers there. Takes a second at most, and that once in half a minute a process."""
    with _looking:
        until, found = _seen.get(server, (0.0, None))
        if time.monotonic() >= until:
            found = _look(server)
            _seen[server] = time.monotonic() + FRESH_SECONDS, found
        return found


def forget(server: str) -> None:
    """The next to ask looks again."""
    with _looking:
        _seen.pop(server, None)


class _Version(BaseModel):
    version: str


class _Model(BaseModel):
    name: str
    digest: str


class _Tags(BaseModel):
    models: list[_Model] | None


def _look(server: str) -> Shelf | None:
    wire = Wire(server, key="", connections=1)
    try:
        with exchange(PATIENCE_SECONDS):
            version = _Version.model_validate_json(_get(wire, f"{server}/api/version"))
            tags = _Tags.model_validate_json(_get(wire, f"{server}/api/tags"))
    except (Cut, ValidationError):
        return None
    finally:
        wire.close()
    rows = ((one_line(row.name, 120), one_line(row.digest, 80)) for row in tags.models or [])
    return Shelf(one_line(version.version, 30), tuple(sorted(rows)))


def _get(wire: Wire, url: str) -> bytes:
    response = wire.handle_request(httpx2.Request("GET", url))
    return response.content if response.status_code == OK else b""
