"""Connections to Redis, for stores that several machines share."""

from __future__ import annotations

import asyncio
from functools import partial
from importlib import import_module
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

from conferencing.errors import ConfigurationError
from conferencing.model.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Callable

    from redis.asyncio import Redis

__all__ = ["RedisClients", "open_redis"]

TIMEOUT: Final = 5.0


class RedisClients:
    """One client for each event loop: connections belong to a loop."""

    def __init__(self, connect: Callable[[], Redis]) -> None:
        self._connect = connect
        self._clients: dict[asyncio.AbstractEventLoop, Redis] = {}
        self._lock = Lock()

    def current(self) -> Redis:
        """Return the client of the running event loop."""
        loop = asyncio.get_running_loop()
        with self._lock:
            if loop not in self._clients:
                self._clients = {
                    other: client
                    for other, client in self._clients.items()
                    if not other.is_closed()
                }
                self._clients[loop] = self._connect()
            return self._clients[loop]

    async def aclose(self) -> None:
        """Close the running loop's connections."""
        client = self._clients.pop(asyncio.get_running_loop(), None)
        if client is not None:
            await client.aclose()


def open_redis(address: Secret, setting: str) -> RedisClients:
    """Return clients for a `redis://` address; nothing is connected yet.

    Raises `ConfigurationError` that names `setting` for a malformed address, and without the extra.
    """
    try:
        client: Any = import_module("redis.asyncio").Redis
    except ImportError:
        problem = f'{setting} in Redis needs an extra: python -m pip install "conferencing[redis]"'
    else:
        try:
            connect = partial(_connect, client, address)
            connect()  # opens no connection yet, and raises for a malformed address
            return RedisClients(connect)
        except ValueError:  # its text repeats the address, which may hold a password
            problem = f"{setting} is not a redis:// address"
    raise ConfigurationError(problem, field=setting)


def _connect(client: Any, address: Secret) -> Redis:
    # A connection that Redis closed while it was idle is opened again; one that is silent is given up.
    retry, backoff = import_module("redis.asyncio.retry"), import_module("redis.backoff")
    result: Redis = client.from_url(
        address.reveal(),
        socket_timeout=TIMEOUT,
        socket_connect_timeout=TIMEOUT,
        retry=retry.Retry(backoff.NoBackoff(), 1),
        retry_on_error=[ConnectionError, import_module("redis.exceptions").ConnectionError],
    )
    return result
