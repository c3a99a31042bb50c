"""Rooms: what the library keeps of them, the call that creates a meeting, and meetings that exist.

docs/vendors/bigbluebutton.md#create
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec
from attrs import define, evolve, frozen
from msgspec import Struct, field

from conferencing.errors import InvalidRequest
from conferencing.http import Id, LaxBool, LaxInt, Reply, to_bool, to_int
from conferencing.model import Room, RoomKind, RoomSettings, RoomStatus
from conferencing.model.drafts import RoomDraft
from conferencing.model.native import Native
from conferencing.model.zones import to_zone, zone_name

from .base import WIRE, find_rows, read_response, session_id

__all__ = [
    "Meeting",
    "MeetingRow",
    "Run",
    "StoredRoom",
    "change_room",
    "new_room",
    "read_created",
    "read_meeting",
    "read_meetings",
    "read_stored",
    "to_room",
    "write_create",
    "write_stored",
]

PEOPLE_MAY: Final[Mapping[str, str]] = {
    "public_chat": "lockSettingsDisablePublicChat",
    "private_chat": "lockSettingsDisablePrivateChat",
    "microphone": "lockSettingsDisableMic",
    "camera": "lockSettingsDisableCam",
    "see_cameras": "webcamsOnlyForModerator",
    "shared_notes": "lockSettingsDisableNotes",
}
"""What attendees may use, by the parameter that takes it away."""

SWITCHES: Final[Mapping[str, str]] = {
    "recording": "record",
    "auto_recording": "autoStartRecording",
    "recording_control": "allowStartStopRecording",
}

ID_LENGTHS: Final = range(2, 257)  # docs/vendors/bigbluebutton.md#general
DUPLICATE: Final = "duplicateWarning"
_OWN: Final = ("description", "duration", "waiting_room", "capacity", "settings")


# ----------------------------------------------------------------------------- what is kept of them


class StoredRoom(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A room as the account's store keeps it. `native` are further parameters of `create`."""

    id: str
    created_at: datetime
    updated_at: datetime
    name: str = ""
    description: str | None = None
    starts_at: datetime | None = None
    duration: timedelta | None = None
    timezone: str | None = None
    waiting_room: bool | None = None
    capacity: int | None = None
    settings: RoomSettings | None = None
    native: dict[str, str | int | bool] = field(default_factory=dict[str, str | int | bool])


def new_room(draft: RoomDraft, room_id: str, now: datetime) -> StoredRoom:
    """Return a room of a draft. `native` may have the `meetingID` that another program uses."""
    native = _check_native(draft.native)
    chosen = str(native.pop("meetingID", room_id))
    # Listings take several ids with commas between them: docs/vendors/bigbluebutton.md#recordings
    if "," in chosen or len(chosen) not in ID_LENGTHS:
        raise InvalidRequest(
            f"native has the meetingID {chosen[:100]!r}; it has 2 to 256 characters and no comma",
            field="native",
        )
    room = StoredRoom(id=chosen, created_at=now, updated_at=now, name=draft.name or "")
    return change_room(room, draft=evolve(draft, native=native), now=now)


def change_room(room: StoredRoom, *, draft: RoomDraft, now: datetime) -> StoredRoom:
    """Return the room with what is set in a draft. Raises `InvalidRequest` if no meeting can have it."""
    changes = {name: value for name in _OWN if (value := getattr(draft, name)) is not None}
    if draft.settings is not None and room.settings is not None:
        changes["settings"] = _merge_settings(room.settings, draft.settings)
    if draft.name is not None:
        changes["name"] = draft.name
    if draft.timezone is not None:
        changes["timezone"] = draft.timezone
    if draft.starts_at is not None:
        changes["starts_at"] = draft.starts_at
        changes["timezone"] = draft.timezone or zone_name(draft.starts_at) or room.timezone
    native = {**room.native, **_check_native(draft.native)}
    changed = msgspec.structs.replace(room, updated_at=now, native=native, **changes)
    write_create(changed)  # now rather than when somebody wants to enter
    return changed


def _merge_settings(settings: RoomSettings, changes: RoomSettings) -> RoomSettings:
    names = (*PEOPLE_MAY, *SWITCHES)
    chosen = {name: value for name in names if (value := getattr(changes, name)) is not None}
    return evolve(settings, **chosen)


