"""Runs of a room: finding one by number or uuid, and when it ends by itself: docs/vendors/zoom.md#runs"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from conferencing.model import Room, Session, SessionStatus
from conferencing.world import Place, Visit

from .errors import no_room, refuse
from .formats import instant, minutes, read_run_id, seconds
from .state import Caller, RoomDetails, ZoomState

__all__ = [
    "count_people",
    "end_empty_runs",
    "find_run",
    "fits",
    "list_ended_runs",
    "run_row",
    "visits_in",
]

EMPTY_FOR: Final = timedelta(minutes=1)

Row = dict[str, Any]


def end_empty_runs(simulator: ZoomState) -> None:
    """End runs that everybody left a minute ago. That it is a minute is a guess."""
    if not simulator.quirks["ends_when_empty"]:
        return
    for session in list(simulator.world.sessions.values()):
        if session.status is not SessionStatus.RUNNING:
            continue
        ends = [visit.left_at for visit in simulator.world.visits_of(session.id)]
        left = [end for end in ends if end is not None]
        if ends and len(left) == len(ends) and max(left) + EMPTY_FOR <= simulator.world.now:
            simulator.world.end_session(session.room_id or "", max(left) + EMPTY_FOR)


def find_run(
    simulator: ZoomState, caller: Caller, part: str, kind: str | None = None
) -> tuple[Session, Room, RoomDetails]:
    """Return an ended run of a room of a kind, or of any kind.

    A number means the latest run. A run that goes on, or a room without one, is 404.
    docs/vendors/zoom.md#ids
    """
    name = read_run_id(part, kind or "meeting")
    session = _find_session(simulator, name)
    room = simulator.room_or_deleted(session.room_id or "") if session else None
    if session is None or room is None or session.status is not SessionStatus.ENDED:
        raise no_room(kind or "meeting", name)
    details = simulator.details_of(room)
    if caller.user_id not in {None, details.host_id}:
        raise no_room(kind or "meeting", name)
    if kind is not None and details.kind != kind:
        if kind == "meeting":
            raise refuse(400, 300, "Cannot access meeting info.")
        raise no_room(kind, name)
    return session, room, details


def _find_session(simulator: ZoomState, name: str) -> Session | None:
    if not name.isdecimal():
        return simulator.world.sessions.get(name)
    runs = list_ended_runs(simulator, name)
    return runs[-1] if runs else None


def list_ended_runs(simulator: ZoomState, number: str) -> list[Session]:
    """Return the ended runs of a room, the oldest first."""
    sessions = simulator.world.sessions_of(number)
    return [session for session in sessions if session.status is SessionStatus.ENDED]


def visits_in(simulator: ZoomState, session: Session) -> list[Visit]:
    """Return the visits to a run that were more than waiting."""
    visits = simulator.world.visits_of(session.id)
    return [
        visit
        for visit in visits
        if any(stay.place is not Place.WAITING_ROOM for stay, _ in visit.list_stays())
    ]


def count_people(simulator: ZoomState, session: Session) -> int:
    """Return how many different people were in a run."""
    visits = visits_in(simulator, session)
    return len({(visit.email or "").lower() or f"{visit.name}/{visit.id}" for visit in visits})


def run_row(simulator: ZoomState, session: Session, room: Room, details: RoomDetails) -> Row:
    """Return what `/past_meetings/{uuid}` and reports say of a run."""
    host = simulator.world.users[details.host_id]
    started, ended = _times(session)
    stays = [
        seconds((segment.left_at or ended) - (segment.joined_at or started))
        for visit in visits_in(simulator, session)
        for segment in visit.segments()
    ]
    return {
        "uuid": session.id,
        "id": int(room.id),
        "type": details.type,
        "topic": room.name,
        "user_name": f"{host.first_name} {host.last_name}".strip(),
        "user_email": host.email,
        "start_time": instant(started),
        "end_time": instant(ended),
        "duration": minutes(ended - started),
        "total_minutes": sum(-(-stay // 60) for stay in stays),
        "participants_count": count_people(simulator, session),
    }


def _times(session: Session) -> tuple[datetime, datetime]:
    started = session.started_at
    assert started is not None  # noqa: S101 - the world sets it
    return started, session.ended_at or started


def fits(simulator: ZoomState, months: int) -> Callable[[Sequence[Session]], list[Session]]:
    """Return a filter for the runs that ended in the last months, of 30 days and a half."""
    since = simulator.world.now - months * timedelta(days=30.5)
    return lambda runs: [run for run in runs if run.ended_at and run.ended_at > since]
