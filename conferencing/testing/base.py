"""What every part of the suite builds on: the adapter under test, its simulator, and scenarios."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, ClassVar, Self, cast, get_args, get_type_hints

from attrs import evolve

from conferencing.accounts.config import Account, read_account
from conferencing.accounts.context import Clock
from conferencing.accounts.registry import SIMULATORS, load
from conferencing.capabilities import Capabilities, Operation, Support, derive
from conferencing.conference import Conference, connect
from conferencing.errors import UnknownProvider
from conferencing.model import Role, Room, Session
from conferencing.model.secret import Secret
from conferencing.provider import ConferenceProvider
from conferencing.sandbox.listener import WebhookListener
from conferencing.sandbox.simulator import Simulator
from conferencing.world import World

from .clock import FakeClock
from .expect import expect
from .faults import BARE_429, Fault
from .injector import FaultInjector
from .operations import CASES, OperationCase
from .packed import last_part
from .scenario import Scenario
from .states import set_up

if TYPE_CHECKING:
    import aiohttp

__all__ = ["REGISTERED", "Harness", "SuiteBase"]


class REGISTERED(Simulator):
    """Placeholder for the simulator that is registered under the provider's name, if any."""

    name = ""


class SuiteBase:
    """The attributes by which a suite describes its adapter; `ProviderSuite` explains them."""

    provider: ClassVar[Any]
    dialect: ClassVar[str] = ""
    simulator: ClassVar[type[Simulator] | None] = REGISTERED
    quirks: ClassVar[Mapping[str, bool]] = {}
    settings: ClassVar[Mapping[str, Any]] = {}
    room_fields: ClassVar[Mapping[str, Any]] = {}
    extra_cases: ClassVar[Sequence[OperationCase]] = ()
    many: ClassVar[int] = 260
    retries_bare_429: ClassVar[bool] = True
    unreported: ClassVar[frozenset[Role]] = frozenset()
    absent: ClassVar[Mapping[str, str]] = {}
    once: ClassVar[Mapping[str, str]] = {}
    exceptions: ClassVar[Mapping[str, str]] = {}

    # -- hooks

    def world_room(self, world: World, room_id: str) -> str:
        """Return the world's own id of a room: the whole id, or the last part of a packed one."""
        last = last_part(room_id)
        return last if room_id not in world.rooms and last in world.rooms else room_id

    def world_session(self, world: World, session: Session) -> str:
        """Return the world's own id of a session.

        It is the whole id, the last part of a packed one, or that of the room's newest session.
        """
        last = last_part(session.id)
        for key in (session.id, last):
            if key in world.sessions:
                return key
        sessions = world.sessions_of(self.world_room(world, session.room_id or session.id))
        expect(sessions, f"the world has no session {session.id!r}; override world_session()")
        return sessions[-1].id

    def session_of(self, room: Room, session: Session) -> Session:
        """Return a session of the world as the adapter names it; the same unless overridden.

        It is used where the adapter does not list a session, such as a running one.
        """
        return session

    async def open_room(self, scenario: Scenario, room: Room) -> None:
        """Bring a room as it is now to the vendor, for an adapter that keeps rooms by itself.

        Nothing is done unless overridden: other rooms are at the vendor from their creation on.
        """

    def parse_reply(self, body: bytes) -> Any:
        """Return the mappings, lists and values of a reply. Raises `ValueError` if it has none.

        A suite of a vendor that does not speak JSON overrides it, and `write_reply`.
        """
        return json.loads(body)

    def write_reply(self, document: Any) -> bytes:
        """Return a reply with these mappings, lists and values."""
        return json.dumps(document).encode()

    def adapt(self, fault: Fault) -> Fault:
        """Return a fault with the meaning that it has for this vendor."""
        if fault.name == BARE_429 and not self.retries_bare_429:
            return evolve(fault, transient=False)
        return fault

    def template_native(self, room: Room) -> Mapping[str, Any]:
        """Return the native fields without which the vendor makes no template; none by default."""
        return {}

    # -- the adapter

    @property
    def provider_name(self) -> str:
        """The name of the adapter."""
        return self.adapter().name

    @classmethod
    def adapter(cls) -> type[ConferenceProvider]:
        """Return the class under test, of the suite's dialect."""
        provider: Any = cls.provider if isinstance(cls.provider, type) else load(cls.provider)
        return cast("type[ConferenceProvider]", provider.dialects()[cls.dialect])

    @classmethod
    def declared(cls) -> Capabilities:
        """Return the capabilities that the adapter's class declares, without those in `absent`."""
        adapter = cls.adapter()
        declared = derive(adapter, ConferenceProvider, adapter.name, adapter.features)
        absent = {Operation(name): Support.ABSENT for name in cls.absent}
        return evolve(declared, operations={**declared.operations, **absent})

    @classmethod
    def operations(cls, *supports: Support) -> list[Operation]:
        """Return the operations with one of these kinds of support; without any, all declared."""
        chosen = supports or (Support.NATIVE, Support.EMULATED, Support.UNVERIFIED)
        operations = cls.declared().operations
        return [operation for operation in Operation if operations[operation] in chosen]

    @classmethod
    def cases(cls) -> list[OperationCase]:
        """Return the case of each declared operation."""
        cases = [CASES[operation] for operation in cls.operations()]
        return [evolve(case, once=True) if str(case) in cls.once else case for case in cases]

    @classmethod
    def simulator_class(cls) -> type[Simulator] | None:
        """Return the simulator, or None for an adapter without a network."""
        if cls.simulator is not REGISTERED:
            return cls.simulator
        try:
            return cast("type[Simulator]", load(cls.adapter().name, SIMULATORS))
        except UnknownProvider:
            return None

    # -- running a test

    def run(self, test: Callable[[Harness], Awaitable[None]]) -> None:
        """Run a test in an event loop of its own, with a server that lives as long."""

        async def run() -> None:
            async with Harness(self) as harness:
                await test(harness)

        with asyncio.Runner() as runner:
            runner.run(run())


