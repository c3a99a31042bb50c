"""An application on Taskiq, as a user writes it; its settings are in the file JOBS_PLAN."""

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from taskiq.serializers import JSONSerializer
from taskiq_redis import RedisAsyncResultBackend, RedisStreamBroker

from conferencing.jobs.taskiq import add_tasks

plan = json.loads(Path(os.environ["JOBS_PLAN"]).read_text("utf-8"))

results = RedisAsyncResultBackend(plan["journal"], serializer=JSONSerializer(), result_ex_time=3600)
if plan["broker"].startswith("amqp"):
    from taskiq_aio_pika import AioPikaBroker

    broker = AioPikaBroker(plan["broker"], qos=6, heartbeat=1).with_result_backend(results)
else:
    broker = RedisStreamBroker(
        plan["broker"],
        consumer_id="0",
        xread_count=1,
        xread_block=500,
        unacknowledged_batch_size=1,
        unacknowledged_lock_timeout=5,
        idle_timeout=int(plan["idle"] * 1000),
    ).with_result_backend(results)
people = add_tasks(
    broker,
    config=plan["config"],
    journal=plan["journal"],
    settle=plan["settle"],
    lease=plan["lease"],
    concurrency=plan["concurrency"],
    retry_after=0.5,
)


@broker.task(task_name="bare")
async def register_bare(account: str, room: str, rows: list[dict[str, str]]) -> None:
    """Register people without a journal, as the trials do that have to go wrong."""
    conference = await people.jobs.accounts.get(account)
    await conference.register_many(room, rows, settle=plan["settle"])


@asynccontextmanager
async def opened() -> AsyncIterator[None]:
    """Start the broker, in a program that submits."""
    await broker.startup()
    yield
    await broker.shutdown()
