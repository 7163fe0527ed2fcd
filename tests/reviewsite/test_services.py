"""What the suite's own conftest promises every other test."""

from __future__ import annotations

import os
import socket
import tempfile
from pathlib import Path

import pytest
import redis
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from pytest_socket import SocketConnectBlockedError

WORKER = os.environ.get("PYTEST_XDIST_WORKER")


def test_settings_were_read_after_the_services_started() -> None:
    """A worker that read them earlier would ring another worker's bell."""
    assert os.environ["REDIS_URL"] == settings.REDIS_URL
    assert os.environ["DATABASE_URL"] == settings.DATABASE_URL
    assert settings.CELERY_BROKER_URL.startswith("redis+socket://")


def test_every_worker_has_its_own_redis_number() -> None:
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        assert client.client_info()["db"] == (0 if WORKER is None else 1 + int(WORKER.removeprefix("gw")))


@pytest.mark.django_db
def test_every_worker_has_its_own_database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_database(), current_setting('server_version_num')::int / 10000")
        name, version = cursor.fetchone()
    assert name == "test_second_opinion" + (f"_{WORKER}" if WORKER else "")
    assert version == 18


def test_nothing_is_kept_in_the_checkout() -> None:
    assert Path(tempfile.gettempdir()) in settings.DATA_DIR.parents


def test_nobody_pays_for_a_test() -> None:
    assert settings.MISTRAL_API_KEY == ""


def test_only_this_machine_is_reached() -> None:
    # It warns as well, and a warning is an error here.
    with pytest.warns(UserWarning, match="192.0.2.1"), pytest.raises(SocketConnectBlockedError):
        socket.create_connection(("192.0.2.1", 80), timeout=1)
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname(), timeout=5).close()


@pytest.mark.django_db
def test_every_change_of_a_table_has_its_migration() -> None:
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)
