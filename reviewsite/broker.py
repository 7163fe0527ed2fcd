"""Redis as Celery's broker: kombu's transport, but for what that makes anew for each message."""

from __future__ import annotations

from typing import Any

from kombu.transport import redis as kombu_redis


class Channel(kombu_redis.Channel):
    """Keeps one client where kombu makes one for every message taken and another for every one acknowledged.

    A client fills a table of hundreds of callbacks; its connections it only borrows from the channel's pool.
    """

    _kept: Any = None

    def _create_client(self, asynchronous: bool = False) -> Any:
        if asynchronous:  # owns its connection and is kept by kombu itself
            return super()._create_client(asynchronous=True)  # type: ignore[no-untyped-call]
        # After a lost connection the channel has another pool.
        if self._kept is None or self._kept.connection_pool is not self.pool:
            self._kept = super()._create_client()  # type: ignore[no-untyped-call]
        return self._kept


class Transport(kombu_redis.Transport):
    Channel = Channel
