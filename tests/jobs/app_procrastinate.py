"""An application on Procrastinate, as a user writes it; its settings are in the file JOBS_PLAN."""

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import procrastinate

from conferencing.jobs.procrastinate import blueprint

plan = json.loads(Path(os.environ["JOBS_PLAN"]).read_text("utf-8"))

app = procrastinate.App(
    connector=procrastinate.PsycopgConnector(conninfo=plan["broker"], max_size=4),
    worker_defaults={"update_heartbeat_interval": 0.5, "stalled_worker_timeout": 3},
)
people = blueprint(
    config=plan["config"],
    journal=plan["journal"],
    settle=plan["settle"],
    lease=plan["lease"],
    concurrency=plan["concurrency"],
    retry_after=0.5,
    stalled=3,
    cron="* * * * * */1",
)
app.add_tasks_from(people, namespace="conferencing")


@asynccontextmanager
async def opened() -> AsyncIterator[None]:
    """Open the application, with its tables."""
    async with app.open_async():
        if not await app.check_connection_async():
            await app.schema_manager.apply_schema_async()
        yield