def _check_native(native: Mapping[str, Any]) -> dict[str, str | int | bool]:
    for name, value in native.items():
        if not isinstance(value, str | int):
            raise InvalidRequest(
                f"native has {name!r}; a parameter of create is a string, a whole number or a"
                " boolean (metadata is 'meta_<name>')",
                field="native",
            )
    return dict(native)


def write_stored(room: StoredRoom) -> Any:
    """Return the document of a room."""
    return msgspec.to_builtins(room)


def read_stored(document: object) -> StoredRoom:
    """Return the room of a document."""
    return msgspec.convert(document, StoredRoom)


# ------------------------------------------------------------------------------------------- create


def write_create(
    room: StoredRoom,
    *,
    title: str | None = None,
    callback_url: str | None = None,
    native: Mapping[str, Any] | None = None,
) -> dict[str, str]:
    """Return the query of `create`.

    The planned duration is not sent: the server would end the meeting after it, with everybody in
    it. docs/vendors/bigbluebutton.md#oddity-15
    """
    parameters: dict[str, Any] = {
        "name": title or room.name,
        "meetingID": room.id,
        "welcome": _write_welcome(room.description),
        "maxParticipants": room.capacity,
        "guestPolicy": _write_policy(room.waiting_room),
        **_write_settings(room.settings or RoomSettings()),
        **_write_callbacks(callback_url),
        **room.native,
        **_check_native(native or {}),
    }
    return {name: _write(name, value) for name, value in parameters.items() if value is not None}


def _write(name: str, value: str | int | bool) -> str:
    """Return a parameter's text: booleans are exactly `true` or `false`.

    Raises `InvalidRequest` for control characters, which the server would leave out.
    """
    text = str(value).lower() if isinstance(value, bool) else str(value)
    if any(letter < " " for letter in text):
        raise InvalidRequest(
            f"{name} has a control character, which BigBlueButton does not take", field=name
        )
    return text


def _write_welcome(text: str | None) -> str | None:
    """Return the welcome text, which is shown as HTML, with its ends of lines as `<br>`."""
    return None if text is None else "<br>".join(text.splitlines())


def _write_policy(waiting_room: bool | None) -> str | None:
    if waiting_room is None:
        return None
    return "ASK_MODERATOR" if waiting_room else "ALWAYS_ACCEPT"


def _write_settings(settings: RoomSettings) -> dict[str, bool]:
    allowed = {parameter: getattr(settings, name) for name, parameter in PEOPLE_MAY.items()}
    locks = {parameter: not may for parameter, may in allowed.items() if may is not None}
    switches = {parameter: getattr(settings, name) for name, parameter in SWITCHES.items()}
    return locks | {parameter: on for parameter, on in switches.items() if on is not None}


def _write_callbacks(url: str | None) -> dict[str, Any]:
    """Return the callbacks about attendance and recordings. Attendance needs the kept events."""
    if url is None:
        return {}
    return {
        # Without the unsigned call-back at the end: docs/vendors/bigbluebutton.md#callbacks
        "meta_analytics-callback-url": url,
        "meta_bbb-recording-ready-url": url,
        "meetingKeepEvents": True,
    }


@frozen(kw_only=True)
class Run:
    """One life of a meeting: its session, and what links into it need.

    `internal` and `create_time` are None if the server does not say them.
    """

    meeting: str
    name: str = ""
    internal: str | None = None
    create_time: int | None = None
    attendee_password: str | None = None
    moderator_password: str | None = None

    @property
    def session_id(self) -> str | None:
        """The id of the session."""
        return session_id(self.meeting, self.internal) if self.internal else None


@define
class CreatedRow:
    """The reply to `create`, and to its repetition; nothing of it is lost if a field is odd."""

    meetingID: str | None = None  # noqa: N815 - the vendor's spelling
    internalMeetingID: str | None = None  # noqa: N815
    createTime: LaxInt | None = None  # noqa: N815
    attendeePW: str | None = None  # noqa: N815
    moderatorPW: str | None = None  # noqa: N815
    messageKey: str | None = None  # noqa: N815


