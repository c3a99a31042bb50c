"""Jobs for Taskiq, on RabbitMQ or on Redis streams.

    people = conferencing.jobs.taskiq.add_tasks(broker, journal="redis://…")

A message holds the key of a batch. The people are in the journal until their batch is done.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterable
from typing import Any, Final

from conferencing.accounts.config import Config
from conferencing.errors import ConfigurationError
from conferencing.serialization import to_dict

try:
    from taskiq import AsyncBroker, Context, TaskiqDepends, TaskiqEvents, TaskiqState
except ModuleNotFoundError as error:
    raise ConfigurationError(
        'to run jobs with Taskiq, install it: python -m pip install "conferencing[taskiq]"'
    ) from error

from .batch import Batch
from .brokers import Upkeep, check_broker
from .journal import LEASE
from .records import BatchRecord, SharedJournal
from .work import SHORTEST, Ended, Jobs, Progress, Submission

__all__ = ["PeopleTasks", "add_tasks"]

REGISTER: Final = "conferencing:register"
"""The name of the task. It never changes: a worker drops messages of tasks that it does not know."""


def add_tasks(
    broker: AsyncBroker,
    *,
    config: str | os.PathLike[str] | Config | None = None,
    journal: str | SharedJournal,
    lease: float = LEASE,
    settle: float = 60.0,
    concurrency: int = 8,
    retry_after: float = SHORTEST,
) -> PeopleTasks:
    """Add a task that registers people to a broker, at import time of the module with the broker.

    `config` is that of `connect`, and `journal` an address or a journal that all workers share.
    `settle` and `concurrency` are those of `register_many`. A job that cannot go on waits in its
    worker for `retry_after` seconds, doubled up to 15 minutes, and is sent again. So give workers as
    many slots as there are accounts (`--max-async-tasks`). Raises `ConfigurationError` that names each setting of
    the broker with which jobs would be lost.
    """
    check_broker(broker)
    jobs = Jobs(
        config=config,
        journal=journal,
        lease=lease,
        settle=settle,
        concurrency=concurrency,
        retry_after=retry_after,
    )
    return PeopleTasks(broker, jobs)


class PeopleTasks:
    """The task, and what is asked of it: submit lists, and see how far they are."""

    def __init__(self, broker: AsyncBroker, jobs: Jobs) -> None:
        self.jobs = jobs
        self._upkeep = Upkeep(broker)

        async def register(
            v: int,
            key: str,
            attempt: int = 0,
            context: Context = TaskiqDepends(),  # noqa: B008 - how Taskiq injects it
        ) -> Any:
            return await self._run(v, key, attempt, context)

        # Acknowledged by the task itself: a worker that is stopped must not acknowledge what it leaves.
        self._register = broker.register_task(register, task_name=REGISTER, ack_type="manual")
        broker.add_event_handler(TaskiqEvents.WORKER_STARTUP, self._start)
        broker.add_event_handler(TaskiqEvents.WORKER_SHUTDOWN, self._stop)

    async def submit(self, batches: Iterable[Batch]) -> Submission:
        """Record batches in the journal, and send a message for each that is not done.

        It may be called again with the same lists. The broker has to be started. Returns how many
        there are, and the rows that cannot be registered. Raises `UnsupportedOperation` if an
        account cannot register people.
        """
        await self._upkeep.check()
        waiting, submission = await self.jobs.plan(batches)
        await self._send(waiting)
        return submission

    async def resume(self) -> int:
        """Send a message for each batch that waits; return how many do.

        For a broker that lost messages; `unpark` does this itself. A batch with two messages is run
        once.
        """
        waiting = await self.jobs.list_waiting()
        await self._send(waiting)
        return len(waiting)

    async def progress(self) -> dict[tuple[str, str], Progress]:
        """Return how far each account's rooms are, from the journal."""
        return await self.jobs.progress()

    async def unpark(self, account: str) -> None:
        """Let an account's batches be run again, and send a message for each batch that waits."""
        await self.jobs.unpark(account)
        await self.resume()

    async def aclose(self) -> None:
        """Close the accounts and the journal, in a program that submits."""
        await self.jobs.aclose()

    async def _send(self, records: Iterable[BatchRecord]) -> None:
        for record in records:
            await self._register.kiq(v=1, key=record.key)

    async def _run(self, v: int, key: str, attempt: int, context: Context) -> Any:
        """Run a batch once, and acknowledge it when it is done, or sent again.

        A batch that is put off waits here, since few brokers can delay a message.
        """
        if v != 1:
            raise ConfigurationError(f"this message has version {v}, and this worker reads 1")
        outcome = await self.jobs.run(key, attempt)
        if isinstance(outcome, Ended):
            await _acknowledge(context)
            failure = {"key": key, "failed": outcome.reason}
            return failure if outcome.result is None else to_dict(outcome.result)
        if not outcome.parked:
            await asyncio.sleep(outcome.seconds)
            await self._register.kiq(v=v, key=key, attempt=attempt + 1)
        await _acknowledge(context)
        return {"key": key, "put_off": outcome.reason}

    async def _start(self, state: TaskiqState) -> None:
        await self._upkeep.start()

    async def _stop(self, state: TaskiqState) -> None:
        await self._upkeep.stop()
        await self.jobs.aclose()


async def _acknowledge(context: Context) -> None:
    if context.is_ackable:  # not in the broker for tests
        await context.ack()
