"""Rooms (api-doc, "Conferences"): replies as rooms, and drafts as forms."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final, cast

from attrs import define

from conferencing.errors import InvalidRequest
from conferencing.http import (
    Aware,
    Id,
    LaxBool,
    LaxInt,
    Link,
    Reply,
    deep_merge,
    to_bool,
    to_int,
    without_none,
)
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
from conferencing.model.zones import to_zone, zone_name, zone_of

from .base import WIRE, EmptyMap, unescape

ACCESS: Final = {EntryKind.OPEN: 1, EntryKind.PASSCODE: 2, EntryKind.TOKEN: 3}
SETTINGS: Final = {
    "auto_recording": "recorder_autostart_enabled",
    "encryption": "encryption_enabled",
}
_KINDS: Final = {"meeting": RoomKind.MEETING, "webinar": RoomKind.WEBINAR}
_ENTRIES: Final[Mapping[int | None, tuple[EntryRule, ...]]] = {
    ACCESS[EntryKind.OPEN]: (Anyone(),),
    ACCESS[EntryKind.TOKEN]: (PersonalToken(),),
}


@define
class SettingsRow:
    """A room's settings, each of them optional (docs/vendors/clickmeeting.md#oddity-11)."""

    recorder_autostart_enabled: LaxBool | None = None
    encryption_enabled: LaxBool | None = None


@define
class RoomRow:
    """A room; only a one-time room has start and end (docs/vendors/clickmeeting.md#oddity-9)."""

    id: Id
    name: str
    status: str
    room_type: str | None = None
    access_type: LaxInt | None = None
    permanent_room: LaxBool | None = None
    starts_at: Aware | None = None
    ends_at: Aware | None = None
    timezone: str | None = None
    password: str | None = None
    room_url: Link | None = None
    lobby_enabled: LaxBool | None = None
    lobby_description: str | None = None
    registration_enabled: LaxBool | None = None
    created_at: Aware | None = None
    updated_at: Aware | None = None
    settings: SettingsRow | EmptyMap | None = None


def read_created_room(reply: Reply, now: datetime) -> Room:
    """Return a new room; its wrapper is another one (docs/vendors/clickmeeting.md#oddity-4)."""
    return WIRE.record(reply, RoomRow, partial(_to_room, now=now), at="room")


def read_room(reply: Reply, now: datetime) -> Room:
    """Return one room, fetched or changed; whether it is scheduled depends on `now`."""
    return WIRE.record(reply, RoomRow, partial(_to_room, now=now), at="conference")


def read_rooms(reply: Reply, now: datetime) -> list[Room]:
    """Return a page of rooms: a list, or an object of rooms as the reference prints it."""
    build = partial(_to_room, now=now)
    if not reply.body.lstrip().startswith(b"{"):
        return WIRE.records(reply, RoomRow, build)
    rows = list(cast("dict[str, Any]", reply.json()).values())
    return WIRE.convert(reply, rows, RoomRow, build)


_make_room = fast_constructor(Room)
_make_settings = fast_constructor(RoomSettings)


def _to_room(row: RoomRow, native: Native, now: datetime) -> Room:
    return _make_room(
        id=str(row.id),
        name=unescape(row.name) or "",
        kind=_KINDS.get(row.room_type or "", RoomKind.UNKNOWN),
        status=_to_status(row, now),
        starts_at=to_zone(row.starts_at, row.timezone),
        # A duration is sent and never returned (docs/vendors/clickmeeting.md#oddity-6).
        duration=row.ends_at - row.starts_at if row.starts_at and row.ends_at else None,
        timezone=row.timezone,
        permanent=to_bool(row.permanent_room),
        entry=_to_entry(row),
        join_url=row.room_url,
        # There is no other description: docs/vendors/clickmeeting.md#rooms-create
        description=row.lobby_description,
        registration=to_bool(row.registration_enabled),
        waiting_room=to_bool(row.lobby_enabled),
        settings=_to_settings(row.settings),
        created_at=row.created_at,
        updated_at=row.updated_at,
        native=native,
    )


