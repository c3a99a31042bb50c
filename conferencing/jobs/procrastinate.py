"""Jobs for Procrastinate, which keeps its queue in PostgreSQL.

    people = conferencing.jobs.procrastinate.blueprint(journal="postgresql://…")
    app.add_tasks_from(people, namespace="conferencing")

A job's argument is the key of a batch. The people are in the journal until their batch is done, since
Procrastinate logs the arguments of its jobs and keeps them.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from conferencing.accounts.config import Config
from conferencing.errors import ConfigurationError
from conferencing.serialization import to_dict

try:
    import procrastinate
    from procrastinate import exceptions
    from procrastinate.jobs import Job, Status
    from procrastinate.manager import JobManager
except ModuleNotFoundError as error:
    raise ConfigurationError(
        "to run jobs with Procrastinate, install it:"
        ' python -m pip install "conferencing[procrastinate]"'
    ) from error

from .batch import Batch
from .journal import LEASE
from .records import BatchRecord, SharedJournal
from .work import SHORTEST, Jobs, Progress, PutOff, Submission

__all__ = ["PeopleBlueprint", "blueprint"]

STALLED: Final = 30.0
"""After how many seconds without a heartbeat the jobs of a worker are run again.

A worker sends one every 10 seconds (`update_heartbeat_interval`).
"""


def blueprint(
    *,
    config: str | os.PathLike[str] | Config | None = None,
    journal: str | SharedJournal,
    queue: str = "conferencing",
    lease: float = LEASE,
    settle: float = 60.0,
    concurrency: int = 8,
    retry_after: float = SHORTEST,
    stalled: float = STALLED,
    cron: str = "* * * * *",
) -> PeopleBlueprint:
    """Return tasks that register people, for `app.add_tasks_from(people, namespace="conferencing")`.

    `config` is that of `connect`, and `journal` an address or a journal that all workers share.
    `settle` and `concurrency` are those of `register_many`. A job that cannot go on is put off by
    `retry_after` seconds, doubled up to 15 minutes. By `cron`, with a sixth column for seconds if
    wanted, the jobs of workers that were silent for `stalled` seconds are run again.
    """
    jobs = Jobs(
        config=config,
        journal=journal,
        lease=lease,
        settle=settle,
        concurrency=concurrency,
        retry_after=retry_after,
    )
    return PeopleBlueprint(jobs, queue=queue, stalled=stalled, cron=cron)


class PeopleBlueprint(procrastinate.Blueprint):
    """The tasks, and what is asked of them: submit lists, and see how far they are."""

    def __init__(self, jobs: Jobs, *, queue: str, stalled: float, cron: str) -> None:
        super().__init__()
        self.jobs = jobs
        self._stalled = stalled
        self._register = self.task(
            name="register", queue=queue, pass_context=True, retry=RetryPutOff()
        )(self._run)
        retry = self.task(
            name="retry_stalled", queue=queue, queueing_lock="conferencing:retry_stalled",
            pass_context=True,
        )(self._retry_stalled)  # fmt: skip
        self.periodic(cron=cron)(retry)

    async def submit(self, batches: Iterable[Batch]) -> Submission:
        """Record batches in the journal, and queue a job for each that is not done.

        It may be called again with the same lists. Returns how many there are, and the rows that
        cannot be registered. Raises `UnsupportedOperation` if an account cannot register people.
        """
        waiting, submission = await self.jobs.plan(batches)
        await self._defer(waiting)
        return submission

    async def resume(self) -> int:
        """Queue a job for each batch that waits and has none; return how many batches wait.

        For a queue that was lost or emptied. Batches that have a job are not run twice.
        """
        waiting = await self.jobs.list_waiting()
        await self._defer(waiting)
        return len(waiting)

    async def progress(self) -> dict[tuple[str, str], Progress]:
        """Return how far each account's rooms are, from the journal."""
        return await self.jobs.progress()

    async def unpark(self, account: str) -> None:
        """Let an account's batches be run again; those that were put off follow in 15 minutes."""
        await self.jobs.unpark(account)

    async def aclose(self) -> None:
        """Close the accounts and the journal, in a program that submits."""
        await self.jobs.aclose()

    async def _defer(self, records: Iterable[BatchRecord]) -> None:
        # A queueing lock would not do: a job that is put off could not go back beside a second one.
        queued = set[str]()
        for status in ("todo", "doing"):
            present = await self._manager.list_jobs_async(task=self._register.name, status=status)
            queued |= {str(job.task_kwargs.get("key")) for job in present}
        for record in records:
            if record.key not in queued:
                deferrer = self._register.configure(lock=f"conferencing:{record.account}")
                await deferrer.defer_async(v=1, key=record.key)

    @property
    def _manager(self) -> JobManager:
        app = self._register.blueprint
        if not isinstance(app, procrastinate.App):
            raise ConfigurationError(
                "these tasks belong to no app; call app.add_tasks_from(people,"
                ' namespace="conferencing") first'
            )
        return app.job_manager

    async def _run(self, context: procrastinate.JobContext, *, v: int, key: str) -> Any:
        if v != 1:
            raise ConfigurationError(f"this job has version {v}, and this worker reads 1")
        outcome = await self.jobs.run(key, context.job.attempts)
        if isinstance(outcome, PutOff):
            raise NotYet(outcome)
        if outcome.result is None:
            raise BatchFailed(outcome.reason)
        return to_dict(outcome.result)

    async def _retry_stalled(self, context: procrastinate.JobContext, timestamp: int) -> None:
        """Let the jobs of dead workers be run again: Procrastinate itself leaves them as they are."""
        manager = context.app.job_manager
        jobs = await manager.get_stalled_jobs(seconds_since_heartbeat=self._stalled)
        for job in jobs:
            if job.task_name == self._register.name:
                await manager.retry_job(job)
            elif job.task_name == context.job.task_name:  # one of these: the next has run since
                await manager.finish_job(job, status=Status.ABORTED, delete_job=True)


class NotYet(Exception):
    """The job is put off."""

    def __init__(self, outcome: PutOff) -> None:
        super().__init__(outcome.reason)
        self.seconds, self.parked = outcome.seconds, outcome.parked


class BatchFailed(Exception):
    """The batch is given up; the job is kept as failed."""


class RetryPutOff(procrastinate.BaseRetryStrategy):
    """Run jobs again that were put off, or cut short by the end of their worker."""

    def get_retry_decision(
        self, *, exception: BaseException, job: Job
    ) -> procrastinate.RetryDecision | None:
        """Return when to run a job again; None for a job that has failed."""
        if isinstance(exception, NotYet):
            # A waiting job keeps back all later ones of its lock, unless they have a higher priority:
            # right for an account that is parked, and wrong for a batch that is put off.
            priority = None if exception.parked else job.priority - 1
            return _retry_in(exception.seconds, priority)
        if isinstance(exception, asyncio.CancelledError | exceptions.JobAborted):
            return _retry_in(0)
        return None


def _retry_in(seconds: float, priority: int | None = None) -> procrastinate.RetryDecision:
    retry_at = datetime.now(UTC) + timedelta(seconds=seconds)
    return procrastinate.RetryDecision(retry_at=retry_at, priority=priority)
