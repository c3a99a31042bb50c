"""Fetch the data of a report."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cached_property
from typing import Protocol

from conferencing.capabilities import Capabilities, Operation
from conferencing.client.listing import Listing
from conferencing.errors import UnsupportedOperation
from conferencing.model import Participant, Room, Session
from conferencing.model.attendance import Attendance, MergedBy, Precision
from conferencing.provider import ConferenceProvider

from .build import DEFAULT_KEYS, build_report
from .selection import check_options, fetch_sessions, select_sessions
from .threshold import AtLeast
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
    session: Session | str | Iterable[Session | str] | None = None,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    timezone: str | None = None,
    by: Sequence[MergedBy] = DEFAULT_KEYS,
    at_least: AtLeast | None = None,
) -> AttendanceReport:
    """Fetch the attendance of sessions of a room, and its registrations.

    `session` is one session, or several; without it, all sessions count that started at or after
    `since` and before `until`. `timezone`, `by` and `at_least` are those of `build_report`. If the
    provider has no list of people, the report has its counts.

    Raises `InvalidRequest` for an option that cannot be used, and if `since` or `until` cannot be
    compared with a session whose start is unknown; and the errors of the operations.
    """
    check_options(session, since=since, until=until, timezone=timezone, at_least=at_least)
    room = await _fetch_room(conference, room)
    if session is None:
        listed = await conference.sessions(room).collect()
        sessions = select_sessions(listed, since=since, until=until)
    else:
        sessions = await fetch_sessions(conference, room, session)
    attendance = [(each, await _fetch_records(conference, each)) for each in sessions]
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
        at_least=at_least,
    )


async def _fetch_room(conference: Operations, room: Room | str) -> Room:
    """Return the room with its name and zone; fetch it if only its id is set."""
    room = room if isinstance(room, Room) else Room(id=room)
    if room.name or not conference.capabilities.supports(Operation.GET_ROOM):
        return room
    return await conference.get_room(room.id)


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
    try:
        return await conference.participants(room).collect()
    except UnsupportedOperation:  # rooms of this form have no registration
        return None
