"""A PostgreSQL cluster inside the data folder, reached through a private unix socket and nothing else."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
from pathlib import Path
from urllib.parse import quote

import psutil
import psycopg
from psycopg import sql

from reviewsite.local.places import LocalServiceError, Places
from reviewsite.local.programs import postgres_programs_for
from reviewsite.processes import Program, end_all, lives

OWNER = "second_opinion"
DATABASE = "second_opinion"
# No check of names or passwords: the socket's folder lets nobody in but the cluster's own account and root.
INITDB = ("--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", f"--username={OWNER}")
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "200",  # the pools of the web process, the worker and some commands
    "log_min_messages": "fatal",  # failed statements are reported by whoever sent them
    "log_timezone": "UTC",
    "timezone": "UTC",
}
# A cluster that is thrown away after the tests need not survive a power cut.
CARELESS = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off", "max_connections": "400"}
HUSH = re.compile(r"the database system is (starting up|shutting down|not yet accepting)|^\s*$|DETAIL:")


class ClusterNotMade(LocalServiceError):
    def __init__(self, words: str) -> None:
        super().__init__(f"PostgreSQL could not make its data folder: {words}")


class ClusterOfAnotherVersion(LocalServiceError):
    def __init__(self, path: Path, made_by: str, here: str) -> None:
        super().__init__(
            f"The cluster in {path} was made by PostgreSQL {made_by} and the one here is {here}: "
            "dump and restore it, or start over with make reset."
        )


class Cluster:
    def __init__(self, places: Places, *, careless: bool = False) -> None:
        self._places = places
        self._careless = careless
        self.data = places.home / "postgres"
        self.sockets = places.sockets / "postgres"
        self.programs = postgres_programs_for(places.account, home=places.home)

    def make(self) -> None:
        """Makes the cluster unless it is there. A torn attempt leaves nothing that looks like one."""
        if (self.data / "PG_VERSION").is_file():
            self._check_version()
            return
        fresh = self._places.home / "postgres.new"
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        if self._places.account.lent:
            os.chown(fresh, self._places.account.uid, self._places.account.gid)
        self._run("initdb", *INITDB, *(["--no-sync"] if self._careless else []), "-D", str(fresh))
        fresh.rename(self.data)

    def program(self) -> Program:
        """PostgreSQL in the foreground, so that whoever starts it sees it end."""
        settings = {**SETTINGS, "unix_socket_directories": str(self.sockets)}
        settings |= CARELESS if self._careless else {}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return Program(
            name="postgres",
            argv=(str(self.programs / "postgres"), "-D", str(self.data), *options),
            env=self._environment(),
            cwd=Path("/"),  # the lent account may not be able to stand in ours
            stop=signal.SIGINT,  # fast shutdown: SIGTERM would wait for every client to leave
            account=self._places.account,
            hush=HUSH,
        )

    def url(self, database: str = DATABASE) -> str:
        return f"postgresql://{OWNER}@/{database}?host={quote(str(self.sockets))}"

    def answers(self) -> bool:
        try:
            with self._connect():
                return True
        except psycopg.OperationalError:
            return False

    def make_database(self, name: str = DATABASE) -> None:
        with self._connect() as connection:
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))

    def _connect(self) -> psycopg.Connection[tuple[object, ...]]:
        return psycopg.connect(self.url("postgres"), autocommit=True, connect_timeout=2)

    def _check_version(self) -> None:
        made_by = (self.data / "PG_VERSION").read_text(encoding="utf-8").strip()
        here = self._run("postgres", "--version").split()[-1].split(".")[0]
        if made_by != here:
            raise ClusterOfAnotherVersion(self.data, made_by, here)

    def _run(self, program: str, *arguments: str) -> str:
        try:
            done = subprocess.run(  # noqa: S603 - our own program
                [str(self.programs / program), *arguments],
                env=self._environment(),
                cwd="/",
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                check=False,
                start_new_session=True,  # Ctrl-C is the launcher's to handle
                **self._places.account.popen_options(),
            )
        except (OSError, subprocess.SubprocessError) as error:
            raise ClusterNotMade(str(error)) from None
        if done.returncode:
            raise ClusterNotMade((done.stderr or done.stdout).strip().replace("\n", " "))
        return done.stdout

    def _environment(self) -> dict[str, str]:
        # Nothing of ours: neither keys nor PG… variables are its business.
        return {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}


def end_leftover_server(data: Path, *, patience: float = 5.0) -> bool:
    """Stops a server that a killed launcher left running on the cluster in `data`; whether there was one."""
    note = data / "postmaster.pid"
    try:
        process = psutil.Process(int(note.read_text(encoding="utf-8").split("\n", 1)[0]))
    except (OSError, ValueError, psutil.NoSuchProcess):
        return False  # PostgreSQL itself clears away the note of a process that is gone
    if not _serves(process, data):
        # The id belongs to a dead process nobody buried, or was given to some other program. PostgreSQL
        # would take either for its own server and refuse to start.
        note.unlink(missing_ok=True)
        return False
    # fast, at once, by force
    end_all([process], asks=(signal.SIGINT, signal.SIGQUIT, signal.SIGKILL), patience=patience)
    return True


def _serves(process: psutil.Process, data: Path) -> bool:
    try:
        here = Path(process.cwd()) == data.resolve()
        return lives(process) and process.name() == "postgres" and here
    except psutil.Error:
        return False
