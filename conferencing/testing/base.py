"""What every part of the suite stands on: the adapter, its simulator, and a stage in a loop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any, ClassVar, Self, cast

from conferencing.accounts.config import Account, read_account
from conferencing.accounts.context import Clock
from conferencing.accounts.registry import SIMULATORS, load
from conferencing.capabilities import Capabilities, Operation, Support, derive
from conferencing.conference import Conference, connect
from conferencing.errors import UnknownProvider
from conferencing.model import Session
from conferencing.provider import ConferenceProvider
from conferencing.sandbox.served import ServedSimulator
from conferencing.sandbox.server import Sandbox
from conferencing.sandbox.simulator import Simulator
from conferencing.world import World

from .clock import FakeClock
from .expect import expect
from .scenario import Scenario

__all__ = ["REGISTERED", "Harness", "SuiteBase"]


class REGISTERED(Simulator):
    """Stand for: the simulator that is registered under the provider's name, if there is one."""

    name = ""


class SuiteBase:
    """Hold what a subclass says of its adapter, and open stages on it."""

    provider: ClassVar[Any]
    dialect: ClassVar[str] = ""
    simulator: ClassVar[type[Simulator] | None] = REGISTERED
    settings: ClassVar[Mapping[str, Any]] = {}
    room_fields: ClassVar[Mapping[str, Any]] = {}
    many: ClassVar[int] = 260
    exceptions: ClassVar[Mapping[str, str]] = {}

    # -- hooks

    def world_room(self, world: World, room_id: str) -> str:
        """Return the world's own id of a room; the same unless overridden."""
        return room_id

    def world_session(self, world: World, session: Session) -> str:
        """Return the world's own id of a session.

        Found as the whole id, as the last part of a packed one, or as the room's newest.
        """
        for key in (session.id, session.id.rpartition(":")[2]):
            if key in world.sessions:
                return key
        known = world.sessions_of(self.world_room(world, session.room_id or session.id))
        expect(known, f"no session of the world is known as {session.id!r}; see world_session()")
        return known[-1].id

    # -- the adapter

    @classmethod
    def adapter(cls) -> type[ConferenceProvider]:
        """Return the class that is tested: that of the dialect."""
        found: Any = cls.provider if isinstance(cls.provider, type) else load(cls.provider)
        return cast("type[ConferenceProvider]", found.dialects()[cls.dialect])

    @classmethod
    def declared(cls) -> Capabilities:
        """Return what the adapter's class says it can do."""
        adapter = cls.adapter()
        return derive(adapter, ConferenceProvider, adapter.name, adapter.features)

    @classmethod
    def operations(cls, *supports: Support) -> list[Operation]:
        """Return the operations with one of these kinds of support."""
        told = cls.declared().operations
        return [one for one in Operation if told[one] in supports]

    @classmethod
    def simulator_class(cls) -> type[Simulator] | None:
        """Return the simulator, or None for an adapter without a network."""
        if cls.simulator is not REGISTERED:
            return cls.simulator
        try:
            return cast("type[Simulator]", load(cls.adapter().name, SIMULATORS))
        except UnknownProvider:
            return None

    # -- stages

    def run(self, scene: Callable[[Harness], Awaitable[None]]) -> None:
        """Run a scene in an event loop of its own, in a house that is open for so long."""
        with asyncio.Runner() as runner:
            runner.run(self._housed(scene))

    async def _housed(self, scene: Callable[[Harness], Awaitable[None]]) -> None:
        async with Harness(self) as harness:
            await scene(harness)


class Harness:
    """Hold the one server of a test, on which any number of stages are set up anew."""

    def __init__(self, suite: SuiteBase) -> None:
        self.suite = suite
        self.sandbox = Sandbox([])
        kind = suite.simulator_class()
        self.served = ServedSimulator(kind(seed=0)) if kind else None
        self._accounts: dict[str, Account] = {}
        if self.served is not None:
            self.sandbox.simulators[self.served.simulator.name] = self.served

    async def __aenter__(self) -> Self:
        if self.served is not None:
            await self.sandbox.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.sandbox.aclose()

    def account(self, **keys: Any) -> dict[str, Any]:
        """Return the account under test; `keys` are laid over it."""
        simulator = self.served.simulator if self.served else None
        own = simulator.settings(self.suite.dialect) if simulator else {}
        if Support.UNVERIFIED in self.suite.declared().operations.values():
            own["unverified"] = True
        return {"provider": self.suite.provider, **own, **self.suite.settings, **keys}

    def client(self, clock: Clock, **keys: Any) -> Conference:
        """Return a new client of the account; it is read once, since that takes its time."""
        account = self.account(**keys)
        known = repr(sorted(account.items(), key=str))
        if known not in self._accounts:
            self._accounts[known] = read_account(account)
        return connect(self._accounts[known], clock=clock)

    @asynccontextmanager
    async def scenario(
        self, *needs: str, keep: bool = False, clock: Clock | None = None, **keys: Any
    ) -> AsyncGenerator[Scenario]:
        """Set up a stage: a new world (unless `keep`), a new client, and what is needed there.

        What was seen on the way is forgotten.
        """
        if self.served is not None and not keep:
            self.served.reset()
        still = FakeClock()
        async with self.client(clock or still, **keys) as conference:
            scenario = Scenario(
                harness=self, conference=conference, served=self.served, clock=still
            )
            await scenario.prepare(*needs)
            yield scenario
