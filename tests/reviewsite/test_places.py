"""Where services live when the data folder is deep, oddly named, or closed to PostgreSQL's account."""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from reviewsite.local import places
from reviewsite.local.places import (
    SOCKET_PATH_BYTES,
    Account,
    FolderNotUsable,
    open_data_folder,
    places_of,
    private_folder,
)

STRANGER = Account(uid=54321, gid=54321)


@pytest.fixture
def folder() -> Iterator[Path]:
    """A short path that everybody may walk to, which pytest's own folder is not."""
    with tempfile.TemporaryDirectory(prefix="so-", dir="/tmp") as name:
        Path(name).chmod(0o711)
        yield Path(name)


def test_a_short_plain_data_folder_holds_everything(folder: Path) -> None:
    open_data_folder(folder / "data")
    found = places_of(folder / "data")
    assert found.home == folder / "data"
    assert found.sockets == folder / "data/run"
    assert found.outside == ()


@pytest.mark.parametrize("name", ["x" * 80, "with a space", "comma,comma", "per%20cent", "ünïcode"])
def test_sockets_of_a_long_or_odd_path_lie_in_a_short_private_folder(folder: Path, name: str) -> None:
    open_data_folder(folder / name)
    found = places_of(folder / name)
    assert found.outside == (found.sockets,)
    assert len(os.fsencode(found.sockets / "postgres/.s.PGSQL.5432")) <= SOCKET_PATH_BYTES
    assert found == places_of(folder / name)
    assert found.sockets != places_of(folder / f"{name}2").sockets


def test_socket_folders_are_closed_to_others(folder: Path) -> None:
    open_data_folder(folder / "data")
    found = places_of(folder / "data")
    found.make()
    for name, owner in (("postgres", found.account.uid), ("redis", os.geteuid())):
        status = (found.sockets / name).stat()
        assert (stat.S_IMODE(status.st_mode), status.st_uid) == (0o700, owner)


def test_the_data_folder_cannot_be_listed_by_others(folder: Path) -> None:
    open_data_folder(folder / "data")
    assert not stat.S_IMODE((folder / "data").stat().st_mode) & 0o066


def test_a_data_folder_below_a_file_is_refused(folder: Path) -> None:
    (folder / "file").touch()
    with pytest.raises(FolderNotUsable, match="not a directory"):
        open_data_folder(folder / "file" / "data")


def test_another_account_passes_open_folders_only(folder: Path) -> None:
    (folder / "open").mkdir(mode=0o711)
    assert STRANGER.may_pass(folder / "open" / "yet to be made")
    (folder / "open").chmod(0o700)
    assert not STRANGER.may_pass(folder / "open" / "yet to be made")


def test_our_own_account_needs_no_questions(folder: Path) -> None:
    (folder / "closed").mkdir(mode=0o700)
    assert Account(os.geteuid(), os.getegid()).may_pass(folder / "closed")


def test_popen_changes_the_account_only_where_it_must() -> None:
    assert Account(os.geteuid(), os.getegid()).popen_options() == {}
    assert STRANGER.popen_options() == {"user": 54321, "group": 54321, "extra_groups": []}


def test_a_folder_that_is_a_link_is_refused(folder: Path) -> None:
    (folder / "elsewhere").mkdir()
    (folder / "link").symlink_to(folder / "elsewhere")
    with pytest.raises(FolderNotUsable, match="belongs to somebody else"):
        private_folder(folder / "link", owner=os.geteuid(), mode=0o700)


def test_a_folder_of_somebody_else_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "theirs").mkdir()
    monkeypatch.setattr(places.os, "geteuid", lambda: 54321)
    with pytest.raises(FolderNotUsable, match="belongs to somebody else"):
        private_folder(folder / "theirs", owner=54321, mode=0o700)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root lends PostgreSQL another account")
class TestAsRoot:
    def test_the_cluster_moves_out_of_a_closed_folder(self, folder: Path) -> None:
        folder.chmod(0o700)
        open_data_folder(folder / "data")
        found = places_of(folder / "data")
        assert found.home in found.outside and found.sockets in found.outside
        assert found.account.may_pass(found.home) and found.account.may_pass(found.sockets)

    def test_a_cluster_outside_stays_there_when_the_folder_opens(self, folder: Path) -> None:
        folder.chmod(0o700)
        open_data_folder(folder / "data")
        before = places_of(folder / "data")
        before.make()
        try:
            (before.home / "postgres").mkdir()
            folder.chmod(0o711)
            assert places_of(folder / "data").home == before.home
        finally:
            for outside in before.outside:
                shutil.rmtree(outside)

    def test_the_cluster_of_an_ordinary_user_stays_that_users(self, folder: Path) -> None:
        open_data_folder(folder / "data")
        (folder / "data/postgres").mkdir()
        os.chown(folder / "data/postgres", 54321, 54321)
        assert places_of(folder / "data").account == STRANGER

    def test_a_cluster_that_became_unreachable_is_not_replaced_by_a_new_one(self, folder: Path) -> None:
        open_data_folder(folder / "data")
        (folder / "data/postgres").mkdir()
        folder.chmod(0o700)
        with pytest.raises(FolderNotUsable, match="cannot walk to it"):
            places_of(folder / "data")
