"""What must not pass the type checkers: each line is refused by both, for the reason it names."""
# pyright: strict

from __future__ import annotations

import asyncio
from datetime import timedelta

from attrs import frozen

import conferencing
from conferencing import (
    Anyone,
    Attendance,
    Conference,
    ConferenceProvider,
    Features,
    Passcode,
    Person,
    Room,
    RoomDraft,
    Secret,
    Segment,
    Session,
    sync,
)
from conferencing.accounts.context import Context
from conferencing.http import GET, HTTPProvider
from conferencing.provider import Pages


async def asynchronous(conference: Conference, room: Room, session: Session) -> None:
    await conference.create_room("Launch", colour="red")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await conference.create_room("Launch", duration=60)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await conference.create_room("Launch", entry="open")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await conference.create_room("Launch", status="ended")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await conference.create_room("Launch", kind="webinaar")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await conference.join_link(room, role="boss")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    conference.rooms("gone")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await conference.get_room(room)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await conference.register(room, "ann@example.com")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await conference.register(room, mail="ann@example.com")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await conference.join_link(room, Person())  # type: ignore[call-arg,arg-type]  # pyright: ignore[reportCallIssue]
    await conference.end_session(room)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await conference.sessions(room)  # type: ignore[misc]  # pyright: ignore[reportGeneralTypeIssues]
    await conference.download(session, "file")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    async with sync.connect("main"):  # type: ignore[attr-defined]  # pyright: ignore[reportGeneralTypeIssues]
        pass
    conferencing.connect(clock=timedelta())  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def blocking(conference: sync.Conference, room: Room) -> None:
    asyncio.run(conference.check())  # type: ignore[arg-type,func-returns-value]  # pyright: ignore[reportArgumentType]
    conference.create_room("Launch").result()  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]
    sync.connect("main", session=None)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    with conferencing.connect("main"):  # type: ignore[attr-defined]  # pyright: ignore[reportGeneralTypeIssues]
        pass
    conference.delete_room(room, force=True)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


def values(room: Room, record: Attendance) -> None:
    Room("r-1")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    Room()  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    room.name = "Lunch"  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]
    room.native["x"] = 1  # type: ignore[index]  # pyright: ignore[reportIndexIssue]
    RoomDraft(kind=5)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    RoomDraft(entry=[Anyone(), "open"])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]
    Passcode("x").code.upper()  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]
    str.lower(Passcode("x").code)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    record.duration.total_seconds()  # type: ignore[union-attr]  # pyright: ignore[reportOptionalMemberAccess]
    Segment(joined_at="now")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    GET("/rooms/{id}", effect="read", id="1")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    conferencing.Rooms()  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]
    Features(kinds=["webinar"])  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


@frozen(kw_only=True)
class NoAddress:
    """Settings without the address that HTTP needs."""

    api_key: Secret


class WrongReturn(ConferenceProvider):
    """An adapter that returns a name where a room is due, and takes too little."""

    name = "wrong"
    settings_class = NoAddress

    def __init__(self, settings: NoAddress, context: Context) -> None:
        self.context = context

    async def get_room(self, room_id: str) -> str:  # type: ignore[override]  # pyright: ignore[reportIncompatibleMethodOverride]
        """Return the name."""
        return room_id

    async def delete_room(self) -> None:  # type: ignore[override]  # pyright: ignore[reportIncompatibleMethodOverride]
        """Delete which one?"""

    def list_rooms(self) -> Pages[Room]:  # type: ignore[override]  # pyright: ignore[reportIncompatibleMethodOverride]
        """List without a status."""
        return super().list_rooms()


class WrongSettings(HTTPProvider[NoAddress]):  # type: ignore[type-var]  # pyright: ignore[reportInvalidTypeArguments]
    """An adapter over HTTP without an address."""

    name = "wrong-settings"
