"""`conferencing invitation`: a room as a calendar file."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from conferencing.calendar import invitation as calendar_file
from conferencing.conference import Conference
from conferencing.errors import InvalidRequest
from conferencing.model import JoinLink, Room

from .options import WRITE, Usage, WriteOptions
from .output import Output, say
from .terms import person
from .work import perform

__all__ = ["invitation"]


def invitation(
    room: str,
    /,
    *,
    to: Path,
    role: Literal["host", "presenter", "attendee", "guest"] = "attendee",
    name: str | None = None,
    email: str | None = None,
    organizer: str | None = None,
    method: Literal["publish", "request", "cancel"] | None = None,
    replace: bool = False,
    at: WriteOptions = WRITE,
) -> Output | None:
    """Write a calendar file for a room. With a name and an address, it has a personal link.

    A personal link is for its person alone: send such a file to nobody else.

    Parameters
    ----------
    room
        The id of the room.
    to
        The file, like launch.ics.
    role
        As what one comes in.
    name
        For whom it is: the name to show in the room.
    email
        And the address.
    organizer
        Who invites: a name and an address in angle brackets. With a guest, the calendar answers.
    method
        What a calendar shall do: take note of it, answer it, or strike it out.
    replace
        Overwrite a file that is there already.
    """
    if to.exists() and not replace:
        raise Usage(f"{to} is there already (--replace overwrites it)")
    host = None if organizer is None else person(organizer, "--organizer")

    async def work(conference: Conference) -> Output:
        place = await conference.get_room(room)
        link = await _link(conference, place, role, name, email)
        data = calendar_file(
            place,
            link,
            provider=conference.provider.name,
            account=conference.account,
            organizer=host,
            method=method,
        )
        if not at.dry_run:
            _write(to, data)
        told = {"path": str(to), "personal": bool(link and link.personal)}
        return Output(
            told,
            lambda console: None if at.dry_run else say(console, f"{to} is written."),
        )

    return perform(at, work)


async def _link(
    conference: Conference, room: Room, role: str, name: str | None, email: str | None
) -> JoinLink | None:
    """Return a link for somebody, or for all; none where the room brings its own."""
    if room.join_url is not None and role == "attendee" and not (name or email):
        return None
    return await conference.join_link(room, role=role, name=name, email=email)


def _write(to: Path, data: bytes) -> None:
    try:
        to.touch(0o600)  # it may hold a personal link
        to.write_bytes(data)
    except OSError as error:
        reason = error.strerror
    else:
        return
    raise InvalidRequest(f"{to} cannot be written ({reason})", field="to")
