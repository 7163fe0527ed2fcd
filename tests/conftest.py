"""One PostgreSQL and one Redis for the whole run, both real, both thrown away at the end.

They start while this file is imported: settings read their addresses from the environment, and the
conftest files of the rooms, imported after this one, may import models. The workers of pytest-xdist inherit
the addresses; each has its own database in the one cluster and its own number in the one Redis.
"""

from __future__ import annotations

import atexit
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import django
import pytest
import redis
from django.conf import settings
from django.test import override_settings

from reviewsite.local.instance import Instance
from reviewsite.local.places import LocalServiceError
from reviewsite.local.postgres import Cluster
from reviewsite.local.redis import RedisServer
from reviewsite.processes import has_ended, kill_group, record, spawn

PREFIX = "second-opinion-tests-"
YOUNG = 60.0  # seconds in which another run's folder may exist before it is locked
# What a developer has set for their own site would change, or even bill, what the tests do.
FOREIGN = ("PANEL_", "MISTRAL_", "OLLAMA_", "OPENAI_")
PLAIN = {
    "ALLOWED_HOSTS", "DEBUG", "SITE_NAME", "SITE_URL", "SECRET_KEY", "SECRET_KEY_FILE", "DATABASE_URL",
    "DATABASE_URL_FILE", "REDIS_URL", "REDIS_URL_FILE", "DATABASE_POOL", "PORT", "BRAND_DIR", "CATALOGUE_URL",
    "TRUSTED_PROXIES",
}  # fmt: skip


def _prepare() -> None:
    if settings.configured:
        raise pytest.UsageError("DJANGO_SETTINGS_MODULE is set, so settings came before services: unset it.")
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    if worker is None:
        for name in [name for name in os.environ if name in PLAIN or name.startswith(FOREIGN)]:
            del os.environ[name]
        _end_earlier_runs()
        _start_services()
    else:
        address, _, _ = os.environ["REDIS_URL"].partition("?")
        os.environ["REDIS_URL"] = f"{address}?db={1 + int(worker.removeprefix('gw')) % 63}"
    os.environ["DJANGO_SETTINGS_MODULE"] = "reviewsite.settings"
    django.setup()
    # pytest-django reads settings before any conftest where this is set, and workers would inherit it.
    del os.environ["DJANGO_SETTINGS_MODULE"]


def _start_services() -> None:
    data = Path(tempfile.mkdtemp(prefix=PREFIX))
    instance = Instance(data)
    instance.places.make()
    cluster, redis = Cluster(instance.places, careless=True), RedisServer(instance.places)
    cluster.make()
    redis.make()
    with (data / "log").open("wb") as log:
        running = [spawn(service.program(), output=log.fileno()) for service in (cluster, redis)]
    record(instance.children, [("postgres", running[0].pid), ("redis", running[1].pid)])
    atexit.register(_end, instance, running, [cluster.program().stop, redis.program().stop])
    for service in (cluster, redis):
        _wait_for(service.answers, log=data / "log")
    cluster.make_database()
    (data / "static").mkdir()  # WhiteNoise warns of a missing one, and warnings are errors here
    os.environ |= {
        "DATA_DIR": str(data),
        "DATABASE_URL": cluster.url(),
        "REDIS_URL": redis.url(),
        "SECRET_KEY": "known to everybody, so good for tests only",
        "DATABASE_POOL": "8",
        # Nobody is there. Left alone the site tries Ollama's usual address, and a developer's own may answer.
        "OLLAMA_URL": "http://127.0.0.1:1",
    }


def _wait_for(condition: Callable[[], bool], *, log: Path) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        if time.monotonic() > deadline:
            raise LocalServiceError(f"not up within a minute:\n{log.read_text(encoding='utf-8')}")
        time.sleep(0.02)


def _end(instance: Instance, running: list[subprocess.Popen[bytes]], asks: list[int]) -> None:
    for process, ask in zip(running, asks, strict=True):
        process.send_signal(ask)
    deadline = time.monotonic() + 10
    while not all(has_ended(process) for process in running):
        if time.monotonic() > deadline:
            for process in running:
                kill_group(process.pid)
        time.sleep(0.02)
    _remove(instance)


def _end_earlier_runs() -> None:
    """What a killed run left: its folder is locked by nobody."""
    for data in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        try:
            found = data.stat()
            if found.st_uid == os.geteuid() and time.time() - found.st_mtime > YOUNG:
                instance = Instance(data)
                instance.end_leftovers()
                _remove(instance)
        except (LocalServiceError, OSError):
            continue


def _remove(instance: Instance) -> None:
    for folder in (*instance.places.outside, instance.data):
        shutil.rmtree(folder, ignore_errors=True)


_prepare()

from comparisons.switches import state  # noqa: E402  (a room with tables, so after the settings)


@pytest.fixture(scope="session", autouse=True)
def _unhashed_static_files() -> Iterator[None]:
    """Pages name static files as they are written: nothing has been collected for the hashed names."""
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    with override_settings(STORAGES={**settings.STORAGES, "staticfiles": plain}):
        yield


@pytest.fixture(scope="session", autouse=True)
def _one_network_for_all_tests() -> Iterator[None]:
    """All tests of a worker come from one address within the hour; those of the limits set their own."""
    names = ("VOTES_PER_NETWORK", "COUNTERPOINTS_PER_NETWORK", "BOOKMARKS_PER_NETWORK")
    with override_settings(**dict.fromkeys(names, (1_000_000, 3600))):
        yield


@pytest.fixture(autouse=True)
def _switches_are_read_anew() -> None:
    """A process believes for two seconds what it read of them; the next test has other ones."""
    state.reread()


@pytest.fixture(scope="session")
def _counters() -> Iterator[redis.Redis]:
    with redis.Redis.from_url(os.environ["REDIS_URL"]) as counters:
        yield counters


@pytest.fixture(autouse=True)
def _nobody_has_done_anything_yet(_counters: redis.Redis) -> None:
    """All tests ask from one network; what one of them did is not to be on the next one's account."""
    if counted := _counters.keys("limits:*"):
        _counters.delete(*counted)
