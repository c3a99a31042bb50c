"""The part of the suite on beginnings and ends: cancelling, closing, and one loop after another."""

from __future__ import annotations

import asyncio
import gc
import warnings
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from attrs import evolve

from conferencing.capabilities import Operation, Support
from conferencing.conference import Conference, connect
from conferencing.errors import (
    ClientClosed,
    OutcomeUnknown,
    ProviderError,
    Sent,
    TimedOut,
    TransportError,
)

from .base import Harness, SuiteBase
from .clock import FakeClock
from .expect import equal, expect, outcome, raised
from .plays import CASES
from .scenario import Scenario

__all__ = ["LifecycleTests"]

PRESENT = (Support.NATIVE, Support.EMULATED, Support.UNVERIFIED)
DOORS = Path("/dev/fd")


class LifecycleTests(SuiteBase):
    """End things in the middle, twice, and elsewhere."""

    def test_cancelling_leaves_nothing_and_the_client_lives_on(self) -> None:
        """No task, no socket, no warning; the next call is served."""

        async def scene(harness: Harness) -> None:
            for operation in self.operations(*PRESENT):
                await _cancelled(harness, operation)

        if self.simulator_class() is not None:
            with _nothing_left():
                self.run(scene)

    def test_closing_is_done_once_and_for_all(self) -> None:
        """A closed client raises `ClientClosed` and sends nothing; closing again does nothing."""

        async def scene(harness: Harness) -> None:
            async with harness.scenario("registered") as scenario:
                await scenario.conference.aclose()
                await scenario.conference.aclose()
                if scenario.served is None:
                    return
                scenario.served.requests.clear()
                for operation in self.operations(*PRESENT):
                    came = await outcome(_closed_call(scenario, operation), operation.value)
                    refused = isinstance(came, ClientClosed)
                    expect(refused or not _reached(came), f"{operation} when closed: {came!r}")
                    expect(
                        not scenario.served.requests,
                        f"a closed client sent something for {operation}",
                    )

        with _nothing_left():
            self.run(scene)

    def test_one_client_serves_one_loop_after_another(self) -> None:
        """As programs do that call `asyncio.run` more than once."""
        if not self.declared().supports(Operation.CHECK):
            return
        with _nothing_left():
            clients: list[Conference] = []
            harness = Harness(self)

            async def scene() -> None:
                async with harness:
                    if not clients:
                        clients.append(connect(harness.account(), clock=FakeClock()))
                    await clients[0].check()

            for _ in range(2):
                with asyncio.Runner() as runner:
                    runner.run(scene())
            with asyncio.Runner() as runner:
                runner.run(clients[0].aclose())

    def test_a_vendor_that_is_silent_is_not_waited_for(self) -> None:
        """A call ends with its time limit, and says whether it may have happened."""
        if self.simulator_class() is None:
            return

        async def scene(harness: Harness) -> None:
            play = CASES[self._any()]
            async with harness.scenario(*play.needs, timeout=0.2) as scenario:
                _fail(scenario, kind="hang", times=99)
                error = await raised(_timed(play.perform(scenario)), _SILENT, "a silent vendor")
                expect(error.sent is not Sent.NO, "it says that nothing was sent")

        self.run(scene)

    def test_a_vendor_that_is_not_there_was_sent_nothing(self) -> None:
        """A refused connection is a `TransportError`, with `sent` no."""
        if self.simulator_class() is None:
            return

        async def scene(harness: Harness) -> None:
            play = CASES[self._any()]
            async with harness.scenario(*play.needs) as scenario:
                await harness.sandbox.aclose()
                async with connect(harness.account(), clock=FakeClock()) as fresh:
                    work = play.perform(evolve(scenario, conference=fresh))
                    error = await raised(work, TransportError, "a vendor that is not there")
                equal(error.sent, Sent.NO, "sent, where nobody listens,")

        self.run(scene)

    def test_a_reply_that_is_too_large_is_given_up(self) -> None:
        """One that never ends, and one that unpacks to far more than it was."""
        if self.simulator_class() is None:
            return

        async def scene(harness: Harness) -> None:
            for fault in ({"kind": "endless"}, {"kind": "bomb", "size": 64 * 2**20}):
                async with harness.scenario(*CASES[self._any()].needs) as scenario:
                    _fail(scenario, **fault)
                    work = CASES[self._any()].perform(scenario)
                    await raised(work, ProviderError, f"a reply like {fault['kind']}")

        self.run(scene)

    def _any(self) -> Operation:
        """Return an operation that asks the vendor something and changes nothing."""
        known = self.operations(*PRESENT)
        exact = [one for one in known if CASES[one].exact]
        return (exact or [one for one in known if one is not Operation.JOIN_LINK])[0]


_SILENT = (TimedOut, OutcomeUnknown)


async def _timed(work: Any) -> Any:
    async with asyncio.timeout(5):
        return await work


async def _cancelled(harness: Harness, operation: Operation) -> None:
    play = CASES[operation]
    async with harness.scenario(*play.needs) as scenario:
        served = scenario.served
        before = asyncio.all_tasks()
        _fail(scenario, kind="hang", times=1)
        task = asyncio.create_task(_caught(play.perform(scenario)))
        async with asyncio.timeout(5):
            while served and not served.requests and not task.done():  # noqa: ASYNC110 - it tells nobody
                await asyncio.sleep(0)
        if task.done():
            return  # it asks the vendor nothing
        task.cancel()
        await asyncio.wait([task])
        expect(task.cancelled(), f"cancelling {operation} gave {task!r}")
        left = [one for one in asyncio.all_tasks() - before if not _serves(one)]
        expect(not left, f"a cancelled {operation} left {left}")
        if served is not None:
            served.faults.clear()
        if scenario.can(Operation.CHECK):
            await scenario.conference.check()


def _serves(task: asyncio.Task[Any]) -> bool:
    """Whether a task is the sandbox' own."""
    return "RequestHandler" in repr(task.get_coro())


async def _caught(work: Any) -> Any:
    return await work


async def _closed_call(scenario: Scenario, operation: Operation) -> Any:
    return await CASES[operation].perform(scenario, scenario.room.id)


def _reached(came: Any) -> bool:
    """Whether a closed client reached the vendor: what it refuses by itself did not."""
    return isinstance(came, ProviderError | TransportError) and came.sent is not Sent.NO


def _fail(scenario: Scenario, **fault: Any) -> None:
    if scenario.served is not None:
        scenario.served.fail(**fault)


@contextmanager
def _nothing_left() -> Generator[None]:
    """Refuse warnings of what was dropped without being closed, and descriptors that stay open."""
    before = _doors()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield
        gc.collect()
    told = [str(one.message) for one in caught if issubclass(one.category, ResourceWarning)]
    told += [str(one.message) for one in caught if "never awaited" in str(one.message)]
    expect(not told, f"something was dropped without being closed: {'; '.join(told)}")
    expect(_doors() <= before, f"{_doors() - before} descriptors were left open")


def _doors() -> int:
    return len(list(DOORS.iterdir())) if DOORS.is_dir() else 0
