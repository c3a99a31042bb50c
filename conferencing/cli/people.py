"""`conferencing people`: import people from a spreadsheet, list registrations, send invitations."""

from __future__ import annotations

from pathlib import Path
from typing import Literal
from urllib.parse import quote

from .options import LIST, WRITE, LaxBool, ListOptions, WriteOptions, parse_pairs
from .output import Output
from .people_import import PeopleImport
from .runner import list_values, run_action
from .tables import Column
from .values import count_people
from .zones import find_room_zone

__all__ = ["import_", "invite", "list_"]

COLUMNS = (
    Column("email"),
    Column("display_name", heading="name", shorten=True),
    Column("role", drop=4),
    Column("status", drop=1),
    Column("registered_at", drop=2),
    Column("confirmed_at", drop=3),
)


def import_(
    file: Path,
    /,
    *,
    room: str,
    journal: Path | None = None,
    settle: float = 60.0,
    field: list[str] | None = None,
    column: list[str] | None = None,
    header_line: int | None = None,
    sheet: str | None = None,
    encoding: str | None = None,
    confirmation: LaxBool = None,
    language: str | None = None,
    options: WriteOptions = WRITE,
) -> Output | None:
    """Register the people of a spreadsheet. It can be interrupted and run again.

    A journal records the progress, so that nobody is lost or registered twice. Exit code 3 means
    that some rows were not registered; they are listed with the reason.

    Parameters
    ----------
    file
        CSV file or workbook with the columns email, and first_name and last_name, or name. Their
        names in eleven languages are recognized.
    room
        Room id.
    journal
        File that records the progress (default: FILE.ROOM.journal).
    settle
        Seconds to wait before looking up registrations whose outcome is unknown.
    field
        Column that answers a field of the registration form, like "Company=company". Can be
        repeated.
    column
        Column whose name is not recognized, like "Adres=email"; for email, first_name, last_name or
        name. Can be repeated.
    header_line
        Line of the column names, if it is not the first.
    sheet
        Sheet of the workbook, if it is not the first one with people.
    encoding
        Encoding of the file, if it is not UTF-8 or UTF-16 with a mark, like cp1250.
    confirmation
        Have the provider send a confirmation to everyone.
    language
        Language of the confirmation, like en.
    """
    return PeopleImport(
        file=file,
        room=room,
        journal=journal or file.with_name(f"{file.name}.{quote(room, safe='')}.journal"),
        settle=settle,
        fields=parse_pairs(field, "--field"),
        columns=parse_pairs(column, "--column"),
        header_line=header_line,
        sheet=sheet,
        encoding=encoding,
        confirmation=confirmation,
        language=language,
    ).run(options)


def list_(room: str, /, *, options: ListOptions = LIST) -> Output | None:
    """List the registrations of a room.

    Parameters
    ----------
    room
        Room id.
    """
    return list_values(
        options,
        lambda conference: conference.participants(room),
        COLUMNS,
        find_zones=find_room_zone(room),
    )


def invite(
    room: str,
    email: list[str],
    /,
    *,
    role: Literal["host", "presenter", "attendee", "guest"] = "attendee",
    language: str | None = None,
    options: WriteOptions = WRITE,
) -> Output | None:
    """Have the provider send invitations by e-mail.

    Parameters
    ----------
    room
        Room id.
    email
        E-mail addresses.
    role
        Role of the invited people.
    language
        Language of the e-mail, like en.
    """
    return run_action(
        options,
        lambda conference: conference.invite(room, email, role=role, language=language),
        f"Invited {count_people(len(email))} to room {room}.",
    )
