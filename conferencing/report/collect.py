"""Fetch the data of a report."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Protocol

from conferencing.capabilities import Capabilities, Operation
from conferencing.client.listing import Listing
from conferencing.model import Participant, Room, Session
from conferencing.model.attendance import Attendance, MergedBy, Precision
from conferencing.model.zones import zone_of
from conferencing.provider import ConferenceProvider

from .build import DEFAULT_KEYS, build_report
from .values import AttendanceReport

__all__ = ["collect_report"]


class Operations(Protocol):
    """The operations that a report needs. `Conference` has them."""

    @property
    def provider(self) -> ConferenceProvider: ...
    @property
    def account(self) -> str: ...
    @cached_property
    def capabilities(self) -> Capabilities: ...

    async def get_room(self, room_id: str, /) -> Room: ...
    async def get_session(self, session_id: str, /) -> Session: ...
    def sessions(self, room: Room, /) -> Listing[Session]: ...
    def attendance(self, session: Session, /) -> Listing[Attendance]: ...
    def participants(self, room: Room, /) -> Listing[Participant]: ...


async def collect_report(
    conference: Operations,
    room: Room | str,
    session: Session | str | None = None,
    *,
    timezone: str | None = None,
    by: Sequence[MergedBy] = DEFAULT_KEYS,
) -> AttendanceReport:
    """Fetch the attendance of one session, or of all sessions of a room, and its registrations.

    `by` and `timezone` are those of `build_report`. If the provider has no list of people, the
    report has its counts. Raises the errors of the operations.
    """
    if timezone is not None:
        zone_of(timezone)  # before anything is sent
    room = await _fetch_room(conference, room)
    sessions = await _fetch_sessions(conference, room, session)
    attendance = [(session, await _fetch_records(conference, session)) for session in sessions]
    return build_report(
        room,
        attendance,
        await _fetch_participants(conference, room),
        provider=conference.provider.name,
        account=conference.account,
        features=conference.provider.features_for(room.kind),
        made_at=conference.provider.context.clock.now(),
        timezone=timezone,
        by=by,
    )


async def _fetch_room(conference: Operations, room: Room | str) -> Room:
    """Return the room with its name and zone: it is fetched if only its id is known."""
    room = room if isinstance(room, Room) else Room(id=room)
    if room.name or not conference.capabilities.supports(Operation.GET_ROOM):
        return room
    return await conference.get_room(room.id)


async def _fetch_sessions(
    conference: Operations, room: Room, session: Session | str | None
) -> list[Session]:
    if session is None:
        return await conference.sessions(room).collect()
    return [session if isinstance(session, Session) else await conference.get_session(session)]


async def _fetch_records(conference: Operations, session: Session) -> list[Attendance]:
    """Return the records of a session, none if the provider reports only counts."""
    supported = conference.capabilities.supports(Operation.LIST_ATTENDANCE)
    if not supported and conference.provider.features.attendance is Precision.COUNT:
        return []
    return await conference.attendance(session).collect()


async def _fetch_participants(conference: Operations, room: Room) -> list[Participant] | None:
    supported = conference.capabilities.supports(Operation.LIST_PARTICIPANTS)
    if room.registration is False or not supported:
        return None
    return await conference.participants(room).collect()
