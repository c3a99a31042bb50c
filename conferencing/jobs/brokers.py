"""Taskiq's brokers: which settings lose jobs, and what Redis streams need besides."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any, Final

from conferencing.errors import ConfigurationError

from .redis import check_persistence

__all__ = ["Upkeep", "check_broker"]

_LOG = logging.getLogger("conferencing.jobs")

TICK: Final = "conferencing:tick"

Check = tuple[str, Callable[[Any], bool], str]

_STREAMS: Final[tuple[Check, ...]] = (
    ("consumer_id", lambda value: value == "0",
     "'0': with '$', what is sent before the first worker is never run"),
    ("count", lambda value: value == 1,
     "1: with more, one worker takes the jobs of all"),
    ("unacknowledged_batch_size", lambda value: value == 1,
     "1: with more, one worker takes the jobs of a dead one"),
    ("unacknowledged_lock_timeout", lambda value: value is not None and value > 0,
     "a number of seconds: the lock of a worker that dies while it has it would stay"),
    ("maxlen", lambda value: value is None, "None: otherwise waiting jobs are dropped"),
)  # fmt: skip
"""Attributes of `RedisStreamBroker`, the values with which nothing is lost, and why."""

_ARGUMENTS: Final = {"count": "xread_count"}
"""Arguments that have another name than their attribute."""

_UNSAFE: Final = {
    "PubSubBroker": "drops what no worker is listening for",
    "ListQueueBroker": "loses the jobs of a worker that dies",
}


def check_broker(broker: object) -> None:
    """Raise `ConfigurationError` that names each setting that would lose jobs."""
    faults = [*_find_faults(broker), *_find_result_faults(getattr(broker, "result_backend", None))]
    if faults:
        raise ConfigurationError(
            f"this {type(broker).__name__} would lose jobs or expose personal data: "
            + "; ".join(faults),
            field="broker",
        )


def _find_faults(broker: Any) -> list[str]:
    kinds = {kind.__name__ for kind in type(broker).__mro__}
    for name, fault in _UNSAFE.items():
        if name in kinds:
            return [f"it {fault}; use RedisStreamBroker or AioPikaBroker"]
    if "RedisStreamBroker" in kinds:
        return [
            f"{_ARGUMENTS.get(name, name)} is {getattr(broker, name, None)!r}, but must be {advice}"
            for name, is_right, advice in _STREAMS
            if not is_right(getattr(broker, name, None))
        ]
    if "AioPikaBroker" in kinds:
        queues = getattr(broker, "_task_queues", [])  # it has no public list of them
        return [
            f"queue {queue.name!r} is not durable, and is empty after a restart of RabbitMQ"
            for queue in queues
            if not queue.durable
        ]
    return []


def _find_result_faults(backend: Any) -> list[str]:
    if type(getattr(backend, "serializer", None)).__name__ == "PickleSerializer":
        return ["results are pickled; use serializer=JSONSerializer() in the result backend"]
    return []


class Upkeep:
    """What a broker on Redis streams needs while a worker runs; nothing for any other.

    Such a broker looks for the jobs of dead workers only after a new message, so each worker sends
    an empty one from time to time. Messages that were done stay in the stream, so they are removed.
    """

    def __init__(self, broker: Any) -> None:
        self._broker = broker
        self._is_stream = any(kind.__name__ == "RedisStreamBroker" for kind in type(broker).__mro__)
        self._task: asyncio.Task[None] | None = None
        if self._is_stream:
            self._tick = broker.register_task(_do_nothing, task_name=TICK)

    async def check(self) -> None:
        """Raise `ConfigurationError` if the broker's Redis forgets its messages in a crash."""
        if self._is_stream:
            await check_persistence(self._client())

    async def start(self) -> None:
        """Check the server, and begin."""
        if self._is_stream:
            await self.check()
            self._task = asyncio.create_task(self._keep())

    async def stop(self) -> None:
        """End."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    async def _keep(self) -> None:
        while True:
            await asyncio.sleep(self._broker.idle_timeout / 4000)
            try:
                await self._tick.kiq()
                await self._trim()
            except Exception as error:  # noqa: BLE001 - the next one may succeed
                _LOG.warning("the stream of jobs cannot be kept: %s", type(error).__name__)

    async def _trim(self) -> None:
        """Remove the messages before the oldest that is not done."""
        client, stream = self._client(), self._broker.queue_name
        group = self._broker.consumer_group_name
        oldest = (await client.xpending(stream, group))["min"]
        if oldest is None:  # nothing is under way: up to what was delivered last
            for facts in await client.xinfo_groups(stream):
                if facts["name"] == group.encode():
                    oldest = facts["last-delivered-id"]
        if oldest is not None:
            await client.xtrim(stream, minid=oldest, approximate=False)

    def _client(self) -> Any:
        from redis.asyncio import Redis  # noqa: PLC0415 - a dependency of the broker

        return Redis(connection_pool=self._broker.connection_pool)


async def _do_nothing() -> None:
    """Be a message."""
