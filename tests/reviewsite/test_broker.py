"""Kombu's Redis transport as this site uses it."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from kombu import Connection, Queue

from reviewsite.celery import app

QUEUE: Any = Queue("tests-of-the-broker")  # type: ignore[no-untyped-call]


@pytest.fixture
def connection() -> Any:
    with app.connection_for_read() as connection:
        yield connection
        connection.default_channel.queue_delete(QUEUE.name)


def test_the_site_s_connections_are_made_by_it(connection: Connection) -> None:
    assert settings.CELERY_BROKER_URL.startswith("redis")
    assert type(connection.transport).__module__ == "reviewsite.broker"


def test_what_is_sent_is_taken_and_acknowledged_through_one_client(connection: Connection) -> None:
    channel = connection.default_channel
    client = channel._create_client()
    connection.Producer(channel).publish({"number": 7}, routing_key=QUEUE.name, declare=[QUEUE])
    taken = QUEUE(channel).get()
    assert taken.payload == {"number": 7}
    assert client.hlen(channel.unacked_key) == 1
    taken.ack()
    assert client.hlen(channel.unacked_key) == 0
    assert channel._create_client() is client


def test_after_a_lost_connection_it_has_another_client(connection: Connection) -> None:
    channel = connection.default_channel
    client = channel._create_client()
    channel._disconnect_pools()
    assert channel._create_client() is not client
    assert channel._create_client().ping()


def test_who_needs_a_connection_of_its_own_gets_a_client_of_its_own(connection: Connection) -> None:
    channel = connection.default_channel
    assert channel._create_client(asynchronous=True) is not channel._create_client()
