"""A client, the simulator behind it, and the objects that a test works with."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from typing import Any, ClassVar, Final, Protocol
from urllib.parse import parse_qsl, unquote, urlsplit

from attrs import define, field

from conferencing.capabilities import Features, Operation
from conferencing.conference import Conference
from conferencing.errors import UnsupportedOption
from conferencing.model import (
    AccessToken,
    EntryKind,
    JoinLink,
    Participant,
    Passcode,
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
from conferencing.model.attendance import Attendance
from conferencing.model.drafts import RoomDraft
from conferencing.sandbox.listener import NOWHERE
from conferencing.sandbox.simulator import Call, JoinTarget
from conferencing.world import World

from .clock import FakeClock
from .injector import FaultInjector

__all__ = ["Scenario", "SuiteHooks"]

ANN: Final = Person(email="ann@example.com", first_name="Ann", last_name="Lee")
BEN: Final = Person(email="ben@example.com", first_name="Ben", last_name="Novák")
HOST: Final = Person(email="zoe@example.com", first_name="Zoë", last_name="Hart")
NAMESAKE: Final = Person(email="ann.lee@example.org", first_name="Ann", last_name="Lee")
CODE: Final = "s3cr3t-c0d"
PASSCODES: Final = (
    Passcode(CODE), Passcode(CODE, role=Role.ATTENDEE), Passcode(CODE, role=Role.HOST),
)  # fmt: skip
"""Entry by passcode in each of its forms; a vendor that has passcodes accepts at least one."""

_USUAL: Final[dict[str, Any]] = {
    "registration": True,
    "description": "Welcome",
    "duration": timedelta(hours=2),
}
RECORDED: Final = timedelta(minutes=25)


class SuiteHooks(Protocol):
    """What a scenario takes from the suite that it belongs to.

    `room_fields` are passed for every room, and `absent` are operations that such rooms do not have.
    `unreported` are the roles of people whom the vendor's attendance leaves out.
    """

    room_fields: ClassVar[Mapping[str, Any]]
    absent: ClassVar[Mapping[str, str]]
    unreported: ClassVar[frozenset[Role]]

    @property
    def provider_name(self) -> str:
        """The name of the adapter."""
        ...

    def world_room(self, world: World, room_id: str) -> str:
        """Return the world's own id of a room."""
        ...

    def world_session(self, world: World, session: Session) -> str:
        """Return the world's own id of a session."""
        ...

    def session_of(self, room: Room, session: Session) -> Session:
        """Return a session of the world as the adapter names it, where it does not list it."""
        ...

    async def open_room(self, scenario: Scenario, room: Room) -> None:
        """Bring a room as it is now to the vendor, for an adapter that keeps rooms by itself."""
        ...

    def parse_reply(self, body: bytes) -> Any:
        """Return the mappings, lists and values of a reply. Raises `ValueError` if it has none."""
        ...

    def template_native(self, room: Room) -> Mapping[str, Any]:
        """Return the native fields without which the vendor makes no template."""
        ...


