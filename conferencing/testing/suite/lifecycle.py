"""Beginning and end: cancelling, closing, one event loop after another, and limits."""

from __future__ import annotations

import asyncio
import gc
import warnings
from collections.abc import Awaitable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from attrs import evolve

from conferencing.capabilities import Operation
from conferencing.conference import Conference, connect
from conferencing.errors import (
    ClientClosed,
    OutcomeUnknown,
    ProviderError,
    Sent,
    TimedOut,
    TransportError,
)
from conferencing.testing.actions import endless_body, gzip_bomb, hang
from conferencing.testing.base import Harness, SuiteBase
from conferencing.testing.clock import FakeClock
from conferencing.testing.expect import expect, expect_equal, expect_raises, outcome_of
from conferencing.testing.injector import Action
from conferencing.testing.operations import OperationCase
from conferencing.testing.scenario import Scenario

__all__ = ["LifecycleTests"]

DESCRIPTORS: Final = Path("/dev/fd")
PATIENCE: Final = 20.0
"""Seconds after which a test fails instead of waiting, however busy the machine is."""


class LifecycleTests(SuiteBase):
    """End calls and clients in the middle, twice, and in other event loops."""

    def test_cancelled_call_leaves_nothing(self) -> None:
        """No task, no socket, no warning; the next call of the client works."""

        async def test(harness: Harness) -> None:
            for case in self.cases():
                await _cancel(harness, case)

        if self.simulator_class() is not None:
            with _no_leaks():
                self.run(test)

    def test_closed_client_raises(self) -> None:
        """It raises `ClientClosed` and sends nothing; closing it again does nothing."""

        async def test(harness: Harness) -> None:
            async with harness.scenario("registered") as scenario:
                await scenario.conference.aclose()
                await scenario.conference.aclose()
                if scenario.server is None:
                    return
                scenario.server.clear()
                for case in self.cases():
                    outcome = await outcome_of(case.perform(scenario, scenario.room.id), str(case))
                    refused = isinstance(outcome, ClientClosed) or not _is_reply(outcome)
                    expect(refused, f"{case} of a closed client returned {outcome!r}")
                    expect(not scenario.requests, f"a closed client sent a request for {case}")

        with _no_leaks():
            self.run(test)

    def test_client_serves_several_loops(self) -> None:
        """A client works in one event loop after another, as in several calls of `asyncio.run`."""
        if not self.declared().supports(Operation.CHECK):
            return
        with _no_leaks():
            clients: list[Conference] = []
            harness = Harness(self)

            async def test() -> None:
                async with harness:
                    if not clients:
                        clients.append(connect(harness.account(), clock=FakeClock()))
                    await clients[0].check()

            with asyncio.Runner() as runner:
                runner.run(test())
            with asyncio.Runner() as runner:
                runner.run(test())
            with asyncio.Runner() as runner:
                runner.run(clients[0].aclose())

    def test_silent_vendor_times_out(self) -> None:
        """A call ends with its time limit, and says whether the request may have arrived."""
        if self.simulator_class() is None:
            return
        case = self._reading_case()

        async def test(harness: Harness) -> None:
            async with harness.scenario(*case.states, timeout=0.2) as scenario:
                _inject(scenario, hang)
                kinds = (TimedOut, OutcomeUnknown)
                call = _within(PATIENCE, case.perform(scenario))
                error = await expect_raises(call, kinds, f"{case} of a silent vendor")
                expect(error.sent is not Sent.NO, "it says that nothing was sent")

        self.run(test)

    def test_absent_vendor_gets_nothing(self) -> None:
        """A refused connection is a `TransportError` with `sent=no`."""
        if self.simulator_class() is None:
            return
        case = self._reading_case()

        async def test(harness: Harness) -> None:
            async with harness.scenario(*case.states) as scenario:
                await harness.stop()
                async with connect(harness.account(), clock=FakeClock()) as fresh:
                    call = case.perform(evolve(scenario, conference=fresh))
                    error = await expect_raises(call, TransportError, "a refused connection")
                expect_equal(error.sent, Sent.NO, "sent of a refused connection")

        self.run(test)

    def test_oversized_reply_raises(self) -> None:
        """One that never ends, and one that decompresses to far more than it was."""
        if self.simulator_class() is None:
            return
        case = self._reading_case()

        async def test(harness: Harness) -> None:
            for action in (endless_body, gzip_bomb):
                async with harness.scenario(*case.states) as scenario:
                    _inject(scenario, action)
                    call = _within(PATIENCE, case.perform(scenario))
                    await expect_raises(call, ProviderError, f"a reply by {action.__name__}")

        self.run(test)

    def _reading_case(self) -> OperationCase:
        """Return a case that sends a request and changes nothing."""
        cases = self.cases()
        reading = [case for case in cases if case.exact]
        other = [case for case in cases if case.operation is not Operation.JOIN_LINK]
        return (reading or other)[0]


async def _within(seconds: float, call: Awaitable[Any]) -> Any:
    async with asyncio.timeout(seconds):
        return await call


async def _cancel(harness: Harness, case: OperationCase) -> None:
    async with harness.scenario(*case.states) as scenario:
        server = scenario.server
        before = asyncio.all_tasks()
        _inject(scenario, hang)
        task: asyncio.Future[Any] = asyncio.ensure_future(case.perform(scenario))
        async with asyncio.timeout(PATIENCE):
            while server and not server.requests and not task.done():  # noqa: ASYNC110 - no event
                await asyncio.sleep(0)
        if task.done():
            return  # it sends no request
        task.cancel()
        await asyncio.wait([task], timeout=PATIENCE)
        expect(task.cancelled(), f"cancelling {case}: expected CancelledError, got {task!r}")
        left = [each for each in asyncio.all_tasks() - before if not _is_servers(each)]
        expect(not left, f"a cancelled {case} left {left}")
        if server is not None:
            server.clear()
        if scenario.can(Operation.CHECK):
            await scenario.conference.check()


def _is_servers(task: asyncio.Task[Any]) -> bool:
    """Return whether a task belongs to the server and not to the client."""
    return "FaultServer" in repr(task.get_coro())


def _is_reply(outcome: Any) -> bool:
    """Return whether a closed client reached the vendor, instead of refusing by itself."""
    return isinstance(outcome, ProviderError | TransportError) and outcome.sent is not Sent.NO


def _inject(scenario: Scenario, action: Action) -> None:
    if scenario.server is not None:
        scenario.server.inject(action)


@contextmanager
def _no_leaks() -> Generator[None]:
    """Refuse warnings about what was dropped without being closed, and open descriptors."""
    before = _count_descriptors()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield
        gc.collect()
    texts = [str(each.message) for each in caught if issubclass(each.category, ResourceWarning)]
    texts += [str(each.message) for each in caught if "never awaited" in str(each.message)]
    expect(not texts, f"dropped without being closed: {'; '.join(texts)}")
    left = _count_descriptors() - before
    expect(left <= 0, f"{left} descriptors were left open")


def _count_descriptors() -> int:
    return len(list(DESCRIPTORS.iterdir())) if DESCRIPTORS.is_dir() else 0
