"""Fetching what a report is made of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from conferencing.capabilities import Operation
from conferencing.model import Participant, Room, Session
from conferencing.model.attendance import Attendance, MergedBy, Precision
from conferencing.model.zones import zone_of

from .facts import PERSON, build_report
from .values import AttendanceReport

if TYPE_CHECKING:
    from conferencing.conference import Conference

__all__ = ["collect_report"]


async def collect_report(
    conference: Conference,
    room: Room | str,
    session: Session | str | None = None,
    *,
    timezone: str | None = None,
    by: Sequence[MergedBy] = PERSON,
) -> AttendanceReport:
    """Fetch who was in a room, over all its sessions or in one, and who was registered.

    `by` and `timezone` are those of `build_report`. Where the provider has no list of people, the
    report has its counts, and says so. Raises what the operations raise.
    """
    if timezone is not None:
        zone_of(timezone)  # before anything is sent
    place = await _room(conference, room)
    sessions = await _sessions(conference, place, session)
    visits = [(one, await _records(conference, one)) for one in sessions]
    return build_report(
        place,
        visits,
        await _registered(conference, place),
        provider=conference.provider.name,
        account=conference.account,
        features=conference.provider.features_for(place.kind),
        made_at=conference.provider.context.clock.now(),
        timezone=timezone,
        by=by,
    )


async def _room(conference: Conference, room: Room | str) -> Room:
    """Return a room with its name and zone; one that is known by its id alone is fetched."""
    known = room if isinstance(room, Room) else Room(id=room)
    if known.name or not conference.capabilities.supports(Operation.GET_ROOM):
        return known
    return await conference.get_room(known.id)


async def _sessions(
    conference: Conference, room: Room, session: Session | str | None
) -> list[Session]:
    if session is None:
        return await conference.sessions(room).collect()
    return [session if isinstance(session, Session) else await conference.get_session(session)]


async def _records(conference: Conference, session: Session) -> list[Attendance]:
    """Return the records of a session, none where the provider tells only how many there were."""
    absent = not conference.capabilities.supports(Operation.LIST_ATTENDANCE)
    if absent and conference.provider.features.attendance is Precision.COUNT:
        return []
    return await conference.attendance(session).collect()


async def _registered(conference: Conference, room: Room) -> list[Participant] | None:
    if room.registration is False:
        return None
    if not conference.capabilities.supports(Operation.LIST_PARTICIPANTS):
        return None
    return await conference.participants(room).collect()
