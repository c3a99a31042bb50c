"""`conferencing sessions` and `conferencing attendance`: when a room was used, and by whom."""

from __future__ import annotations

from conferencing.client.listing import Listing
from conferencing.conference import Conference
from conferencing.model import Room
from conferencing.model.attendance import Attendance

from .links import build_link_output
from .options import (
    DELETE,
    LIST,
    WRITE,
    DeleteOptions,
    ListOptions,
    UsageError,
    WriteOptions,
    confirm,
)
from .output import Output
from .room_options import Entry, build_entry_rules, parse_person
from .runner import list_values, run, run_action
from .tables import Column
from .zones import find_room_zone, find_session_zone

__all__ = ["attendance", "end", "list_", "start"]

COLUMNS = (
    Column("id"),
    Column("status", drop=4),
    Column("started_at"),
    Column("ended_at", drop=1),
    Column("duration", drop=2),
    Column("people", drop=3, right=True),
    Column("peak", drop=5, right=True),
)
ATTENDANCE = (
    Column("display_name", heading="name", shorten=True),
    Column("email"),
    Column("role", drop=4),
    Column("joined_at", drop=1),
    Column("left_at", drop=2),
    Column("duration"),
    Column("session_id", drop=3, if_several=True),
)


def list_(room: str, /, *, options: ListOptions = LIST) -> Output | None:
    """List the sessions of a room: each time that it was in use.

    Parameters
    ----------
    room
        Room id.
    """
    return list_values(
        options,
        lambda conference: conference.sessions(room),
        COLUMNS,
        find_zones=find_room_zone(room),
    )


def start(
    room: str,
    /,
    *,
    host: str,
    title: str | None = None,
    entry: list[Entry] | None = None,
    passcode: str | None = None,
    options: WriteOptions = WRITE,
) -> Output | None:
    """Start a session and print the host's join link, which cannot be fetched again.

    Parameters
    ----------
    room
        Room id.
    host
        Host, as a name or as `Name <address>`.
    title
        Title of the session.
    entry
        Who may enter, for providers that set this for each session.
    passcode
        Passcode of the session, read from env:NAME, file:PATH or prompt.
    """
    person, rules = parse_person(host, "--host"), build_entry_rules(entry, passcode)

    async def work(conference: Conference) -> Output:
        return build_link_output(
            await conference.start_session(room, person, title=title, entry=rules)
        )

    return run(options, work)


def end(session: str, /, *, options: DeleteOptions = DELETE) -> Output | None:
    """End a running session and disconnect everyone in it.

    Parameters
    ----------
    session
        Session id.
    """
    confirm(options, f"End session {session} and disconnect everyone in it?")
    return run_action(
        options, lambda conference: conference.end_session(session), f"Ended session {session}."
    )


def attendance(
    session: str | None = None, /, *, room: str | None = None, options: ListOptions = LIST
) -> Output | None:
    """List who attended: one line per person and session. Unknown values are empty.

    Parameters
    ----------
    session
        Session id.
    room
        Room id, for all sessions of the room.
    """
    if (session is None) == (room is None):
        raise UsageError("give either a session id or --room ROOM")

    def call(conference: Conference) -> Listing[Attendance]:
        return conference.attendance(Room(id=room) if room else session or "")

    return list_values(
        options,
        call,
        ATTENDANCE,
        find_zones=find_room_zone(room) if room else find_session_zone(session or ""),
    )
