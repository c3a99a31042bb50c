"""The scenario of the demo: a webinar with one rejoin and one no-show, run on any provider."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from contextlib import AsyncExitStack
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from attrs import NOTHING, Attribute, field, fields, frozen

from conferencing.accounts.registry import load
from conferencing.attendance import match, no_shows
from conferencing.capabilities import Capabilities, Operation
from conferencing.conference import Conference, connect
from conferencing.errors import InvalidRequest, UnsupportedOperation, UnsupportedOption
from conferencing.formatting import format_percent, format_time
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
from conferencing.sandbox import Sandbox, Simulator, Visit, World
from conferencing.sandbox.listener import WebhookListener

from .values import count_people

__all__ = ["AttendanceRow", "ProviderRun", "run_scenario"]

ZONE = ZoneInfo("Europe/Warsaw")
NAME = "Launch & learn: zażółć"
HOUR = timedelta(hours=1)
PRESENTER = Person(first_name="Zoë", last_name="Presenter", email="zoe@example.com")


@frozen
class AttendanceRow:
    """One person of the attendance table; None is what the provider does not report."""

    who: str
    joined: datetime | None
    left: datetime | None
    minutes: float | None
    share: float | None
    matched_by: str | None
    attended: bool = True

    def to_cells(self) -> tuple[str, ...]:
        """Return the cells of the row."""
        if not self.attended:
            return (self.who, "no-show", "", "", "", "")
        return (
            self.who,
            _format_clock(self.joined),
            _format_clock(self.left),
            "unknown" if self.minutes is None else f"{self.minutes:.0f}",
            "unknown" if self.share is None else format_percent(self.share),
            self.matched_by or "",
        )

    def to_json(self) -> dict[str, Any]:
        """Return the row as plain data."""
        return {
            "who": self.who,
            "joined": self.joined,
            "left": self.left,
            "minutes": self.minutes,
            "share": self.share,
            "matched_by": self.matched_by,
            "attended": self.attended,
        }


def _is_needed(key: Attribute[Any]) -> bool:
    """Return whether an account has to have this key."""
    return key.default is NOTHING and key.alias != "base_url"


@frozen
class ProviderRun:
    """The result of the scenario on one provider."""

    provider: str
    title: str
    rows: tuple[AttendanceRow, ...]
    notes: tuple[str, ...]
    account: dict[str, Any] = field(repr=False)
    capabilities: Capabilities = field(repr=False)

    def configuration(self) -> list[str]:
        """Return the lines of an account on this provider, with credentials in the environment."""
        provider = self.account["provider"]
        needed = [key.alias for key in fields(load(provider).settings_class) if _is_needed(key)]
        lines = [f'{name} = "env:{provider.upper()}_{name.upper()}"' for name in needed]
        return [f'provider = "{provider}"', *lines]

    def to_json(self) -> dict[str, Any]:
        """Return the result as plain data."""
        return {
            "provider": self.provider,
            "title": self.title,
            "attendance": [row.to_json() for row in self.rows],
            "notes": self.notes,
        }


class WorldClock:
    """The clock of a simulated world, for its client: a token ends for both at the same time."""

    def __init__(self, world: World) -> None:
        self._world = world

    def monotonic(self) -> float:
        """Return seconds since 1970, which never go back either."""
        return self._world.now.timestamp()

    def now(self) -> datetime:
        """Return the time of the world."""
        return self._world.now

    async def sleep(self, seconds: float) -> None:
        """Advance the world instead of waiting."""
        self._world.advance(timedelta(seconds=seconds))


async def run_scenario(
    name: str, dialect: str, sandbox: Sandbox, people: Sequence[Person]
) -> ProviderRun:
    """Run the scenario on one provider and return its attendance table and notes."""
    account = {"provider": "memory"} if name == "memory" else sandbox.account(name, dialect)
    clock = None if name == "memory" else WorldClock(sandbox[name].simulator.world)
    async with AsyncExitStack() as stack:
        listener = WebhookListener()
        key = None if name == "memory" else sandbox[name].simulator.address_key
        if key is not None:  # a vendor that reports who was there by a callback
            await listener.start()
            stack.push_async_callback(listener.aclose)
            account[key] = listener.url
        conference = await stack.enter_async_context(connect(account, clock=clock))
        listener.conference = conference
        world: World = _get_world(conference, sandbox)
        room, notes = await _create_room(conference, world.now, people)
        registered, registration_notes = await _register(conference, room, people)
        notes += registration_notes
        world.advance(timedelta(minutes=15))
        notes.append(await _get_presenter_link(conference, room))
        # Some adapters add to the vendor's id, and some vendors have a room only when it is used.
        place = next(reversed(world.rooms))
        _hold_session(world, place, people)
        await _end_session(conference, world, room, place)
        # Some providers report a session some time after its end.
        world.advance(timedelta(minutes=20))
        if key is not None:
            await _deliver(sandbox[name].simulator)
        session = (await conference.sessions(room).collect())[-1]
        records = match(await _list_attendance(conference, session), registered)
        notes += await _collect_notes(conference, room, session)
    known = any(record.email or record.participant_id for record in records)
    absent = no_shows(records, registered) if known else []
    rows = [*(_build_row(record, session) for record in records), *map(_build_no_show, absent)]
    return ProviderRun(
        provider=f"{name} ({dialect})" if dialect else name,
        title=f"“{room.name}”, {room.kind}",
        rows=tuple(rows),
        notes=tuple(notes),
        account=account if name != "memory" else {},
        capabilities=conference.capabilities,
    )


def _get_world(conference: Conference, sandbox: Sandbox) -> World:
    name = conference.provider.name
    if name == "memory":
        memory: Any = conference.provider
        return memory.world  # type: ignore[no-any-return]
    return sandbox[name].simulator.world


# ----------------------------------------------------------------------------- before the session


async def _create_room(
    conference: Conference, now: datetime, people: Sequence[Person]
) -> tuple[Room, list[str]]:
    """Create the room; return it, and a note about fields that the provider does not support."""
    fields: RoomFields = {
        "kind": RoomKind.WEBINAR,
        "starts_at": now.astimezone(ZONE) + timedelta(minutes=15),
        "duration": HOUR,
        "registration": True,
        "settings": RoomSettings(recording=True, auto_recording=True),
    }
    if not conference.capabilities.supports(Operation.REGISTER):
        attendees = [_build_invitee(person, Role.ATTENDEE) for person in people]
        fields["people"] = [_build_invitee(PRESENTER, Role.PRESENTER), *attendees]
    room = await conference.create_room(NAME, ignore_unsupported=True, **fields)
    if not room.left_out:
        return room, []
    left_out = ", ".join(sorted(room.left_out))
    return room, [f"Left out because {conference.provider.name} does not support it: {left_out}."]


async def _register(
    conference: Conference, room: Room, people: Sequence[Person]
) -> tuple[list[Participant], list[str]]:
    """Register everybody; return the registrations, and notes about them."""
    provider = conference.provider
    if not conference.capabilities.supports(Operation.REGISTER):
        if "people" in provider.features.create_fields:
            return [], [
                f"Invited {count_people(len(people))} with the room, as there is no registration."
            ]
        return [], [f"Registered nobody: {provider.name} has no registration."]
    refusals: list[str] = []
    for person in people:
        try:
            await conference.register(room, person)
        except InvalidRequest as error:
            refusals.append(f"{person.email} was not registered: {error.message}.")
    registered = await conference.participants(room).collect()
    return registered, [f"Registered {count_people(len(registered))}.", *refusals]


async def _get_presenter_link(conference: Conference, room: Room) -> str:
    """Get the presenter's link, by starting the session where the provider has a call for that."""
    if conference.capabilities.supports(Operation.START_SESSION):
        link = await conference.start_session(room, PRESENTER)
        return f"Started the session by a call; the link of the {link.role} is {_kind(link)}."
    role = min(conference.provider.features.roles - {Role.HOST}, key=list(Role).index)
    link = await conference.join_link(room, role=role, person=PRESENTER)
    return f"The link of the {role} is {_kind(link)}."