def read_created(reply: Reply, *, meeting: str, name: str) -> Run:
    """Return the run of a meeting that was created, or existed already, perhaps by another name."""
    row = WIRE.convert_value(read_response(reply), CreatedRow)
    return Run(
        meeting=meeting,
        # The meeting that exists keeps its name: docs/vendors/bigbluebutton.md#create
        name="" if row.messageKey == DUPLICATE else name,
        internal=row.internalMeetingID or None,
        create_time=to_int(row.createTime),
        attendee_password=row.attendeePW or None,
        moderator_password=row.moderatorPW or None,
    )


# ------------------------------------------------------------------------------- meetings that exist


@define
class MeetingRow:
    """A meeting that exists on the server (docs/vendors/bigbluebutton.md#monitoring)."""

    # Not read: createDate, which is localized text (docs/vendors/bigbluebutton.md#oddity-8), and
    # recording, which only says that it is allowed (docs/vendors/bigbluebutton.md#oddity-9).
    meetingID: Id  # noqa: N815 - the vendor's spelling
    internalMeetingID: str  # noqa: N815
    meetingName: str | None = None  # noqa: N815
    createTime: LaxInt | None = None  # noqa: N815
    running: LaxBool | None = None
    maxUsers: LaxInt | None = None  # noqa: N815
    attendeePW: str | None = None  # noqa: N815
    moderatorPW: str | None = None  # noqa: N815


@frozen(kw_only=True)
class Meeting:
    """A meeting that exists, with its native mapping. It exists before anybody is in it."""

    row: MeetingRow
    native: Native

    @property
    def id(self) -> str:
        """The id that the application gave it, which is that of its room."""
        return str(self.row.meetingID)

    @property
    def run(self) -> Run:
        """The present life of the meeting."""
        row = self.row
        return Run(
            meeting=self.id,
            name=row.meetingName or "",
            internal=row.internalMeetingID,
            create_time=to_int(row.createTime),
            attendee_password=row.attendeePW or None,
            moderator_password=row.moderatorPW or None,
        )


def read_meeting(reply: Reply) -> Meeting:
    """Return a meeting."""
    response = read_response(reply)
    row = WIRE.convert_value(response, MeetingRow)
    return Meeting(row=row, native=Native(response, WIRE.secret))


def read_meetings(reply: Reply) -> list[Meeting]:
    """Return the meetings that exist on the server, whoever created them."""
    rows = find_rows(read_response(reply), "meetings", "meeting")
    return WIRE.convert(reply, rows, MeetingRow, _to_meeting, "meetings.meeting")


def _to_meeting(row: MeetingRow, native: Native) -> Meeting:
    return Meeting(row=row, native=native)


def to_room(room: StoredRoom | None, meeting: Meeting | None, now: datetime) -> Room:
    """Return a room of the store, of the server, or of both. Raises `ValueError` without either."""
    if room is None and meeting is None:
        raise ValueError("a room is in the store or on the server")
    if room is None and meeting is not None:
        return Room(
            id=meeting.id,
            name=meeting.row.meetingName or "",
            kind=RoomKind.MEETING,
            status=_to_status(None, meeting, now),
            # 0 means that there is no limit: docs/vendors/bigbluebutton.md#create
            capacity=to_int(meeting.row.maxUsers) or None,
            native=meeting.native,
        )
    assert room is not None  # noqa: S101 - checked above
    return Room(
        id=room.id,
        name=room.name,
        kind=RoomKind.MEETING,
        status=_to_status(room.starts_at, meeting, now),
        starts_at=to_zone(room.starts_at, room.timezone),
        duration=room.duration,
        timezone=room.timezone,
        description=room.description,
        waiting_room=room.waiting_room,
        capacity=room.capacity,
        settings=room.settings,
        created_at=room.created_at,
        updated_at=room.updated_at,
        native=meeting.native if meeting else Native(write_create(room), WIRE.secret),
    )


def _to_status(starts_at: datetime | None, meeting: Meeting | None, now: datetime) -> RoomStatus:
    """Return the status. One that exists is not live before somebody is in it.

    docs/vendors/bigbluebutton.md#oddity-3
    """
    if meeting is not None and to_bool(meeting.row.running):
        return RoomStatus.LIVE
    ahead = starts_at is not None and starts_at > now
    return RoomStatus.SCHEDULED if ahead else RoomStatus.OPEN
