"""`conferencing sessions` and `conferencing attendance`: what took place, and who was there."""

from __future__ import annotations

from typing import Any

from conferencing.client.listing import Listing as Records
from conferencing.conference import Conference
from conferencing.model import Room
from conferencing.model.attendance import Attendance

from .links import one_link
from .options import LIST, WRITE, Listing, Usage, WriteOptions
from .output import Output
from .terms import Entry, entry_rules, person
from .values import told
from .work import done, listed, perform

__all__ = ["attendance", "end", "list_", "start"]

COLUMNS = ("id", "status", "started_at", "ended_at", "duration", "people", "peak")
PRESENCE = ("display_name", "email", "role", "joined_at", "left_at", "duration", "session_id")


def list_(room: str, /, *, at: Listing = LIST) -> Output | None:
    """List the sessions of a room: each time that it really took place.

    Parameters
    ----------
    room
        Its id.
    """
    return listed(at, lambda conference: conference.sessions(room), COLUMNS)


def start(
    room: str,
    /,
    *,
    host: str,
    title: str | None = None,
    entry: list[Entry] | None = None,
    passcode: str | None = None,
    at: WriteOptions = WRITE,
) -> Output | None:
    """Start a session and get the host's way in, which is told this once.

    Parameters
    ----------
    room
        The id of the room.
    host
        Who holds it: a name, or a name and an address in angle brackets.
    title
        What this session is called.
    entry
        Who may enter this session, where a provider asks for it with each one.
    passcode
        A passcode for this session, from env:NAME, file:PATH or prompt.
    """
    who, rules = person(host, "--host"), entry_rules(entry, passcode)

    async def work(conference: Conference) -> Output:
        return one_link(await conference.start_session(room, who, title=title, entry=rules))

    return perform(at, work)


def end(session: str, /, *, at: WriteOptions = WRITE) -> Output | None:
    """End this very session and no later one.

    Parameters
    ----------
    session
        Its id.
    """
    return done(
        at, lambda conference: conference.end_session(session), f"Session {session} is ended."
    )


def attendance(
    session: str | None = None, /, *, room: str | None = None, at: Listing = LIST
) -> Output | None:
    """List who was there: a line for each person and session. What is unknown stays empty.

    Parameters
    ----------
    session
        The id of a session.
    room
        The id of a room: all its sessions, one after another.
    """
    if (session is None) == (room is None):
        raise Usage("say which session, or --room and its id")

    def call(conference: Conference) -> Records[Attendance]:
        return conference.attendance(Room(id=room) if room else session or "")

    return listed(at, call, PRESENCE, _told)


def _told(record: Attendance) -> dict[str, Any]:
    whole = {"joined_at": record.joined_at, "left_at": record.left_at, "duration": record.duration}
    return {**told(record), **told(whole)}
