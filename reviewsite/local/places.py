"""Which folders a data folder's services live in, and which account they run as.

Two rules of other programs shape this file. PostgreSQL refuses to run as root, so root lends it another
account, and that account must be able to walk to its files. And the path of a unix socket may hold about
a hundred bytes (107 on Linux, 103 on macOS), which a checkout in a deep folder exceeds.
"""

from __future__ import annotations

import hashlib
import os
import pwd
import re
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

SOCKET_PATH_BYTES = 103
LONGEST_SOCKET = "/postgres/.s.PGSQL.5432"
# Sockets stand in addresses (DATABASE_URL, REDIS_URL) that four libraries parse, each with its own idea of
# percent signs, and PostgreSQL splits the folder's name at commas: only plain names are used at all.
PLAIN = re.compile(r"[A-Za-z0-9/_.-]+")


class LocalServiceError(Exception):
    """Something about this machine stands in the way; the message is one line for the person starting it."""


class FolderNotUsable(LocalServiceError):
    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"The folder {path} cannot be used: {reason}.")


class NoAccountForPostgres(LocalServiceError):
    def __init__(self) -> None:
        super().__init__(
            "PostgreSQL does not run as root, and none of the accounts nobody, postgres, daemon exists here: "
            "start as an ordinary user, or set DATABASE_URL."
        )


class AccountOptions(TypedDict, total=False):
    user: int
    group: int
    extra_groups: list[int]


@dataclass(frozen=True)
class Account:
    uid: int
    gid: int

    @property
    def lent(self) -> bool:
        return self.uid != os.geteuid()

    def popen_options(self) -> AccountOptions:
        return {"user": self.uid, "group": self.gid, "extra_groups": []} if self.lent else {}

    def may_pass(self, path: Path) -> bool:
        """Whether this account can walk (or, for a program, execute) all of `path`, as far as it exists."""
        if not self.lent:
            return True
        resolved = path.resolve()
        return all(self._passes(place) for place in (resolved, *resolved.parents))

    def _passes(self, place: Path) -> bool:
        try:
            found = place.stat()
        except FileNotFoundError:
            return True  # ours to make
        if found.st_uid == self.uid:
            return bool(found.st_mode & stat.S_IXUSR)
        if found.st_gid == self.gid:
            return bool(found.st_mode & stat.S_IXGRP)
        return bool(found.st_mode & stat.S_IXOTH)


@dataclass(frozen=True)
class Places:
    """Where one data folder's cluster and sockets are. Most often all inside the data folder."""

    data: Path
    account: Account  # whom PostgreSQL runs as
    home: Path  # holds the cluster: the data folder, or a folder that a lent account can reach
    sockets: Path

    @property
    def outside(self) -> tuple[Path, ...]:
        """Folders of this data folder that lie elsewhere; removing all data removes them too."""
        return tuple(place for place in (self.home, self.sockets) if self.data not in (place, *place.parents))

    def make(self) -> None:
        for folder in self.outside:
            private_folder(folder, owner=os.geteuid(), mode=self._mode)
        private_folder(self.sockets, owner=os.geteuid(), mode=self._mode)
        private_folder(self.sockets / "postgres", owner=self.account.uid, mode=0o700)
        private_folder(self.sockets / "redis", owner=os.geteuid(), mode=0o700)

    @property
    def _mode(self) -> int:
        # A lent account passes through without being able to look around.
        return 0o711 if self.account.lent else 0o700


def places_of(data: Path) -> Places:
    """The folders for `data`, which exists. The same answer every time, or data would seem lost."""
    account = _account(data)
    return Places(data=data, account=account, home=_home(data, account), sockets=_sockets(data, account))


def open_data_folder(data: Path) -> None:
    """Makes the folder when it is missing, closes it to others, and proves that it can be written."""
    try:
        data.mkdir(parents=True, exist_ok=True)
        if data.stat().st_uid == os.geteuid():
            data.chmod(0o711 if os.geteuid() == 0 else 0o700)
        with tempfile.TemporaryFile(dir=data):
            pass
    except OSError as error:
        raise FolderNotUsable(data, (error.strerror or str(error)).lower()) from None


def private_folder(path: Path, *, owner: int, mode: int) -> None:
    """Makes or takes over `path`; refuses what somebody else put there first, a link above all."""
    try:
        path.mkdir(mode=0o700, exist_ok=True)
        found = path.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid not in {os.geteuid(), owner}:
            raise FolderNotUsable(path, "it belongs to somebody else")
        if found.st_uid != owner:
            os.chown(path, owner, -1)
        if stat.S_IMODE(found.st_mode) != mode:
            path.chmod(mode)
    except OSError as error:
        raise FolderNotUsable(path, (error.strerror or str(error)).lower()) from None


def _account(data: Path) -> Account:
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid())
    # A cluster that an ordinary user made stays that user's when root starts it once.
    cluster = data / "postgres"
    if cluster.is_dir() and (found := cluster.stat()).st_uid != 0:
        return Account(found.st_uid, found.st_gid)
    for name in ("nobody", "postgres", "daemon"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_uid, entry.pw_gid)
    raise NoAccountForPostgres


def _home(data: Path, account: Account) -> Path:
    reachable = account.may_pass(data)
    if (data / "postgres").is_dir():
        if reachable:
            return data
        raise FolderNotUsable(
            data / "postgres", f"the account with id {account.uid}, which PostgreSQL needs, cannot walk to it"
        )
    # /var/lib first: what lies in /var/tmp is cleaned away after a month on many systems.
    name = f"second-opinion-{_digest(data)}"
    elsewhere = [base / name for base in (Path("/var/lib"), Path("/var/tmp"))]  # noqa: S108 - owner is checked
    if account.lent:
        for folder in elsewhere:
            if (folder / "postgres").is_dir():  # made when the way to `data` was still closed
                return folder
    if reachable:
        return data
    for folder in elsewhere:
        if os.access(folder.parent, os.W_OK) and account.may_pass(folder.parent):
            return folder
    raise FolderNotUsable(data, "PostgreSQL's account cannot walk to it, and /var/lib is not writable")


def _sockets(data: Path, account: Account) -> Path:
    name = f"second-opinion-{os.geteuid()}-{_digest(data)}"
    bases = (Path(tempfile.gettempdir()), Path("/tmp"), Path("/var/tmp"))  # noqa: S108 - as above
    for folder in (data / "run", *(base / name for base in bases)):
        short = len(os.fsencode(folder)) + len(LONGEST_SOCKET) <= SOCKET_PATH_BYTES
        if short and PLAIN.fullmatch(str(folder)) and account.may_pass(folder.parent):
            return folder
    raise FolderNotUsable(data, "no temporary folder has a name short enough for a unix socket")


def _digest(data: Path) -> str:
    return hashlib.sha256(os.fsencode(data)).hexdigest()[:12]
