"""A stage: one client, the vendor's stand-in behind it, and the people and rooms of a small story."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl, unquote, urlsplit

from attrs import define, field

from conferencing.capabilities import Features, Operation
from conferencing.client import Conference
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
from conferencing.sandbox.server import Stand
from conferencing.sandbox.simulator import Door
from conferencing.sandbox.world import World

from .clock import StillClock
from .expect import succeeded

if TYPE_CHECKING:
    from .base import House

__all__ = ["ANN", "BEN", "HOST", "Stage"]

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
class Stage:
    """Hold what a scene plays with. `world` is the back door: what really is there."""

    house: House
    conference: Conference
    stand: Stand | None
    clock: StillClock
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
        if self.stand is not None:
            return self.stand.simulator.world
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
        return world.rooms.get(self.house.suite.world_room(world, room.id))

    def real_session(self, session: Session | None = None) -> Session | None:
        """Return a session as the world has it, or None without a world."""
        world = self.world
        if world is None:
            return None
        return world.session(self.house.suite.world_session(world, session or self.session))

    def door(self, link: JoinLink | str) -> Door | None:
        """Return what a link opens, or None if it is none of the sandbox'."""
        url = link if isinstance(link, str) else link.url
        simulator = self.stand.simulator if self.stand else None
        if simulator is None or not url.startswith(f"{simulator.origin}/join/{simulator.name}"):
            return None
        parts = urlsplit(url)
        path = [unquote(part) for part in parts.path.split("/")[3:] if part]
        return simulator.door(path, dict(parse_qsl(parts.query, keep_blank_values=True)))

    # -- what has to be there

    async def prepare(self, *needs: str) -> None:
        """Bring about what a scene needs, and forget the requests that it took.

        Names are those of `_NEEDS`. What the adapter cannot do itself happens in the world.
        """
        for need in needs:
            await succeeded(_NEEDS[need](self), f"what needs to be there ({need})")
        if self.can(Operation.CHECK):  # a token that has to be fetched is there by then
            await succeeded(self.conference.check(), "check")
        if self.stand is not None:
            self.stand.seen.clear()

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
        return given | dict(self.house.suite.room_fields)

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


async def _room(stage: Stage) -> None:
    stage.room = await stage.make_room(**stage.fields())


async def _ticketed(stage: Stage) -> None:
    """A room that asks for tokens, with three of them."""
    stage.room = await stage.make_room(**stage.fields(tokens=True))
    if stage.can(Operation.CREATE_ACCESS_TOKENS):
        stage.tokens = tuple(await stage.conference.create_access_tokens(stage.room, 3))
    elif stage.world is not None:
        made = [AccessToken(code=f"T0K3N-{n}", room_id=stage.room.id) for n in range(3)]
        stage.world.tokens[stage.room.id].extend(made)
        stage.tokens = tuple(made)


async def _registered(stage: Stage) -> None:
    await _room(stage)
    if stage.can(Operation.REGISTER):
        stage.participant = await stage.conference.register(stage.room, ANN)
    elif stage.world is not None:
        person = Participant(
            id=stage.world.new_id("participant"),
            room_id=stage.room.id,
            email=ANN.email,
            first_name=ANN.first_name,
            last_name=ANN.last_name,
            registered_at=stage.world.now,
        )
        stage.world.participants[stage.room.id].append(person)
        stage.participant = person


async def _running(stage: Stage) -> None:
    await _registered(stage)
    await stage.begin()
    stage.session = (await stage.sessions(stage.room) or [stage.session])[-1]


async def _ended(stage: Stage) -> None:
    """A session in which the host was, and Ann twice."""
    await _running(stage)
    stage.visit()
    await stage.end()
    stage.session = (await stage.sessions(stage.room) or [stage.session])[-1]


async def _recorded(stage: Stage) -> None:
    """Some vendors have made a recording by now; else there is one of ours."""
    await _ended(stage)
    if stage.world is not None and not stage.world.recordings:
        stage.world.record(stage.room.id, LENGTH)
    if stage.can(Operation.LIST_RECORDINGS):
        found = await stage.conference.recordings(stage.room).collect()
        stage.recording = found[0] if found else stage.recording


async def _reported(stage: Stage) -> None:
    await _ended(stage)
    if stage.can(Operation.CREATE_REPORT):
        kind = min(stage.features.reports, default="pdf")
        stage.report = await stage.conference.create_report(stage.session, kind=kind)


async def _template(stage: Stage) -> None:
    if stage.can(Operation.CREATE_TEMPLATE):
        stage.template = await stage.conference.create_template("Mine", description="for tests")
    elif stage.world is not None:
        made = Template(id=stage.world.new_id("template"), name="Mine", description="for tests")
        stage.world.templates[made.id] = stage.template = made


_NEEDS: Final[dict[str, Callable[[Stage], Awaitable[None]]]] = {
    "room": _room,
    "ticketed": _ticketed,
    "registered": _registered,
    "running": _running,
    "ended": _ended,
    "recorded": _recorded,
    "reported": _reported,
    "template": _template,
}
