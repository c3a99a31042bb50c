"""Replaying an operation under one fault after another."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any, Final

from attrs import evolve, frozen

from conferencing.accounts.context import SystemClock
from conferencing.capabilities import Operation
from conferencing.conference import Conference
from conferencing.errors import TimedOut, UnsupportedOperation
from conferencing.sandbox.simulator import Answer, Call

from .base import Harness
from .clock import FakeClock
from .expect import expect_result, outcome_of
from .faults import Endpoint, Fault
from .injector import ALWAYS, FaultInjector
from .operations import OperationCase
from .rules import TIMES, Baseline, Ending, Step
from .scenario import Scenario
from .snapshot import Snapshot
from .state import count_changes, counts, state

__all__ = ["Replayer", "Strike"]

LIMIT: Final = 0.4
"""Time limit in seconds of a call that meets a slow server."""

WARM_UPS: Final = 10
"""How often a client with that time limit is warmed up before that counts as a failure."""

HANGING: Final = 20.0
"""Seconds after which a call counts as hanging, however busy the machine is."""


@frozen(kw_only=True)
class Strike:
    """Which request fails, and how often; a `cold` client has made no request before."""

    at: int = 0
    times: int = ALWAYS
    cold: bool = False


class Replayer:
    """Replay one operation under faults, each time with a new client.

    The world is restored or set up again before each call, unless the call leaves it as it is.
    """

    def __init__(self, harness: Harness, case: OperationCase) -> None:
        if harness.server is None:
            raise TypeError("faults need a simulator")
        self.harness, self.case = harness, case
        self.server: FaultInjector = harness.server
        self._kept: Scenario | None = None
        self._snapshot: Snapshot | None = None
        self._harmless = False
        self.baseline: Baseline

    async def start(self) -> None:
        """Record how the call goes without a fault.

        Raises `UnsupportedOperation` if the adapter cannot express the case.
        """
        _, fresh_steps, _ = await self._record(cold=True)
        result, steps, added = await self._record(cold=False)
        self.baseline = Baseline(
            result=result, steps=tuple(steps), fresh_steps=tuple(fresh_steps), added=added
        )
        self._harmless = self.baseline.harmless

    async def _record(self, *, cold: bool) -> tuple[Any, list[Step], dict[str, int]]:
        steps: list[Step] = []
        async with self._scenario(cold=cold) as scenario:
            before = counts(scenario.world)
            self.server.handle = _recorder(self.server, steps)
            try:
                outcome = await outcome_of(self.case.perform(scenario), str(self.case))
            finally:
                self.server.handle = self.server.simulator.handle
            if isinstance(outcome, UnsupportedOperation):
                raise outcome
            expect_result(outcome, str(self.case))
            return outcome, steps, count_changes(before, scenario.world)

    def strikes(self, fault: Fault, *, thorough: bool) -> Iterator[Strike]:
        """Yield where a fault can strike: each request, always and once.

        Unless `thorough`, a fault that is not worth a retry only strikes always.
        """
        steps, tokens = len(self.baseline.steps), self.baseline.token_places
        if steps == 0:
            return
        if fault.endpoint is not None or fault.idle:
            yield Strike(cold=not fault.idle)
            return
        for times in (ALWAYS, 1) if (thorough or fault.transient) and not fault.slow else (ALWAYS,):
            if fault.cold:
                first = next(at for at in range(steps + len(tokens)) if at not in tokens)
                yield Strike(at=first, times=times, cold=True)
                continue
            for at in range(steps):
                yield Strike(at=at, times=times)
            for at in tokens:
                yield Strike(at=at, times=times, cold=True)

    async def under(self, fault: Fault, strike: Strike, **keys: Any) -> Ending:
        """Make the call under a fault and return how it ended. `keys` are laid over the account."""
        if fault.slow:
            keys = {"timeout": LIMIT, **keys}
        strays = self.server.elsewhere.connections
        async with self._scenario(fault, cold=strike.cold, **keys) as scenario:
            if fault.idle:
                await self._close_idle(fault, scenario)
            else:
                self.server.inject(fault.action, at=strike.at, times=strike.times)
            before = counts(scenario.world)
            call = self.case.perform(scenario)
            what = f"{self.case} {TIMES} {fault}"
            try:
                async with asyncio.timeout(HANGING):
                    outcome = await outcome_of(call, what)
            except TimeoutError as error:
                raise AssertionError(f"{what}: still running after {HANGING:.0f} s") from error
            steps = self.baseline.fresh_steps if strike.cold else self.baseline.steps
            return Ending(
                case=self.case,
                fault=fault,
                baseline=self.baseline,
                scenario=scenario,
                step=steps[strike.at],
                once=strike.times == 1,
                for_token=strike.cold and strike.at in self.baseline.token_places,
                outcome=outcome,
                requests=tuple(self.server.requests),
                answers=tuple(self.server.answers),
                failures=len(self.server.failed),
                attempts=self.server.attempts,
                added=count_changes(before, scenario.world),
                strayed=self.server.elsewhere.connections > strays,
                credentials=frozenset(self.harness.credentials().values()),
            )

    async def _close_idle(self, fault: Fault, scenario: Scenario) -> None:
        """Close the client's connection after a reply, and let the client notice it."""
        self.server.inject(fault.action)
        await scenario.conference.check()
        for _ in range(20):
            await asyncio.sleep(0)
        self.server.clear()

    @asynccontextmanager
    async def _scenario(
        self, fault: Fault | None = None, *, cold: bool, **keys: Any
    ) -> AsyncGenerator[Scenario]:
        """Set up a world if needed, and yield the scenario with a new client."""
        self.server.clear()  # of the fault before
        usual = not (cold or keys or (fault and fault.endpoint))
        if self._kept is not None and self._snapshot is not None and not self._harmless:
            self._snapshot.restore()
        elif self._kept is None or not self._harmless:
            async with self.harness.scenario(*self.case.states) as kept:
                self._kept = kept
                if self.server.simulator.copyable:
                    self._snapshot = Snapshot(self.server.simulator)
                elif usual:
                    yield kept
                    return
        clock = FakeClock()
        async with self._endpoint(fault) as endpoint:
            moved = {
                name: value.replace(self.server.url, endpoint.origin)
                for name, value in self.harness.account().items()
                if isinstance(value, str)
            }
            client = self.harness.client(
                SystemClock() if fault and fault.slow else clock,
                endpoint.session,
                **(moved | keys if endpoint.origin != self.server.url else keys),
            )
            async with client:
                scenario = evolve(self._kept, conference=client, clock=clock)
                if not cold and scenario.can(Operation.CHECK):
                    await _warm_up(client)
                self.server.clear()
                yield scenario

    @asynccontextmanager
    async def _endpoint(self, fault: Fault | None) -> AsyncGenerator[Endpoint]:
        if fault is None or fault.endpoint is None:
            yield Endpoint(origin=self.server.url)
            return
        async with fault.endpoint(self.server) as endpoint:
            yield endpoint


async def _warm_up(client: Conference) -> None:
    """Make a call, so that there is a connection and a token; a busy machine may take its time."""
    outcome = await outcome_of(client.check(), "check()")
    for _ in range(WARM_UPS):
        if isinstance(outcome, TimedOut):
            outcome = await outcome_of(client.check(), "check()")
    expect_result(outcome, "check()")


def _recorder(server: FaultInjector, steps: list[Step]) -> Callable[[Call], Answer]:
    """Return a handler that notes each call in `steps`, with its answer and effect."""

    def handle(call: Call) -> Answer:
        world = server.simulator.world
        before = state(world)
        answer = server.simulator.handle(call)
        changes = state(world) != before
        steps.append(Step(method=call.method, path=call.path, answer=answer, changes=changes))
        return answer

    return handle
