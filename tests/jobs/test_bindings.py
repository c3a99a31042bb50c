"""What the bindings make of outcomes, on the queues' own stand-ins for tests."""

from __future__ import annotations

from collections.abc import AsyncIterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from vendor import POST, Planned, always, people

from conferencing import ConfigurationError, Room
from conferencing.bulk import Outcome
from conferencing.jobs import SharedJournal, batches
from conferencing.sandbox import Fault

REVOKED = Fault(kind="status", status=401, body='{"errors":[]}')
AWAY = Fault(kind="status", status=503, body='{"errors":[]}')


# ---------------------------------------------------------------------------------- Procrastinate


@pytest.fixture
async def queue(config: Path, journal: SharedJournal) -> AsyncIterator[tuple[Any, Any]]:
    """Return an app on a queue in memory, and the blueprint in it."""
    pytest.importorskip("procrastinate", reason="this needs procrastinate")
    procrastinate = import_module("procrastinate")
    blueprint = import_module("conferencing.jobs.procrastinate").blueprint
    app = procrastinate.App(connector=import_module("procrastinate.testing").InMemoryConnector())
    tasks = blueprint(config=config, journal=journal, settle=0.1)
    app.add_tasks_from(tasks, namespace="conferencing")
    async with app.open_async():
        yield app, tasks
    await tasks.jobs.accounts.aclose()


async def work(app: Any) -> None:
    await app.run_worker_async(wait=False, listen_notify=False, install_signal_handlers=False)


def list_jobs(app: Any, status: str = "todo") -> list[dict[str, Any]]:
    jobs = app.connector.jobs.values()
    return [job for job in jobs if job["status"] == status and "register" in job["task_name"]]


def lists(room: Room, count: int = 6) -> Any:
    return batches({("main", room.id): people(count)}, size=2)


async def test_procrastinate_registers_each_batch_once(
    queue: tuple[Any, Any], room: Room, served: Planned
) -> None:
    app, tasks = queue
    for _ in range(2):
        await tasks.submit(lists(room))
    assert [job["lock"] for job in list_jobs(app)] == ["conferencing:main"] * 3
    assert all(set(job["args"]) == {"v", "key"} for job in list_jobs(app))
    await work(app)
    assert len(list_jobs(app, "succeeded")) == 3
    assert served.counts[POST] == 6
    assert (await tasks.submit(lists(room))).done == 3
    assert list_jobs(app) == []


async def test_procrastinate_resumes_what_has_no_job(queue: tuple[Any, Any], room: Room) -> None:
    app, tasks = queue
    await tasks.submit(lists(room))
    app.connector.jobs.clear()
    assert await tasks.resume() == 3
    assert await tasks.resume() == 3
    assert len(list_jobs(app)) == 3


async def test_put_off_job_comes_after_the_others(
    queue: tuple[Any, Any], room: Room, served: Planned
) -> None:
    app, tasks = queue
    await tasks.submit(lists(room, 2))
    served.plan = always(AWAY)
    await work(app)
    [job] = list_jobs(app)
    assert (job["priority"], job["scheduled_at"] is not None) == (-1, True)


async def test_jobs_of_parked_account_keep_their_place(
    queue: tuple[Any, Any], room: Room, served: Planned
) -> None:
    app, tasks = queue
    await tasks.submit(lists(room, 2))
    served.plan = always(REVOKED)
    await work(app)
    [job] = list_jobs(app)
    assert job["priority"] == 0
    assert served.counts[POST] == 1
    assert (await tasks.progress())["main", room.id].parked is not None
    await tasks.unpark("main")
    assert (await tasks.progress())["main", room.id].parked is None


async def test_job_of_another_version_fails_and_is_kept(queue: tuple[Any, Any]) -> None:
    app, _ = queue
    await app.configure_task("conferencing:register").defer_async(v=2, key="main:7:x:1")
    await work(app)
    assert len(list_jobs(app, "failed")) == 1


async def test_blueprint_without_app_is_refused(
    config: Path, journal: SharedJournal, room: Room
) -> None:
    pytest.importorskip("procrastinate", reason="this needs procrastinate")
    tasks = import_module("conferencing.jobs.procrastinate").blueprint(
        config=config, journal=journal
    )
    with pytest.raises(ConfigurationError, match="add_tasks_from"):
        await tasks.submit(lists(room))
    await tasks.jobs.accounts.aclose()


# ----------------------------------------------------------------------------------------- Taskiq


@pytest.fixture
async def tasks(config: Path, journal: SharedJournal) -> AsyncIterator[Any]:
    """Return the tasks of a broker in memory, which runs each at once."""
    pytest.importorskip("taskiq", reason="this needs taskiq")
    broker = import_module("taskiq").InMemoryBroker(await_inplace=True)
    add_tasks = import_module("conferencing.jobs.taskiq").add_tasks
    made = add_tasks(broker, config=config, journal=journal, settle=0.1, retry_after=0.01)
    yield made
    await made.jobs.accounts.aclose()


async def test_taskiq_registers_each_batch_once(tasks: Any, room: Room, served: Planned) -> None:
    for _ in range(2):
        await tasks.submit(lists(room))
    assert served.counts[POST] == 6
    assert (await tasks.progress())["main", room.id].counts == {Outcome.REGISTERED: 6}


async def test_taskiq_sends_again_what_is_put_off(tasks: Any, room: Room, served: Planned) -> None:
    served.plan = lambda kind, number: AWAY if kind == POST and number <= 5 else None
    await tasks.submit(lists(room, 2))
    assert (await tasks.progress())["main", room.id].complete
    assert max(served.registered(room).values()) == 1


async def test_taskiq_resumes_after_unpark(tasks: Any, room: Room, served: Planned) -> None:
    served.plan = always(REVOKED)
    await tasks.submit(lists(room))
    assert served.counts[POST] == 1
    assert (await tasks.progress())["main", room.id].waiting == 6
    served.plan = lambda _kind, _number: None
    await tasks.unpark("main")
    assert (await tasks.progress())["main", room.id].complete
