"""`conferencing invitation`: write a calendar file for a room."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from conferencing.calendar import invitation as calendar_file
from conferencing.conference import Conference
from conferencing.files import check_target, write_atomically
from conferencing.model import JoinLink, Room

from .options import WRITE, WriteOptions
from .output import Output, print_line
from .room_options import parse_person
from .runner import run

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
    options: WriteOptions = WRITE,
) -> Output | None:
    """Write a calendar file (.ics) for a room.

    With --name and --email the file holds a personal link: send it to that person only.

    Parameters
    ----------
    room
        Room id.
    to
        File to write, for example launch.ics.
    role
        Role that the link gives.
    name
        Name of the guest, as shown in the room.
    email
        E-mail address of the guest.
    organizer
        Organizer, as `Name <address>`. With a guest, the calendar can reply to the organizer.
    method
        What the file asks of a calendar: publish (add it), request (invite) or cancel.
    replace
        Overwrite an existing file.
    """
    check_target(to, replace=replace, field="to")
    host = None if organizer is None else parse_person(organizer, "--organizer")

    async def work(conference: Conference) -> Output:
        booked = await conference.get_room(room)
        link = await _get_link(conference, booked, role, name, email)
        data = calendar_file(
            booked,
            link,
            provider=conference.provider.name,
            account=conference.account,
            organizer=host,
            method=method,
        )
        if not options.dry_run:  # 0600: it may hold a personal link
            write_atomically(to, data, replace=replace, mode=0o600, field="to")
        result = {"path": str(to), "personal": bool(link and link.personal)}
        return Output(
            result,
            lambda console: None if options.dry_run else print_line(console, f"Wrote {to}."),
        )

    return run(options, work)


async def _get_link(
    conference: Conference, room: Room, role: str, name: str | None, email: str | None
) -> JoinLink | None:
    """Return a personal or a shared link; None if the room's own link will do."""
    if room.join_url is not None and role == "attendee" and not (name or email):
        return None
    return await conference.join_link(room, role=role, name=name, email=email)
