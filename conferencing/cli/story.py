"""The story of the demonstration: a webinar with a rejoin and a no-show, the same on each provider."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from attrs import field, frozen

from conferencing.attendance import match, no_shows
from conferencing.capabilities import Capabilities, Operation
from conferencing.conference import Conference, connect
from conferencing.errors import InvalidRequest, UnsupportedOperation
from conferencing.model import (
    JoinLink,
    Participant,
    Passcode,
    Person,
    Role,
    Room,
    RoomKind,
    RoomSettings,
    Session,
)
from conferencing.model.attendance import Attendance
from conferencing.model.drafts import Invitee, RoomFields
from conferencing.sandbox import Sandbox, Visit, World

__all__ = ["ProviderRun", "Row", "play"]

ZONE = ZoneInfo("Europe/Warsaw")
NAME = "Launch & learn: zażółć"
HOUR = timedelta(hours=1)
PRESENTER = Person(first_name="Zoë", last_name="Presenter", email="zoe@example.com")


@frozen
class Row:
    """One person in the table; None is what the provider does not tell."""

    who: str
    joined: datetime | None
    left: datetime | None
    minutes: float | None
    share: float | None
    matched_by: str | None
    came: bool = True

    def cells(self) -> tuple[str, ...]:
        """Return the row as texts."""
        if not self.came:
            return (self.who, "did not come", "", "", "", "")
        return (
            self.who,
            _clock(self.joined),
            _clock(self.left),
            "unknown" if self.minutes is None else f"{self.minutes:.0f}",
            "unknown" if self.share is None else f"{self.share:.0%}",
            self.matched_by or "-",
        )


@frozen
class ProviderRun:
    """What happened on one provider."""

    provider: str
    title: str
    rows: tuple[Row, ...]
    notes: tuple[str, ...]
    account: dict[str, Any] = field(repr=False)
    capabilities: Capabilities = field(repr=False)

    def configuration(self) -> list[str]:
        """Return the lines of an account on this provider, its credentials in the environment."""
        provider = self.account["provider"]
        lines = [f'provider = "{provider}"']
        for name, value in self.account.items():
            if name not in {"provider", "base_url", "join_url"}:
                secret = f'"env:{provider.upper()}_{name.upper()}"'
                lines.append(f"{name} = {secret if isinstance(value, str) else value}")
        return lines

    def data(self) -> dict[str, Any]:
        """Return it for programs."""
        return {
            "provider": self.provider,
            "title": self.title,
            "attendance": [
                {
                    "who": row.who,
                    "joined": row.joined,
                    "left": row.left,
                    "minutes": row.minutes,
                    "share": row.share,
                    "matched_by": row.matched_by,
                    "came": row.came,
                }
                for row in self.rows
            ],
            "notes": self.notes,
        }


async def play(name: str, dialect: str, sandbox: Sandbox, people: Sequence[Person]) -> ProviderRun:
    """Play the story on one provider and return what it tells of it."""
    account = {"provider": "memory"} if name == "memory" else sandbox.account(name, dialect)
    async with connect(account) as conference:
        world: World = _world(conference, sandbox)
        room, notes = await _create(conference, world.now, people)
        registered, told = await _register(conference, room, people)
        notes += told
        world.advance(timedelta(minutes=15))
        notes.append(await _way_in(conference, room))
        _hour(world, room, people)
        await _end(conference, world, room)
        session = (await conference.sessions(room).collect())[-1]
        records = match(await _present(conference, session), registered)
        notes += await _afterwards(conference, room, session)
    missed = no_shows(records, registered)
    rows = [*(_row(one, session) for one in records), *map(_missing, missed)]
    given = account if name != "memory" else {}
    title = f"{name} ({dialect})" if dialect else name
    heading = f"“{room.name}”, {room.kind}"
    able = conference.capabilities
    return ProviderRun(title, heading, tuple(rows), tuple(notes), given, able)


def _world(conference: Conference, sandbox: Sandbox) -> World:
    name = conference.provider.name
    if name == "memory":
        memory: Any = conference.provider
        return memory.world  # type: ignore[no-any-return]
    return sandbox[name].simulator.world


async def _create(
    conference: Conference, now: datetime, people: Sequence[Person]
) -> tuple[Room, list[str]]:
    """Create the room; return it, and what of it the provider cannot express."""
    wanted: RoomFields = {
        "kind": RoomKind.WEBINAR,
        "starts_at": now.astimezone(ZONE) + timedelta(minutes=15),
        "duration": HOUR,
        "registration": True,
        "settings": RoomSettings(recording=True, auto_recording=True),
    }
    if not conference.capabilities.supports(Operation.REGISTER):
        attendees = [_invited(one, Role.ATTENDEE) for one in people]
        wanted["people"] = [_invited(PRESENTER, Role.PRESENTER), *attendees]
    room = await conference.create_room(NAME, ignore_unsupported=True, **wanted)
    note = (
        f"Left out, for {conference.provider.name} cannot express it: {', '.join(room.left_out)}."
    )
    return room, [note] if room.left_out else []


async def _register(
    conference: Conference, room: Room, people: Sequence[Person]
) -> tuple[list[Participant], list[str]]:
    """Register everybody; return who is registered, and what there is to say of it."""
    if not conference.capabilities.supports(Operation.REGISTER):
        if "people" in conference.provider.features.create_fields:
            return [], [
                f"{len(people)} people are invited with the room: there is no registration."
            ]
        return [], [f"Nobody is registered: {conference.provider.name} has no registration."]
    refused: list[str] = []
    for person in people:
        try:
            await conference.register(room, person)
        except InvalidRequest as error:
            refused.append(f"{person.email} is not registered: {error.message}.")
    registered = await conference.participants(room).collect()
    return registered, [f"{len(registered)} registered.", *refused]


async def _way_in(conference: Conference, room: Room) -> str:
    """Get the presenter's link: as the one who starts the session, where that is done by a call."""
    if conference.capabilities.supports(Operation.START_SESSION):
        link = await conference.start_session(room, PRESENTER)
        return f"The session is started by a call; the {link.role}'s link is {_kind(link)}."
    role = min(conference.provider.features.roles - {Role.HOST}, key=list(Role).index)
    link = await conference.join_link(room, role=role, person=PRESENTER)
    return f"The {role}'s link is {_kind(link)}."


