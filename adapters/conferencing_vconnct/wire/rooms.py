"""Meetings: what VConnct keeps, and starts as often as one likes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from attrs import define, evolve

from conferencing.errors import UnsupportedOption
from conferencing.http import Id, deep_merge
from conferencing.model import (
    Anyone,
    EntryRule,
    Passcode,
    Role,
    Room,
    RoomKind,
    RoomSettings,
    RoomStatus,
)
from conferencing.model.drafts import RoomDraft
from conferencing.model.native import Native
from conferencing.model.secret import Secret

from .base import SECRET, WIRE, SettingRow, note_repeats, setting_rows, settings_of

_STATUS = {True: RoomStatus.LIVE, False: RoomStatus.OPEN, None: RoomStatus.UNKNOWN}


@define
class MeetingRow:
    """A meeting. Lists say whether it runs and not its settings; other replies the reverse."""

    meeting_id: Id
    title: str | None = None
    moderator_password: str | None = None
    welcome_text: str | None = None
    is_running: bool | None = None
    meeting_setting: list[SettingRow] | None = None


@define
class MeetingReply:
    data: MeetingRow


@define
class MeetingsReply:
    data: list[MeetingRow]


def room(payload: Any) -> Room:
    """Read a meeting that was created or changed; whether it runs is not told."""
    return _room(WIRE.read(payload, MeetingReply).data, Native(payload["data"], SECRET))


def created(payload: Any) -> Room:
    """Read a meeting that was made just now, so that it cannot run yet."""
    return evolve(room(payload), status=RoomStatus.OPEN)


def rooms(payload: Any) -> list[Room]:
    """Read all meetings, in their order."""
    rows = WIRE.read(payload, MeetingsReply).data
    note_repeats("meeting_id", [row.meeting_id for row in rows])
    natives = Native.each(payload["data"], SECRET)
    return [_room(row, native) for row, native in zip(rows, natives, strict=True)]


def _room(row: MeetingRow, native: Native) -> Room:
    code = row.moderator_password
    return Room(
        id=row.meeting_id,
        name=row.title or "",
        kind=RoomKind.MEETING,
        status=_STATUS[row.is_running],
        permanent=True,
        entry=(Passcode(code, role=Role.HOST),) if code else (Anyone(),),
        description=row.welcome_text,
        settings=None if row.meeting_setting is None else settings_of(row.meeting_setting),
        native=native,
    )


def meeting(
    draft: RoomDraft, settings: RoomSettings, present: Room | None = None
) -> dict[str, Any]:
    """Write a meeting, always with ten settings.

    A change has all four fields: what becomes of one that is left out, nobody says (oddity 22).
    """
    texts: dict[str, Any] = {
        "title": draft.name,
        "moderator_password": host_passcode(draft.entry),
        "welcome_text": draft.description,
    }
    kept: dict[str, Any] = {}
    if present is not None:
        kept = {
            "title": present.name,
            "moderator_password": host_passcode(present.entry) or "",
            "welcome_text": present.description or "",
        }
    said = kept | {name: value for name, value in texts.items() if value is not None}
    return deep_merge(said | {"meeting_setting": setting_rows(settings)}, draft.native)


def host_passcode(entry: Sequence[EntryRule] | None) -> Secret | None:
    """Return the moderators' passcode, empty for a room that asks for none; None if not said.

    The attendees' passcode belongs to a session (oddity 23). Raises `UnsupportedOption` for it.
    """
    match tuple(entry or ()):
        case ():
            return None
        case (Anyone(),):
            return Secret("")
        case (Passcode(role=Role.HOST, code=code),):
            return code
        case _:
            raise UnsupportedOption(
                "vconnct keeps a passcode for hosts with a room, Passcode(..., role='host'); the"
                " attendees' is given to start_session(entry=...)",
                field="entry",
            )


def attendee_passcode(entry: Sequence[EntryRule] | None) -> Secret | None:
    """Return the attendees' passcode of a session; None for a session that asks for none."""
    match tuple(entry or ()):
        case () | (Anyone(),):
            return None
        case (Passcode(role=None | Role.ATTENDEE, code=code),):
            return code
        case _:
            raise UnsupportedOption(
                "a session of vconnct takes one passcode for attendees, Passcode(...)",
                field="entry",
            )