def _build_invitee(person: Person, role: Role) -> Invitee:
    return Invitee(person=person, role=role, entry=Passcode("24680"))


def _kind(link: JoinLink) -> str:
    return "personal" if link.personal else "shared"


# ---------------------------------------------------------------------------- during the session


def _hold_session(world: World, place: str, people: Sequence[Person]) -> None:
    """Let everybody but the last person enter; the first one leaves for a quarter of an hour."""
    world.enter(place, PRESENTER.display_name or "", PRESENTER.email, Role.PRESENTER)
    visits: list[Visit] = []
    for number, person in enumerate(people[:-1]):
        if number % 50 == 0:
            world.advance(timedelta(minutes=1))
        visits.append(world.enter(place, person.display_name or "", person.email))
    world.advance(timedelta(minutes=20))
    if visits:
        world.leave(visits[0].id, rating=5, comment="I will be back")
    world.advance(timedelta(minutes=15))
    if visits:
        world.enter(place, visits[0].name, visits[0].email)
    world.advance(timedelta(minutes=20))


async def _end_session(conference: Conference, world: World, room: Room, place: str) -> None:
    """End the session by a call, or as people do who close the room; add a recording."""
    running = None
    if conference.capabilities.supports(Operation.END_SESSION):
        listed = await conference.sessions(room).collect()
        running = listed[-1] if listed else None  # some providers list only past sessions
    try:
        if running is not None:
            await conference.end_session(running)
    except UnsupportedOption:  # not for rooms of this form
        running = None
    if running is None:
        world.end_session(place)
    world.record(place, timedelta(minutes=55))
    world.advance(timedelta(minutes=5))  # some vendors need them for their report