class Harness:
    """The server of one test, on which any number of scenarios are set up one after another."""

    def __init__(self, suite: SuiteBase) -> None:
        self.suite = suite
        kind = suite.simulator_class()
        self.server = FaultInjector(kind(seed=0)) if kind else None
        self._declared = suite.declared()
        self._listener = WebhookListener()
        self._types = get_type_hints(suite.adapter().settings_class)
        self._accounts: dict[str, Account] = {}

    @property
    def _address_key(self) -> str | None:
        return self.server.simulator.address_key if self.server else None

    async def __aenter__(self) -> Self:
        if self.server is not None:
            await self.server.__aenter__()
        if self._declared[Operation.SUBSCRIBE_WEBHOOKS] is not Support.ABSENT or self._address_key:
            await self._listener.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def stop(self) -> None:
        """Stop the server, and the address for webhooks."""
        await self._listener.aclose()
        if self.server is not None:
            await self.server.__aexit__(None, None, None)

    def account(self, **keys: Any) -> dict[str, Any]:
        """Return the account under test; `keys` are laid over it."""
        simulator = self.server.simulator if self.server else None
        own = simulator.settings(self.suite.dialect) if simulator else {}
        if Support.UNVERIFIED in self._declared.operations.values():
            own["unverified"] = True
        if self._address_key is not None:
            own[self._address_key] = self._listener.url
        return {"provider": self.suite.provider, **own, **self.suite.settings, **keys}

    def credentials(self) -> dict[str, str]:
        """Return the settings of the account with which calls are authenticated, by name."""
        account = self.account()
        return {
            name: str(account[name])
            for name, hint in self._types.items()
            if name in account
            and Secret in (hint, *get_args(hint))
            and not name.startswith("webhook_")
        }

    def client(
        self, clock: Clock, session: aiohttp.ClientSession | None = None, **keys: Any
    ) -> Conference:
        """Return a new client of the account, which is read once since that takes time.

        Webhooks are answered for the newest client.
        """
        account = self.account(**keys)
        key = repr(sorted(account.items(), key=str))
        if key not in self._accounts:
            self._accounts[key] = read_account(account)
        client = connect(self._accounts[key], clock=clock, session=session)
        self._listener.conference = client
        return client

    @asynccontextmanager
    async def scenario(self, *states: str, **keys: Any) -> AsyncGenerator[Scenario]:
        """Set up a scenario in a new world, with a new client. `keys` are laid over the account."""
        if self.server is not None:
            self.server.reset()
            for name, on in self.suite.quirks.items():
                self.server.simulator.quirks[name] = on
        clock = FakeClock()
        async with self.client(clock, **keys) as conference:
            scenario = Scenario(
                suite=self.suite,
                conference=conference,
                server=self.server,
                clock=clock,
                webhook_url=self._listener.url,
            )
            await set_up(scenario, *states)
            yield scenario
