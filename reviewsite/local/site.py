"""What `manage.py up` runs, in what order, and the words it ends with."""

from __future__ import annotations

import http.client
import os
import re
import shlex
import sys
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.exceptions import ImproperlyConfigured

from panel.personas import BadPersona, load_personas
from panel.providers.chain import describe_chain
from reviewsite import env
from reviewsite.console import Console
from reviewsite.local.instance import Instance, check_port, fingerprint
from reviewsite.local.postgres import Cluster
from reviewsite.local.redis import RedisServer
from reviewsite.private_files import kept_secret
from reviewsite.processes import ARENAS, Program
from reviewsite.supervisor import GaveUp, StopRequested, Supervisor

WORKER_WARNS_OF_ROOT = "ignore:::celery.platforms"  # on one's own machine it is no news
HUSH = re.compile(
    r"^\s*$|mingle: |Connected to redis|celery@\S+ ready|panel@\S+ ready|beat: Starting|Warm shutdown|"
    r"Requeuing undeliverable message|Starting granian|Listening at|Spawning worker|Started worker|"
    # Ticks that came too late.
    r"Stopp(ing|ed) worker|Discarding revoked task: (panel\.(sweep|poll_batches)|digest\.tick)|"
    r"Shutting down granian|Granian shutdown completed|allows spawning up to \d+ Python threads"
)


def check_personas() -> None:
    """Raises ImproperlyConfigured with one sentence about the first persona file that cannot be used."""
    try:
        load_personas(settings.PERSONAS_DIR)
    except BadPersona as error:
        raise ImproperlyConfigured(str(error)) from None


