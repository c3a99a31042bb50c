"""`conferencing people`: bring in many, list who is registered, have invitations mailed."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from .importing import Import
from .options import LIST, WRITE, LaxBool, Listing, WriteOptions, pairs
from .output import Output
from .work import done, listed

__all__ = ["import_", "invite", "list_"]

COLUMNS = ("email", "display_name", "role", "registered_at", "confirmed_at")


def import_(
    file: Path,
    /,
    *,
    room: str,
    journal: Path | None = None,
    settle: float = 60.0,
    field: list[str] | None = None,
    confirmation: LaxBool = None,
    language: str | None = None,
    at: WriteOptions = WRITE,
) -> Output | None:
    """Register the people of a spreadsheet. It may be stopped at any time and run again.

    Nobody is lost and nobody registered twice: the journal knows how far it came. Exit code 3 says
    that some rows did not come through; they are told with the reason.

    Parameters
    ----------
    file
        A CSV file in UTF-8, or a workbook: email, and first_name and last_name, or name.
    room
        The id of the room.
    journal
        Where to keep how far it came; FILE.journal if nothing is said.
    settle
        Seconds that the provider may need to finish what it has begun: rows in doubt are looked up
        after that.
    field
        A column that answers the registration form, like "Company=company".
    confirmation
        Have the provider mail a confirmation to everybody.
    language
        The language of that mail, like en.
    """
    return Import(
        file=file,
        room=room,
        journal=journal or file.with_name(f"{file.name}.journal"),
        settle=settle,
        fields=pairs(field, "--field"),
        confirmation=confirmation,
        language=language,
    ).perform(at)


def list_(room: str, /, *, at: Listing = LIST) -> Output | None:
    """List who is registered for a room.

    Parameters
    ----------
    room
        Its id.
    """
    return listed(at, lambda conference: conference.participants(room), COLUMNS)


def invite(
    room: str,
    email: list[str],
    /,
    *,
    role: Literal["host", "presenter", "attendee", "guest"] = "attendee",
    language: str | None = None,
    at: WriteOptions = WRITE,
) -> Output | None:
    """Have the provider mail invitations.

    Parameters
    ----------
    room
        The id of the room.
    email
        The addresses.
    role
        As what they are invited.
    language
        The language of the mail, like en.
    """
    return done(
        at,
        lambda conference: conference.invite(room, email, role=role, language=language),
        f"{len(email)} invited to room {room}.",
    )