@define(kw_only=True, eq=False)
class Scenario:
    """The objects that a test works with. `world` is what the vendor really has."""

    suite: SuiteHooks
    conference: Conference
    server: FaultInjector | None
    clock: FakeClock
    room: Room = field(factory=partial(Room, id="no-room"))
    session: Session = field(factory=partial(Session, id="no-session"))
    participant: Participant = field(factory=Participant)
    recording: Recording = field(factory=partial(Recording, id="no-recording"))
    report: Report = field(factory=partial(Report, id="no-report"))
    template: Template = field(factory=partial(Template, id="no-template"))
    tokens: tuple[AccessToken, ...] = ()
    path: str = "/"
    webhook_url: str = NOWHERE

    # -- what exists

    @property
    def features(self) -> Features:
        """The features that the adapter declares for rooms of the suite's `room_fields`."""
        return self.conference.provider.features_of(RoomDraft(**self.suite.room_fields))

    @property
    def world(self) -> World | None:
        """The vendor's state, or None if it cannot be seen."""
        if self.server is not None:
            return self.server.simulator.world
        world: World | None = getattr(self.conference.provider, "world", None)
        return world

    @property
    def requests(self) -> list[Any]:
        """The requests that reached the vendor since `set_up`; none without a network."""
        return self.server.requests if self.server is not None else []

    def can(self, operation: Operation) -> bool:
        """Return whether the adapter has an operation, for rooms of the suite's kind."""
        absent = operation.value in self.suite.absent
        return not absent and self.conference.capabilities.supports(operation)

    @property
    def role(self) -> Role:
        """The usual role of a person: attendee if the adapter has it."""
        roles = self.features.roles
        return Role.ATTENDEE if Role.ATTENDEE in roles else min(roles, default=Role.ATTENDEE)

    def real_room(self, room: Room | None = None) -> Room | None:
        """Return a room as the world has it, or None if it is not there."""
        world, room = self.world, room or self.room
        return world.rooms.get(self.suite.world_room(world, room.id)) if world else None

    @property
    def world_room_id(self) -> str:
        """The world's own id of the room."""
        world = self.world
        return self.suite.world_room(world, self.room.id) if world else self.room.id

    def real_session(self, session: Session | None = None) -> Session | None:
        """Return a session as the world has it, or None without a world."""
        world = self.world
        if world is None:
            return None
        return world.session(self.suite.world_session(world, session or self.session))

    def real_attendance(self, session: Session) -> list[Attendance]:
        """Return the visits to a session of the world whose roles the vendor reports."""
        records = self.world.attendance(session.id) if self.world else []
        return [record for record in records if record.role not in self.suite.unreported]

    def real_people(self) -> list[Participant]:
        """Return the registrations of the room as the world has them."""
        world = self.world
        return world.participants[self.world_room_id] if world else []

    def join_target(self, link: JoinLink | str) -> JoinTarget | None:
        """Return what a link opens, or None if it does not lead to the simulator."""
        simulator = self.server.simulator if self.server else None
        url = self._follow(link if isinstance(link, str) else link.url)
        if simulator is None or not url.startswith(f"{simulator.origin}/join/{simulator.name}"):
            return None
        parts = urlsplit(url)
        path = [unquote(part) for part in parts.path.split("/")[3:] if part]
        return simulator.join_target(path, dict(parse_qsl(parts.query, keep_blank_values=True)))

    def _follow(self, url: str) -> str:
        """Return where a link leads that opens a call of the vendor's, which redirects."""
        simulator = self.server.simulator if self.server else None
        if simulator is None or not url.startswith(f"{simulator.root}/"):
            return url
        path, _, query = url.removeprefix(simulator.root).partition("?")
        answer = simulator.handle(Call(method="GET", path=path, query=query))
        return answer.headers.get("Location", url)

    # -- creating it

    def fields(self, *, tokens: bool = False) -> dict[str, Any]:
        """Return fields for a room in which people can register and are recorded."""
        names = self.features.create_fields
        fields: dict[str, Any] = {name: _USUAL[name] for name in _USUAL if name in names}
        recording = {
            name: True for name in ("recording", "auto_recording") if f"settings.{name}" in names
        }
        if recording:
            fields["settings"] = RoomSettings(**recording)
        if tokens and "entry" in names and EntryKind.TOKEN in self.features.entry:
            fields["entry"] = PersonalToken()
        return fields | dict(self.suite.room_fields)

    async def make_room(self, name: str = "Launch", **fields: Any) -> Room:
        """Create a room, in the world if the adapter cannot, and see to it that the vendor has it."""
        room = await self.create_room(name, **fields)
        await self.suite.open_room(self, room)
        return room

    async def create_room(self, name: str = "Launch", **fields: Any) -> Room:
        """Create a room, in the world if the adapter cannot."""
        if self.can(Operation.CREATE_ROOM):
            chosen = name if "name" in self.features.create_fields else None
            return await self.conference.create_room(chosen, **fields)
        world = self.world
        return Room(id=name, name=name) if world is None else world.add_room(name=name, **fields)

    async def make_room_with_passcode(self) -> Room:
        """Create a room that asks for a passcode, and see to it that the vendor has it."""
        room = await self.create_room_with_passcode()
        await self.suite.open_room(self, room)
        return room

    async def create_room_with_passcode(self) -> Room:
        """Create a room that asks for a passcode. Raises `UnsupportedOption` if none is accepted."""
        refusal = UnsupportedOption("there are no passcodes", field="entry")
        for rule in PASSCODES:
            try:
                return await self.create_room("Launch", **self.fields() | {"entry": rule})
            except UnsupportedOption as error:
                refusal = error
        raise refusal

    async def register(self, person: Person) -> Participant:
        """Register a person for the room, in the world if the adapter cannot."""
        if self.can(Operation.REGISTER):
            return await self.conference.register(self.room, person)
        world = self.world
        if world is None:
            return self.participant
        participant = Participant(
            id=world.new_id("participant"),
            room_id=self.room.id,
            email=person.email,
            first_name=person.first_name,
            last_name=person.last_name,
            registered_at=world.now,
        )
        world.participants[self.world_room_id].append(participant)
        return participant

    async def sessions(self) -> list[Session]:
        """Return the sessions of the room, from the adapter or else from the world."""
        if self.can(Operation.LIST_SESSIONS):
            sessions = await self.conference.sessions(self.room).collect()
            if sessions or self.world is None:
                return sessions
        world = self.world
        real = world.sessions_of(self.world_room_id) if world else []
        return [self.suite.session_of(self.room, session) for session in real]

    async def start(self) -> None:
        """Start a session and let the host in."""
        if self.can(Operation.START_SESSION):
            await self.conference.start_session(self.room, HOST)
        if self.world is not None:
            self.world.advance(timedelta(minutes=20, seconds=30))
            self.enter(HOST, Role.HOST)

    async def end(self) -> None:
        """Let everybody leave, and end the session."""
        world, sessions = self.world, await self.sessions()
        if self.can(Operation.END_SESSION) and sessions:
            await self.conference.end_session(sessions[-1])
        elif world is not None:
            world.end_session(self.world_room_id)
        await self.deliver()

    async def deliver(self) -> None:
        """Have the vendor send what it pushes now, to the address of the account under test."""
        sender = self.server.simulator.webhooks if self.server else None
        while sender is not None and sender.has_due:
            await sender.deliver()

    def enter(self, person: Person, role: Role = Role.ATTENDEE) -> str:
        """Let a person into the room; return the id of the visit."""
        world = self.world
        if world is None:
            return ""
        return world.enter(self.world_room_id, person.display_name or "", person.email, role).id

    def visit(self, person: Person, minutes: int, rating: int | None = None) -> None:
        """Let a person in for some minutes, and out with a rating; wait three more minutes."""
        world = self.world
        if world is None:
            return
        visit = self.enter(person)
        world.advance(timedelta(minutes=minutes))
        world.leave(visit, rating=rating, comment=None if rating is None else "fine, thanks")
        world.advance(timedelta(minutes=3))

    def follow_world(self) -> None:
        """Move the client's clock on to the world's: listings may reach back from the present."""
        if self.world is not None:
            behind = (self.world.now - self.clock.now()).total_seconds()
            self.clock.time += max(0.0, behind)

    async def find_session(self) -> None:
        """Take the newest session of the room as the scenario's."""
        self.session = (await self.sessions() or [self.session])[-1]
