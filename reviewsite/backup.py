"""The whole site in one file, and back: pg_dump and pg_restore, found and called as they should be.

PostgreSQL holds everything. Redis holds nothing that is not made again, the page store and the drawn cards
are rendered again, and SECRET_KEY is yours to keep elsewhere: it does not belong beside what it protects.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import psycopg
from django.db import connection
from psycopg import sql

from reviewsite.local.places import LocalServiceError
from reviewsite.local.programs import postgres_programs

# Changes of the last hour, told by numbers of transactions, which mean something in one cluster alone.
OUTBOX = "comparisons_pagechange"
LINE = re.compile(r"\s*\n\s*")


class BackupRefused(Exception):
    """One line for the person who asked."""


def program(name: str) -> str:
    """Beside the newest server there is here, else from the PATH: an older pg_dump refuses a newer server."""
    try:
        beside = postgres_programs() / name
        if beside.is_file():
            return str(beside)
    except LocalServiceError:
        pass
    if found := shutil.which(name):
        return found
    raise BackupRefused(f"{name} is not installed here: install PostgreSQL's client programs.")


def backup(database: Mapping[str, Any], file: Path) -> int:
    """Writes the dump beside and moves it in, so that a torn one never looks whole; its bytes."""
    options = ["--format=custom", "--no-owner", "--no-privileges", f"--exclude-table-data={OUTBOX}"]
    if file.is_dir():
        raise BackupRefused(f"{file} is a folder; name a file in it.")
    fresh = file.with_name(f"{file.name}.part")
    fresh.touch(mode=0o600)
    try:
        _run([program("pg_dump"), *options, f"--file={fresh}"], database)
        fresh.replace(file)
    finally:
        fresh.unlink(missing_ok=True)
    return file.stat().st_size


def restore(file: Path, database: Mapping[str, Any]) -> None:
    """Into a database that is made for it, or stands empty: never over data. All of it or nothing."""
    if not file.is_file():
        raise BackupRefused(f"There is no file {file}.")
    restoring = program("pg_restore")
    try:
        _make(database)
        with psycopg.connect(**_told(database)) as line:
            tables = line.execute(
                "SELECT count(*) FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
            ).fetchone()
    except psycopg.Error as error:
        raise BackupRefused(f"The database cannot be reached: {_one_line(str(error))}") from None
    if tables and tables[0]:
        raise BackupRefused(f"The database {database['NAME']} holds {tables[0]} tables; name an empty one.")
    options = ["--exit-on-error", "--single-transaction", "--no-owner", "--no-privileges"]
    _run([restoring, *options, f"--dbname={database['NAME']}", str(file)], database)


def why_away() -> str:
    """Why the site's database does not answer, asked once without the pool; empty where it does."""
    try:
        psycopg.connect(**_told(connection.settings_dict), connect_timeout=3).close()
    except psycopg.OperationalError as error:
        return _one_line(str(error))
    return ""


def _make(database: Mapping[str, Any]) -> None:
    try:
        psycopg.connect(**_told(database)).close()
    except psycopg.OperationalError as error:
        if "does not exist" not in str(error):
            raise
        with psycopg.connect(**_told(database, name="postgres"), autocommit=True) as admin:
            admin.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C.UTF-8'").format(
                    sql.Identifier(database["NAME"])
                )
            )


def _told(database: Mapping[str, Any], *, name: str = "") -> dict[str, Any]:
    told = {
        "dbname": name or database["NAME"],
        "host": database["HOST"],
        "port": database["PORT"],
        "user": database["USER"],
        "password": database["PASSWORD"],
    }
    others = {key: value for key, value in database["OPTIONS"].items() if key != "pool"}
    return {key: value for key, value in (told | others).items() if value}


def _run(argv: list[str], database: Mapping[str, Any]) -> None:
    """Address and password by the environment: what stands on a command line, everybody here can read."""
    told = _told(database)
    names = {"dbname": "PGDATABASE", "host": "PGHOST", "port": "PGPORT", "user": "PGUSER"}
    names |= {"password": "PGPASSWORD", "sslmode": "PGSSLMODE", "sslrootcert": "PGSSLROOTCERT"}
    environment = {names[key]: str(value) for key, value in told.items() if key in names}
    environment |= {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8"}
    done = subprocess.run(argv, env=environment, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise BackupRefused(f"{Path(argv[0]).name} failed: {_one_line(done.stderr)[:500]}")


def _one_line(text: str) -> str:
    return LINE.sub(" ", text.strip())
