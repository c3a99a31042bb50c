"""`conferencing invitation`: write a calendar file for a room."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from conferencing.calendar import cancellation
from conferencing.calendar import invitation as calendar_file
from conferencing.conference import Conference
from conferencing.files import check_target, write_atomically
from conferencing.model import JoinLink, RoleName, Room
from conferencing.model.zones import find_zone

from .options import WRITE, UsageError, WriteOptions
from .output import Output, print_line, print_note
from .room_options import parse_person
from .runner import run

__all__ = ["invitation"]


def invitation(
    room: str | None = None,
    /,
    *,
    to: Path,
    role: Literal["host", "presenter", "attendee", "guest"] = "attendee",
    name: str | None = None,
    email: str | None = None,
    organizer: str | None = None,
    method: Literal["publish", "request", "cancel"] | None = None,
    sequence: int | None = None,
    cancel: Path | None = None,
    replace: bool = False,
    options: WriteOptions = WRITE,
) -> Output | None:
    """Write a calendar file (.ics) for a room.

    With --name and --email the file holds a personal link: send it to that person only. Only
    you can read it then; otherwise its mode follows the umask.

    Parameters
    ----------
    room
        Room id; without it, --cancel is required.
    to
        File to write, for example launch.ics.
    role
        Role that the link gives.
    name
        Name of the person, as shown in the room.
    email
        E-mail address of the person.
    organizer
        Organizer, as `Name <address>`. With a person, the calendar can reply to the organizer.
    method
        What the file asks of a calendar: publish (add it), request (invite) or cancel.
    sequence
        Number of this version of the event (default: from the time of the room's last change).
    cancel
        Calendar file that was sent: write one that cancels its events. The room may be gone.
    replace
        Overwrite an existing file.
    """
    check_target(to, replace=replace, field="to")
    if cancel is not None:
        if room or name or email or organizer or method:
            raise UsageError(
                "--cancel takes everything but --sequence from the file; leave out the rest"
            )
        return _cancel(cancel, to, sequence, replace=replace, options=options)
    if room is None:
        raise UsageError("name a room, or a calendar file with --cancel")
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
            sequence=sequence,
        )
        if find_zone(booked.timezone) is None and not options.json:
            print_note(f"times are in UTC: {booked.timezone!r} is not an IANA time zone")
        is_personal = bool(link and link.personal)
        return _write(to, data, is_personal=is_personal, replace=replace, options=options)

    return run(options, work)


def _cancel(
    source: Path, to: Path, sequence: int | None, *, replace: bool, options: WriteOptions
) -> Output:
    data = cancellation(source, sequence=sequence)
    is_personal = b"CLASS:PRIVATE" in data
    return _write(to, data, is_personal=is_personal, replace=replace, options=options)


def _write(
    to: Path, data: bytes, *, is_personal: bool, replace: bool, options: WriteOptions
) -> Output:
    """Write the file, unless this is a dry run; a personal link admits, so it is kept as a secret."""
    if not options.dry_run:
        mode = 0o600 if is_personal else 0o666
        write_atomically(to, data, replace=replace, mode=mode, field="to")
    return Output(
        {"path": str(to), "personal": is_personal},
        lambda console: None if options.dry_run else print_line(console, f"Wrote {to}."),
    )


async def _get_link(
    conference: Conference, room: Room, role: RoleName, name: str | None, email: str | None
) -> JoinLink | None:
    """Return a personal or a shared link; None if the room's own link will do."""
    if room.join_url is not None and role == "attendee" and not (name or email):
        return None
    return await conference.join_link(room, role=role, name=name, email=email)