async def _deliver(simulator: Simulator) -> None:
    """Have a simulator send what it has to report now."""
    while simulator.webhooks is not None and simulator.webhooks.has_due:
        await simulator.webhooks.deliver()


# ----------------------------------------------------------------------------- after the session


async def _list_attendance(conference: Conference, session: Session) -> list[Attendance]:
    if not conference.capabilities.supports(Operation.LIST_ATTENDANCE):
        return []
    return await conference.attendance(session).collect()


async def _collect_notes(conference: Conference, room: Room, session: Session) -> list[str]:
    notes: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        for describe in (
            _describe_count,
            _describe_report,
            _describe_recording,
            _describe_usage,
            _describe_feedback,
        ):
            try:
                note = await describe(conference, room, session, Path(folder))
            except UnsupportedOperation as error:
                note = f"Refused before anything was sent: {error.message}."
            notes += [note] if note else []
    return notes


async def _describe_report(
    conference: Conference, room: Room, session: Session, folder: Path
) -> str:
    report = await conference.create_report(session, language="en")
    report = await conference.wait_for_report(report, every=0.01)
    path = await conference.download(report, folder / "report.pdf")
    return f"Report: PDF in {report.language}, {path.stat().st_size:,} bytes."


async def _describe_recording(
    conference: Conference, room: Room, session: Session, folder: Path
) -> str:
    recordings = await conference.recordings(room).collect()
    if not recordings:
        return "Recording: none."
    path = await conference.download(recordings[0], folder / "recording")
    duration = recordings[0].duration or "duration unknown"
    media_type = (
        recordings[0].files[0].media_type if recordings[0].files else None
    ) or "type unknown"
    return f"Recording: {duration}, {media_type}, {path.stat().st_size:,} bytes."


async def _describe_count(
    conference: Conference, room: Room, session: Session, folder: Path
) -> str:
    if conference.capabilities.supports(Operation.LIST_ATTENDANCE):
        return ""
    return f"The provider reports only how many people attended: {session.people}."


async def _describe_usage(
    conference: Conference, room: Room, session: Session, folder: Path
) -> str:
    """Call an operation that not every provider has; the caller handles the refusal."""
    records = [record async for record in conference.usage() if record.room_id == room.id]
    if not records:
        return ""
    usage = records[0]
    return (
        f"Usage: {usage.duration or 'unknown'}, of which billable: {usage.billable or 'unknown'}."
    )


async def _describe_feedback(
    conference: Conference, room: Room, session: Session, folder: Path
) -> str:
    records = [record async for record in conference.feedback() if record.room_id == room.id]
    ratings = ", ".join(f"{record.rating} “{record.text}”" for record in records)
    return f"Feedback: {ratings}." if ratings else ""


def _build_row(record: Attendance, session: Session) -> AttendanceRow:
    duration = record.duration
    return AttendanceRow(
        who=record.display_name or record.email or f"(no name, {record.id})",
        joined=record.joined_at,
        left=record.left_at,
        minutes=None if duration is None else duration.total_seconds() / 60,
        share=record.share_of(session),
        matched_by=record.matched_by,
    )


def _build_no_show(person: Participant) -> AttendanceRow:
    name = person.display_name or person.email or ""
    return AttendanceRow(name, None, None, None, None, None, attended=False)


def _format_clock(moment: datetime | None) -> str:
    return "unknown" if moment is None else format_time(moment.astimezone(ZONE))