def _to_status(row: RoomRow, now: datetime) -> RoomStatus:
    """Return the status. The API has active and inactive, and not whether a session runs."""
    if row.status == "active":
        ahead = row.starts_at is not None and row.starts_at > now
        return RoomStatus.SCHEDULED if ahead else RoomStatus.OPEN
    return RoomStatus.ENDED if row.status == "inactive" else RoomStatus.UNKNOWN


def _to_entry(row: RoomRow) -> tuple[EntryRule, ...] | None:
    access = to_int(row.access_type)
    if access == ACCESS[EntryKind.PASSCODE] and row.password:
        return (Passcode(row.password),)
    return _ENTRIES.get(access)


def _to_settings(row: SettingsRow | list[Any] | None) -> RoomSettings | None:
    if not isinstance(row, SettingsRow):
        return None if row is None else RoomSettings()
    return _make_settings(
        auto_recording=to_bool(row.recorder_autostart_enabled),
        encryption=to_bool(row.encryption_enabled),
    )


def write_room(draft: RoomDraft, *, zone: str | None = None) -> dict[str, Any]:
    """Return the form for a draft; `zone` is the zone of an existing room."""
    settings = draft.settings
    fields = without_none(
        name=draft.name,
        room_type=draft.kind,
        permanent_room=draft.permanent,
        lobby_description=draft.description,
        lobby_enabled=draft.waiting_room,
        duration=None if draft.duration is None else _write_duration(draft.duration),
        status=None if draft.status is None else _write_status(draft.status),
        registration=None if draft.registration is None else {"enabled": draft.registration},
        settings=None if settings is None else without_none(
            **{key: getattr(settings, name) for name, key in SETTINGS.items()}
        ),
    )  # fmt: skip
    fields |= _write_access(draft.entry) | _write_start(draft, zone)
    return deep_merge(fields, draft.native)


def _write_access(entry: tuple[EntryRule, ...] | None) -> dict[str, Any]:
    if entry is None:
        return {}
    rule = entry[0]
    password = rule.code if isinstance(rule, Passcode) else None
    return without_none(access_type=ACCESS[rule.kind], password=password)


def _write_start(draft: RoomDraft, present: str | None) -> dict[str, Any]:
    """Return the start in the room's zone, or with its offset if no zone is known.

    Without either, the vendor takes the account's zone (docs/vendors/clickmeeting.md#times).
    """
    start = draft.starts_at
    zone = draft.timezone or zone_name(start) or present
    if start is None:
        return without_none(timezone=draft.timezone)
    if zone is None:
        return {"starts_at": start.isoformat(timespec="seconds")}
    local = start.astimezone(zone_of(zone))
    # A time that occurs twice, when clocks are set back, has to be sent with its offset.
    twice = local.utcoffset() != local.replace(fold=1 - local.fold).utcoffset()
    text = local.isoformat(timespec="seconds") if twice else f"{local:%Y-%m-%d %H:%M:%S}"
    return {"starts_at": text, "timezone": zone}


def _write_duration(duration: timedelta) -> str:
    """Return `H:MM`; a number alone would be hours (docs/vendors/clickmeeting.md#oddity-6)."""
    minutes, rest = divmod(duration, timedelta(minutes=1))
    if rest or not minutes:
        raise InvalidRequest(
            f"duration is {duration}; ClickMeeting plans in whole minutes", field="duration"
        )
    return f"{minutes // 60}:{minutes % 60:02}"


def _write_status(status: RoomStatus) -> str:
    if status in {RoomStatus.OPEN, RoomStatus.ENDED}:
        return "active" if status is RoomStatus.OPEN else "inactive"
    raise InvalidRequest(
        f"status is {status}; on ClickMeeting it can be set to open (active) or ended (inactive)",
        field="status",
    )


def read_time_zones(reply: Reply) -> list[str]:
    """Return the names of time zones."""
    return WIRE.read(reply, list[str])
