"""A stage: one client, the vendor's stand-in behind it, and the people and rooms of a small story."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl, unquote, urlsplit

from attrs import define, field

from conferencing.capabilities import Features, Operation
from conferencing.conference import Conference
from conferencing.model import (
    AccessToken,
    EntryKind,
    JoinLink,
    Participant,
    Person,
    PersonalToken,
    Recording,
    Report,
    Role,
    Room,
    RoomSettings,
    Session,
    Template,
)
from conferencing.sandbox.served import ServedSimulator
from conferencing.sandbox.simulator import JoinTarget
from conferencing.world import World

from .clock import FakeClock
from .expect import succeeded

if TYPE_CHECKING:
    from .base import Harness

__all__ = ["ANN", "BEN", "HOST", "Scenario"]

ANN: Final = Person(email="ann@example.com", first_name="Ann", last_name="Lee")
BEN: Final = Person(email="ben@example.com", first_name="Ben", last_name="Novák")
HOST: Final = Person(email="zoe@example.com", first_name="Zoë", last_name="Hart")
_USUAL: Final[dict[str, Any]] = {
    "registration": True,
    "description": "Welcome",
    "duration": timedelta(hours=2),
}
LENGTH: Final = timedelta(minutes=25)
"""How long the recording is."""


@define(kw_only=True, eq=False)
class Scenario:
    """Hold what a scene plays with. `world` is the back door: what really is there."""

    harness: Harness
    conference: Conference
    served: ServedSimulator | None
    clock: FakeClock
    room: Room = field(factory=partial(Room, id="nowhere"))
    session: Session = field(factory=partial(Session, id="never"))
    participant: Participant = field(factory=Participant)
    recording: Recording = field(factory=partial(Recording, id="none"))
    report: Report = field(factory=partial(Report, id="none"))
    template: Template = field(factory=partial(Template, id="none"))
    tokens: tuple[AccessToken, ...] = ()

    # -- what is there

    @property
    def features(self) -> Features:
        """What the adapter says it can express."""
        return self.conference.provider.features

    @property
    def world(self) -> World | None:
        """The world behind the vendor, or None if there is none to look at."""
        if self.served is not None:
            return self.served.simulator.world
        world: World | None = getattr(self.conference.provider, "world", None)
        return world

    def can(self, operation: Operation) -> bool:
        """Return whether the adapter has an operation."""
        return self.conference.capabilities.supports(operation)

    def real_room(self, room: Room | None = None) -> Room | None:
        """Return a room as the world has it, or None if it is not there."""
        world, room = self.world, room or self.room
        if world is None:
            return None
        return world.rooms.get(self.harness.suite.world_room(world, room.id))

    def real_session(self, session: Session | None = None) -> Session | None:
        """Return a session as the world has it, or None without a world."""
        world = self.world
        if world is None:
            return None
        return world.session(self.harness.suite.world_session(world, session or self.session))

    def join_target(self, link: JoinLink | str) -> JoinTarget | None:
        """Return what a link opens, or None if it is none of the sandbox'."""
        url = link if isinstance(link, str) else link.url
        simulator = self.served.simulator if self.served else None
        if simulator is None or not url.startswith(f"{simulator.origin}/join/{simulator.name}"):
            return None
        parts = urlsplit(url)
        path = [unquote(part) for part in parts.path.split("/")[3:] if part]
        return simulator.join_target(path, dict(parse_qsl(parts.query, keep_blank_values=True)))

    # -- what has to be there

    async def prepare(self, *needs: str) -> None:
        """Bring about what a scene needs, and forget the requests that it took.

        Names are those of `_NEEDS`. What the adapter cannot do itself happens in the world.
        """
        for need in needs:
            await succeeded(_NEEDS[need](self), f"what needs to be there ({need})")
        if self.can(Operation.CHECK):  # a token that has to be fetched is there by then
            await succeeded(self.conference.check(), "check")
        if self.served is not None:
            self.served.requests.clear()

    def fields(self, *, tokens: bool = False) -> dict[str, Any]:
        """Return what a room is made with, so that people can register and are recorded."""
        known = self.features.create_fields
        given: dict[str, Any] = {name: _USUAL[name] for name in _USUAL if name in known}
        recording = {
            name: True for name in ("recording", "auto_recording") if f"settings.{name}" in known
        }
        if recording:
            given["settings"] = RoomSettings(**recording)
        if tokens and "entry" in known and EntryKind.TOKEN in self.features.entry:
            given["entry"] = PersonalToken()
        return given | dict(self.harness.suite.room_fields)

    async def make_room(self, name: str = "Launch", **fields: Any) -> Room:
        """Create a room, in the world if the adapter cannot."""
        if self.can(Operation.CREATE_ROOM):
            named = name if "name" in self.features.create_fields else None
            return await self.conference.create_room(named, **fields)
        world = self.world
        return Room(id=name, name=name) if world is None else world.add_room(name=name, **fields)

    async def sessions(self, room: Room) -> list[Session]:
        """Return the sessions of a room, by the adapter or else by the world."""
        if self.can(Operation.LIST_SESSIONS):
            found = await self.conference.sessions(room).collect()
            if found or self.world is None:
                return found
        return self.world.sessions_of(room.id) if self.world is not None else []

    async def begin(self) -> None:
        """Start a session in the room, and let the host in."""
        if self.can(Operation.START_SESSION):
            await self.conference.start_session(self.room, HOST)
        if self.world is not None:
            self.world.advance(timedelta(minutes=20, seconds=30))
            self._enter(HOST, Role.HOST)

    async def end(self) -> None:
        """Let everybody leave, and end the session."""
        world, found = self.world, await self.sessions(self.room)
        if self.can(Operation.END_SESSION) and found:
            await self.conference.end_session(found[-1])
        elif world is not None:
            world.end_session(self.room.id)

    def visit(self) -> None:
        """Let Ann be there twice, with a pause, and say what she thought."""
        world = self.world
        if world is None:
            return
        for minutes, rating in ((12, None), (7, 4)):
            stay = self._enter(ANN, Role.ATTENDEE)
            world.advance(timedelta(minutes=minutes))
            world.leave(stay, rating=rating, comment="fine, thanks" if rating else None)
            world.advance(timedelta(minutes=3))

    def _enter(self, person: Person, role: Role) -> str:
        world = self.world
        if world is None:
            return ""
        return world.enter(self.room.id, person.display_name or "", person.email, role).id


