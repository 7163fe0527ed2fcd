"""The pages on disk: one file per address and encoding, put there whole by a rename.

    <store>/html/compare/<left>/<right>.html and .html.gz    what nginx and the web process read
    <store>/drafts/                                          pages being rendered now

A page rendered from what the database said before a change must not be kept after that change was dealt
with. So a draft is opened on disk *before* the database is read; whoever drops an address removes its drafts
first; and a draft that was removed can no longer be renamed into place.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import secrets
import time
from collections.abc import Container, Iterator
from dataclasses import dataclass
from pathlib import Path

from comparisons.publishing.addresses import address_at, place_of
from comparisons.publishing.dependencies import ComparisonsOf, Page, Target

GZIP_LEVEL = 6  # 9 takes twice the time for one percent
FORGOTTEN = 60.0  # seconds after which a draft's renderer is taken for dead
SUFFIXES = (".gz", "")  # compressed first: see Draft.keep


@dataclass(frozen=True, slots=True)
class Copy:
    """One encoding of a page as it is sent."""

    body: bytes
    etag: str


def copy_of(body: bytes) -> Copy:
    return Copy(body, f'"{stamp(body):x}-{len(body):x}"')


def stamp(body: bytes) -> int:
    """The modification time a page's file is given: a hash, not a time.

    nginx makes a file's ETag of its time and size and nothing else. With real times two versions of one size
    within one second would share a tag; so would nothing across hosts. With this, tags name the content, and
    the web process and every nginx agree on them. 31 bits: what each file system can hold.
    """
    return int.from_bytes(hashlib.sha256(body).digest()[:4], "big") >> 1


class Draft:
    """A page being rendered; kept only if nobody dropped its address meanwhile."""

    def __init__(self, drafts: Path, html: Path, place: str) -> None:
        self._final = html / place
        name = f"{secrets.token_hex(8)}~{place.replace('/', '~')}"
        self._files = [drafts / f"{name}{suffix}" for suffix in SUFFIXES]
        for file in self._files:
            file.touch()

    def keep(self, body: bytes, compressed: bytes) -> bool:
        """Puts both encodings in place; False if the page was dropped since the draft was opened."""
        self._final.parent.mkdir(parents=True, exist_ok=True)
        try:
            for file, content in zip(self._files, (compressed, body), strict=True):
                with file.open("r+b") as opened:
                    opened.write(content)
                os.utime(file, (0, stamp(content)))
            # nginx looks for the plain file, so it comes last: a drop in between takes both away, because it
            # removes drafts before pages.
            for file, suffix in zip(self._files, SUFFIXES, strict=True):
                file.rename(f"{self._final}{suffix}")
        except FileNotFoundError:
            self.discard()
            return False
        return True

    def discard(self) -> None:
        for file in self._files:
            file.unlink(missing_ok=True)


class Store:
    def __init__(self, root: Path) -> None:
        self.root = root
        self.html = root / "html"
        self._drafts = root / "drafts"

    def make(self) -> None:
        """Raises OSError where nothing can be written."""
        self.html.mkdir(parents=True, exist_ok=True)
        self._drafts.mkdir(exist_ok=True)

    def path(self, place: str, *, compressed: bool) -> str:
        return f"{self.html}/{place}{'.gz' if compressed else ''}"

    def keeps(self, address: str) -> bool:
        place = place_of(address)
        return place is not None and (self.html / place).exists()

    def open(self, address: str) -> Draft:
        """To be called before anything is read for the page. Raises OSError."""
        place = place_of(address)
        assert place is not None
        return Draft(self._drafts, self.html, place)

    def drop(self, target: Target, *, sparing: Container[str] = ()) -> int:
        """Removes what the target covers, pages being rendered included; how many pages were there."""
        self.drop_drafts(target)
        return sum(self._remove(address) for address in list(self._covered(target)) if address not in sparing)

    def drop_drafts(self, target: Target) -> None:
        """Keeps what is being rendered now from being kept: it may have read what was before."""
        for file in self._drafts.iterdir():
            place = file.name.partition("~")[2].removesuffix(".gz").replace("~", "/")
            if target.covers(address_at(place)):
                file.unlink(missing_ok=True)

    def addresses(self) -> Iterator[str]:
        for folder, _, names in os.walk(self.html):
            below = os.path.relpath(folder, self.html)
            for name in {name.removesuffix(".gz") for name in names}:
                yield address_at(name if below == "." else f"{below}/{name}")

    def sweep(self) -> None:
        """Removes drafts whose renderer was killed."""
        for file in self._drafts.iterdir():
            try:
                if time.time() - file.stat().st_ctime > FORGOTTEN:
                    file.unlink(missing_ok=True)
            except FileNotFoundError:
                continue

    def _covered(self, target: Target) -> Iterator[str]:
        match target:
            case Page(address):
                yield address
            case ComparisonsOf(card):
                for name in _names(self.html / "compare" / card):
                    yield f"/compare/{card}-vs-{name.removesuffix('.gz').removesuffix('.html')}/"
                for left in _names(self.html / "compare"):
                    yield f"/compare/{left}-vs-{card}/"
            case _:
                yield from (address for address in self.addresses() if target.covers(address))

    def _remove(self, address: str) -> bool:
        place = place_of(address)
        if place is None:
            return False
        found = False
        for suffix in SUFFIXES:
            try:
                os.unlink(f"{self.html}/{place}{suffix}")  # noqa: PTH108 - a thousand in a row
                found = True
            except (FileNotFoundError, NotADirectoryError):
                continue
        return found


def _names(folder: Path) -> list[str]:
    try:
        return os.listdir(folder)  # noqa: PTH208 - of names, not of half a million Paths
    except (FileNotFoundError, NotADirectoryError):
        return []


def compress(body: bytes) -> bytes:
    return gzip.compress(body, GZIP_LEVEL, mtime=0)  # without the time, equal pages are equal bytes
