"""Meetings, which VConnct keeps and which may be started any number of times."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from attrs import define, evolve

from conferencing.errors import UnsupportedOption
from conferencing.http import Id, Reply, deep_merge, without_none
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

from .base import WIRE, SettingRow, log_repeats, to_settings, write_settings

_STATUS = {True: RoomStatus.LIVE, False: RoomStatus.OPEN, None: RoomStatus.UNKNOWN}


@define
class MeetingRow:
    """A meeting. Lists have `is_running` and no settings; other replies the reverse."""

    meeting_id: Id
    title: str | None = None
    moderator_password: Any = None
    welcome_text: str | None = None
    is_running: bool | None = None
    meeting_setting: list[SettingRow] | None = None


def read_room(reply: Reply) -> Room:
    """Return a meeting that was changed; whether it runs is not in the reply."""
    return WIRE.record(reply, MeetingRow, _to_room, at="data")


def read_created_room(reply: Reply) -> Room:
    """Return a meeting that was just created, so that it cannot run yet."""
    return evolve(read_room(reply), status=RoomStatus.OPEN)


def read_rooms(reply: Reply) -> list[Room]:
    """Return all meetings, in their order."""
    rooms = WIRE.records(reply, MeetingRow, _to_room, at="data")
    log_repeats("meeting_id", [room.id for room in rooms])
    return rooms


def _to_room(row: MeetingRow, native: Native) -> Room:
    return Room(
        id=str(row.meeting_id),
        name=row.title or "",
        kind=RoomKind.MEETING,
        status=_STATUS[row.is_running],
        permanent=True,
        entry=_to_entry(row.moderator_password),
        description=row.welcome_text,
        settings=None if row.meeting_setting is None else to_settings(row.meeting_setting),
        native=native,
    )


def _to_entry(password: object) -> tuple[EntryRule, ...] | None:
    """Return how people enter; None for a password that cannot be read, which is not "open"."""
    if password is None or password == "":
        return (Anyone(),)
    return (Passcode(password, role=Role.HOST),) if isinstance(password, str) else None


def write_room(
    draft: RoomDraft, settings: RoomSettings, present: Room | None = None
) -> dict[str, Any]:
    """Return the body of a meeting, always with ten settings.

    A change has all four fields: what becomes of one that is left out is not documented
    (docs/vendors/vconnct.md#oddity-22).
    """
    changes = without_none(
        title=draft.name,
        moderator_password=host_passcode(draft.entry),
        welcome_text=draft.description,
    )
    fields: dict[str, Any] = {}
    if present is not None:
        fields = {
            "title": present.name,
            "moderator_password": _keep_passcode(present),
            "welcome_text": present.description or "",
        }
        # What the vendor does not report is not sent: an empty text would surely clear it.
        fields = {name: value for name, value in fields.items() if name in present.native}
    return deep_merge(
        fields | changes | {"meeting_setting": write_settings(settings)}, draft.native
    )


def _keep_passcode(room: Room) -> object:
    """Return the moderators' passcode of a room, as the vendor has it where it cannot be read."""
    passcode = host_passcode(room.entry)
    return room.native.get("moderator_password", "") if passcode is None else passcode


def host_passcode(entry: Sequence[EntryRule] | None) -> Secret | None:
    """Return the moderators' passcode, empty for a room without one; None if it is not set.

    The attendees' passcode belongs to a session (docs/vendors/vconnct.md#oddity-23). Raises
    `UnsupportedOption` for it.
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
                "vconnct keeps a passcode for hosts with a room, Passcode(..., role='host'); the one"
                " for attendees belongs to start_session(entry=...)",
                field="entry",
            )


def attendee_passcode(entry: Sequence[EntryRule] | None) -> Secret | None:
    """Return the attendees' passcode of a session; None for a session without one."""
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