class Site:
    def __init__(self, *, console: Console, host: str, port: int) -> None:
        self._console = console
        self._host, self._port = host, port
        self._url = local_url(host, port)
        # Both refuse what they cannot mean, so they come before anything runs.
        self._judge = describe_chain()
        check_personas()
        self._instance = Instance(settings.DATA_DIR)
        self._environment = dict(os.environ)
        self._supervisor = Supervisor(console, notes=self._instance.children)
        self._cluster: Cluster | None = None
        self._redis: RedisServer | None = None

    def run(self) -> int:
        """Runs until asked to stop; the exit code."""
        self._supervisor.listen_to_signals()
        for name in self._instance.end_leftovers(own_cluster=not settings.DATABASE_URL):
            self._console.line(name, "left over from an earlier run: ended")
        check_port(self._host, self._port)
        self._instance.settle(self._url)
        self._prepare()
        try:
            self._start_services()
            self._start_site()
            while True:
                self._supervisor.tend()
        except StopRequested:
            self._console.line("setup", "stopping")
            return 0
        except GaveUp as error:
            self._console.line("setup", str(error))
            return 1
        finally:
            self._supervisor.stop()
            self._instance.release()

    def _prepare(self) -> None:
        """Everything that can be refused is refused here, before anything runs."""
        own: dict[str, str] = {}
        if not settings.DATABASE_URL:
            self._instance.places.make()
            self._cluster = Cluster(self._instance.places)
            self._cluster.make()
            own["DATABASE_URL"] = self._cluster.url()
        if not settings.REDIS_URL:
            self._instance.places.make()
            self._redis = RedisServer(self._instance.places)
            self._redis.make()
            own["REDIS_URL"] = self._redis.url()
        if not env.text("SECRET_KEY"):
            own["SECRET_KEY"] = kept_secret(self._instance.data / "secret_key", length=48)
        if not env.text("SITE_URL"):
            own["SITE_URL"] = self._url
        self._instance.announce(own)
        self._environment |= own
        self._environment |= {"DATA_DIR": str(self._instance.data), "PYTHONUNBUFFERED": "1"}
        self._environment = {"MALLOC_ARENA_MAX": ARENAS} | self._environment

    def _start_services(self) -> None:
        self._console.line("setup", f"starting on {self._instance.data}")
        for service in (self._redis, self._cluster):
            if service is not None:
                self._supervisor.start(service.program())
        late = "{} did not come up within a minute; its own words are above."
        if self._redis is not None:
            self._supervisor.wait_for(self._redis.answers, seconds=60, otherwise=late.format("Redis"))
        if self._cluster is not None:
            self._supervisor.wait_for(self._cluster.answers, seconds=60, otherwise=late.format("PostgreSQL"))
            self._cluster.make_database()

    def _start_site(self) -> None:
        password = self._instance.data / "admin_password"
        first = not password.exists()
        self._console.line("setup", "bringing the database up to date")
        self._step("migrate", "--noinput", "--verbosity=0")
        self._collect_static()
        for program in self._programs():
            self._supervisor.start(program)
        self._step("first_start")
        self._supervisor.wait_for(
            self._answers,
            seconds=60,
            otherwise=f"{self._url} does not answer; if ALLOWED_HOSTS is set, it must name {self._host}.",
        )
        whom = "with an account of this database"  # one that had an admin before this folder was made
        if password.is_file():
            shown = f", password {password.read_text(encoding='utf-8').strip()}" if first else ""
            whom = f"as admin{shown} (kept in the data folder, {password.name})"
        self._console.block(f"{settings.SITE_NAME} is ready", self._rows(whom))

    def _step(self, *arguments: str) -> None:
        self._supervisor.finish(self._supervisor.begin(self._program("setup", "manage.py", *arguments)))

    def _collect_static(self) -> None:
        if settings.DEBUG:
            return  # found where they are written
        stamp = self._instance.data / "static.sha256"
        sources = [Path(place.path(name)) for finder in get_finders() for name, place in finder.list([])]
        now = fingerprint(sources)
        if stamp.is_file() and stamp.read_text(encoding="utf-8") == now:
            return
        self._console.line("setup", "collecting static files")
        self._step("collectstatic", "--noinput", "--clear", "--verbosity=0")
        stamp.write_text(now, encoding="utf-8")

    def _programs(self) -> tuple[Program, ...]:
        """In the order of starting; they are stopped the other way round."""
        # Modules, never console scripts: the path of the interpreter in their first line breaks at a space
        # and at 127 bytes.
        celery = ("-W", WORKER_WARNS_OF_ROOT, "-m", "celery", "-A", "reviewsite", "--quiet")
        schedule = str(self._instance.data / "celerybeat-schedule")
        worker = shlex.split("worker -l INFO -n panel@%h --without-gossip --without-mingle")
        granian = shlex.split("-m granian --interface wsgi --workers 1 --blocking-threads 8 --no-ws")
        place = (
            "--no-access-log",
            "--host",
            self._host,
            "--port",
            str(self._port),
            "--workers-kill-timeout",
            "4",
        )
        return (
            self._program("panel", *celery, *worker),
            self._program("web", *granian, *place, "reviewsite.wsgi:application"),
            self._program("beat", *celery, "beat", "-l", "WARNING", "-s", schedule),
        )

    def _program(self, name: str, *arguments: str) -> Program:
        return Program(
            name=name,
            argv=(sys.executable, *arguments),
            env=self._environment,
            cwd=settings.BASE_DIR,
            hush=HUSH,
        )

    def _answers(self) -> bool:
        return any(self._status(path) == http.client.OK for path in ("/healthz/", "/"))

    def _status(self, path: str) -> int:
        site = urlsplit(self._environment["SITE_URL"])
        headers = {"Host": site.netloc, "X-Forwarded-Proto": site.scheme}
        connection = http.client.HTTPConnection(reachable_host(self._host), self._port, timeout=2)
        try:
            connection.request("GET", path, headers=headers)
            return connection.getresponse().status
        except (OSError, http.client.HTTPException):
            return 0
        finally:
            connection.close()

    def _rows(self, whom: str) -> list[tuple[str, str]]:
        return [
            ("address", f"{self._url}/"),
            ("sign in", f"{self._url}/admin/ {whom}"),
            ("data", str(self._instance.data)),
            (
                "database",
                f"PostgreSQL in {self._cluster.data}" if self._cluster else "the one of DATABASE_URL",
            ),
            ("broker", "Redis of its own, a doorbell only" if self._redis else "the one of REDIS_URL"),
            ("judge", self._judge),
            ("stop", "Ctrl-C"),
        ]


def reachable_host(host: str) -> str:
    """Where this machine itself finds a server that listens on `host`."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared, not bound


def local_url(host: str, port: int) -> str:
    name = reachable_host(host)
    return f"http://[{name}]:{port}" if ":" in name else f"http://{name}:{port}"
