"""Rooms (api-doc, Conferences): the rows, and drafts as forms."""

from __future__ import annotations

import html
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final, cast
from zoneinfo import ZoneInfo

from attrs import define

from conferencing.errors import InvalidRequest
from conferencing.http import Id, LaxBool, LaxInt, deep_merge, without_none
from conferencing.model import (
    Anyone,
    EntryKind,
    EntryRule,
    Passcode,
    PersonalToken,
    Room,
    RoomKind,
    RoomSettings,
    RoomStatus,
)
from conferencing.model.drafts import RoomDraft
from conferencing.model.fast import fast_constructor
from conferencing.model.native import Native

from .base import SECRET, WIRE, SettingsRow

ACCESS: Final = {EntryKind.OPEN: 1, EntryKind.PASSCODE: 2, EntryKind.TOKEN: 3}
SETTINGS: Final = {
    "auto_recording": "recorder_autostart_enabled",
    "encryption": "encryption_enabled",
}


@define
class RoomRow:
    """A room (api-doc, Conferences). `starts_at` and `ends_at` are there for one-time rooms only."""

    id: Id
    name: str
    status: str
    room_type: str = ""
    access_type: LaxInt | None = None
    permanent_room: LaxBool | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    timezone: str | None = None
    password: str | None = None
    room_url: str | None = None
    lobby_enabled: LaxBool | None = None
    lobby_description: str | None = None
    registration_enabled: LaxBool | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None
    settings: SettingsRow | None = None


@define
class Created:
    room: RoomRow


@define
class Fetched:
    conference: RoomRow


def created_room(payload: Any, now: datetime) -> Room:
    """Read the reply to a creation; the room is below `room`."""
    return _room(WIRE.read(payload, Created).room, Native(payload["room"], SECRET), now)


def fetched_room(payload: Any, now: datetime) -> Room:
    """Read one room; it is below `conference`."""
    row = WIRE.read(payload, Fetched).conference
    return _room(row, Native(payload["conference"], SECRET), now)


def rooms(payload: Any, now: datetime) -> list[Room]:
    """Read a page of rooms: a list, or the object of unnamed objects that the reference prints."""
    listed = (
        list(cast("dict[str, Any]", payload).values()) if isinstance(payload, dict) else payload
    )
    return [_room(row, native, now) for row, native in WIRE.rows(listed, RoomRow, SECRET)]


_made_room = fast_constructor(Room)
_made_settings = fast_constructor(RoomSettings)
_KINDS: Final = {"meeting": RoomKind.MEETING, "webinar": RoomKind.WEBINAR}
_ENTRIES: Final[Mapping[int, tuple[EntryRule, ...]]] = {1: (Anyone(),), 3: (PersonalToken(),)}


def _room(row: RoomRow, native: Native, now: datetime) -> Room:
    return _made_room(
        id=row.id,
        name=html.unescape(row.name),
        kind=_KINDS.get(row.room_type, RoomKind.UNKNOWN),
        status=_status(row, now),
        starts_at=row.starts_at,
        duration=row.ends_at - row.starts_at if row.starts_at and row.ends_at else None,
        timezone=row.timezone,
        permanent=row.permanent_room,
        entry=_entry(row),
        join_url=row.room_url,
        description=row.lobby_description,
        registration=row.registration_enabled,
        waiting_room=row.lobby_enabled,
        settings=_settings(row.settings),
        created_at=row.created_at,
        updated_at=row.updated_at,
        native=native,
    )


def _status(row: RoomRow, now: datetime) -> RoomStatus:
    """ClickMeeting knows active and inactive; whether a session runs cannot be told."""
    if row.status == "active":
        ahead = row.starts_at is not None and row.starts_at > now
        return RoomStatus.SCHEDULED if ahead else RoomStatus.OPEN
    return RoomStatus.ENDED if row.status == "inactive" else RoomStatus.UNKNOWN


def _entry(row: RoomRow) -> tuple[EntryRule, ...] | None:
    if row.access_type == ACCESS[EntryKind.PASSCODE] and row.password:
        return (Passcode(row.password),)
    return _ENTRIES.get(row.access_type or 0)


def _settings(row: SettingsRow | None) -> RoomSettings | None:
    if row is None:
        return None
    return _made_settings(**{name: getattr(row, key) for name, key in SETTINGS.items()})


def room_form(draft: RoomDraft, *, zone: str | None = None) -> dict[str, Any]:
    """Write a draft as a form; `zone` is that of the room as it is."""
    settings = draft.settings
    fields = without_none(
        name=draft.name,
        room_type=draft.kind,
        permanent_room=draft.permanent,
        lobby_description=draft.description,
        lobby_enabled=draft.waiting_room,
        duration=None if draft.duration is None else hours_and_minutes(draft.duration),
        status=None if draft.status is None else _active(draft.status),
        registration=None if draft.registration is None else {"enabled": draft.registration},
        settings=None if settings is None else {
            key: getattr(settings, name)
            for name, key in SETTINGS.items()
            if getattr(settings, name) is not None
        },
    )  # fmt: skip
    fields |= _access(draft.entry) | _start(draft, zone)
    return deep_merge(fields, draft.native)


def _access(entry: tuple[EntryRule, ...] | None) -> dict[str, Any]:
    if entry is None:
        return {}
    rule = entry[0]
    return without_none(
        access_type=ACCESS[rule.kind], password=rule.code if isinstance(rule, Passcode) else None
    )


def _start(draft: RoomDraft, present: str | None) -> dict[str, Any]:
    """Write the start in the room's zone, or with its offset if no zone is known.

    A naive time alone would be read in the account's zone; one that comes twice, when clocks go
    back, is written with its offset too.
    """
    start = draft.starts_at
    zone = draft.timezone or (
        start.tzinfo.key if start and isinstance(start.tzinfo, ZoneInfo) else present
    )
    if start is None:
        return without_none(timezone=draft.timezone)
    if zone is None:
        return {"starts_at": start.isoformat(timespec="seconds")}
    local = start.astimezone(ZoneInfo(zone))
    twice = local.utcoffset() != local.replace(fold=1 - local.fold).utcoffset()
    text = local.isoformat(timespec="seconds") if twice else f"{local:%Y-%m-%d %H:%M:%S}"
    return {"starts_at": text, "timezone": zone}


def hours_and_minutes(duration: timedelta) -> str:
    """Write `H:MM`. Raises `InvalidRequest` for seconds: ClickMeeting plans in whole minutes."""
    minutes, rest = divmod(duration, timedelta(minutes=1))
    if rest or not minutes:
        raise InvalidRequest(
            f"duration is {duration}; ClickMeeting plans in whole minutes", field="duration"
        )
    return f"{minutes // 60}:{minutes % 60:02}"


def _active(status: RoomStatus) -> str:
    if status in {RoomStatus.OPEN, RoomStatus.ENDED}:
        return "active" if status is RoomStatus.OPEN else "inactive"
    raise InvalidRequest(
        f"status is {status}; ClickMeeting can be told open (on) and ended (off)", field="status"
    )