def _invited(person: Person, role: Role) -> Invitee:
    return Invitee(person=person, role=role, entry=Passcode("24680"))


async def _present(conference: Conference, session: Session) -> list[Attendance]:
    if not conference.capabilities.supports(Operation.LIST_ATTENDANCE):
        return []
    return await conference.attendance(session).collect()


def _kind(link: JoinLink) -> str:
    return "personal" if link.personal else "shared"


async def _end(conference: Conference, world: World, room: Room) -> None:
    """End the session by a call, or as people do who close the room."""
    if conference.capabilities.supports(Operation.END_SESSION):
        await conference.end_session((await conference.sessions(room).collect())[-1])
    else:
        world.end_session(room.id)
    world.record(room.id, timedelta(minutes=55))


def _hour(world: World, room: Room, people: Sequence[Person]) -> None:
    """Let everybody but the last one come; the first one leaves for a quarter of an hour."""
    world.enter(room.id, PRESENTER.display_name or "", PRESENTER.email, Role.PRESENTER)
    came = list(people[:-1])
    visits: list[Visit] = []
    for place, person in enumerate(came):
        if place % 50 == 0:
            world.advance(timedelta(minutes=1))
        visits.append(world.enter(room.id, person.display_name or "", person.email))
    world.advance(timedelta(minutes=20))
    if visits:
        world.leave(visits[0].id, rating=5, comment="I shall be back")
    world.advance(timedelta(minutes=15))
    if visits:
        world.enter(room.id, visits[0].name, visits[0].email)
    world.advance(timedelta(minutes=20))


async def _afterwards(conference: Conference, room: Room, session: Session) -> list[str]:
    notes: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        for tell in (_count, _report, _recording, _usage, _feedback):
            try:
                notes += filter(None, [await tell(conference, room, session, Path(folder))])
            except UnsupportedOperation as error:
                notes.append(f"Refused before anything was sent: {error.message}.")
    return notes


async def _report(conference: Conference, room: Room, session: Session, folder: Path) -> str:
    report = await conference.create_report(session, language="en")
    report = await conference.wait_for_report(report, every=0.01)
    path = await conference.download(report, folder / "report.pdf")
    return f"Report: PDF in {report.language}, {path.stat().st_size:,} bytes."


async def _recording(conference: Conference, room: Room, session: Session, folder: Path) -> str:
    recordings = await conference.recordings(room).collect()
    if not recordings:
        return "Recording: none."
    path = await conference.download(recordings[0], folder / "recording")
    length = recordings[0].duration or "length unknown"
    kind = recordings[0].files[0].media_type or "type unknown"
    return f"Recording: {length}, {kind}, {path.stat().st_size:,} bytes."


async def _count(conference: Conference, room: Room, session: Session, folder: Path) -> str:
    if conference.capabilities.supports(Operation.LIST_ATTENDANCE):
        return ""
    return f"Who came is not told, only how many: {session.people}."


async def _usage(conference: Conference, room: Room, session: Session, folder: Path) -> str:
    """Ask for what not every provider has, as a program would that does not know it."""
    used = [one async for one in conference.usage() if one.room_id == room.id]
    return f"Usage: {used[0].duration}, of which billable: {used[0].billable}." if used else ""


async def _feedback(conference: Conference, room: Room, session: Session, folder: Path) -> str:
    given = [one async for one in conference.feedback() if one.room_id == room.id]
    return f"Feedback: {', '.join(f'{one.rating} “{one.text}”' for one in given)}." if given else ""


def _row(record: Attendance, session: Session) -> Row:
    duration = record.duration
    return Row(
        who=record.display_name or record.email or f"(no name, {record.id})",
        joined=record.joined_at,
        left=record.left_at,
        minutes=None if duration is None else duration.total_seconds() / 60,
        share=record.share_of(session),
        matched_by=record.matched_by,
    )


def _missing(person: Participant) -> Row:
    return Row(person.display_name or person.email or "", None, None, None, None, None, came=False)


def _clock(moment: datetime | None) -> str:
    return "unknown" if moment is None else f"{moment.astimezone(ZONE):%H:%M}"