async def _room(scenario: Scenario) -> None:
    scenario.room = await scenario.make_room(**scenario.fields())


async def _ticketed(scenario: Scenario) -> None:
    """A room that asks for tokens, with three of them."""
    scenario.room = await scenario.make_room(**scenario.fields(tokens=True))
    if scenario.can(Operation.CREATE_ACCESS_TOKENS):
        scenario.tokens = tuple(await scenario.conference.create_access_tokens(scenario.room, 3))
    elif scenario.world is not None:
        made = [AccessToken(code=f"T0K3N-{n}", room_id=scenario.room.id) for n in range(3)]
        scenario.world.tokens[scenario.room.id].extend(made)
        scenario.tokens = tuple(made)


async def _registered(scenario: Scenario) -> None:
    await _room(scenario)
    if scenario.can(Operation.REGISTER):
        scenario.participant = await scenario.conference.register(scenario.room, ANN)
    elif scenario.world is not None:
        person = Participant(
            id=scenario.world.new_id("participant"),
            room_id=scenario.room.id,
            email=ANN.email,
            first_name=ANN.first_name,
            last_name=ANN.last_name,
            registered_at=scenario.world.now,
        )
        scenario.world.participants[scenario.room.id].append(person)
        scenario.participant = person


async def _running(scenario: Scenario) -> None:
    await _registered(scenario)
    await scenario.begin()
    scenario.session = (await scenario.sessions(scenario.room) or [scenario.session])[-1]


async def _ended(scenario: Scenario) -> None:
    """A session in which the host was, and Ann twice."""
    await _running(scenario)
    scenario.visit()
    await scenario.end()
    scenario.session = (await scenario.sessions(scenario.room) or [scenario.session])[-1]


async def _recorded(scenario: Scenario) -> None:
    """Some vendors have made a recording by now; else there is one of ours."""
    await _ended(scenario)
    if scenario.world is not None and not scenario.world.recordings:
        scenario.world.record(scenario.room.id, LENGTH)
    if scenario.can(Operation.LIST_RECORDINGS):
        found = await scenario.conference.recordings(scenario.room).collect()
        scenario.recording = found[0] if found else scenario.recording


async def _reported(scenario: Scenario) -> None:
    await _ended(scenario)
    if scenario.can(Operation.CREATE_REPORT):
        kind = min(scenario.features.reports, default="pdf")
        scenario.report = await scenario.conference.create_report(scenario.session, kind=kind)


async def _template(scenario: Scenario) -> None:
    if scenario.can(Operation.CREATE_TEMPLATE):
        scenario.template = await scenario.conference.create_template(
            "Mine", description="for tests"
        )
    elif scenario.world is not None:
        made = Template(id=scenario.world.new_id("template"), name="Mine", description="for tests")
        scenario.world.templates[made.id] = scenario.template = made


_NEEDS: Final[dict[str, Callable[[Scenario], Awaitable[None]]]] = {
    "room": _room,
    "ticketed": _ticketed,
    "registered": _registered,
    "running": _running,
    "ended": _ended,
    "recorded": _recorded,
    "reported": _reported,
    "template": _template,
}
