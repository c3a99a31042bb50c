"""Meetings and webinars: replies as rooms, and drafts as JSON (docs/vendors/zoom.md#rooms)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Final

from attrs import define

from conferencing.errors import InvalidRequest, MalformedResponse, UnsupportedOption
from conferencing.http import (
    Aware,
    Id,
    LaxInt,
    Link,
    Reply,
    deep_merge,
    to_int,
    without_none,
    write_utc,
)
from conferencing.model import (
    Anyone,
    EntryRule,
    JoinLink,
    Occurrence,
    Passcode,
    Person,
    Role,
    Room,
    RoomKind,
    RoomSettings,
    RoomStatus,
    parse_recurrence,
)
from conferencing.model.drafts import RoomDraft
from conferencing.model.native import Native
from conferencing.model.zones import to_zone, zone_name

from .base import WIRE, room_id
from .recurrence import RecurrenceRow, read_recurrence, write_recurrence

__all__ = [
    "LISTS",
    "RoomRow",
    "find_ignored",
    "read_host_link",
    "read_invite_link",
    "read_room",
    "read_room_row",
    "read_rooms",
    "to_room",
    "write_room",
]

PERMANENT: Final = frozenset({3, 6})  # recurring without a fixed time (docs/vendors/zoom.md#rooms)
PLAIN: Final = {RoomKind.MEETING: 2, RoomKind.WEBINAR: 5}
LISTS: Final[Mapping[RoomStatus | None, Mapping[RoomKind, Mapping[str, str]]]] = {
    None: {
        RoomKind.MEETING: {"type": "scheduled"},
        RoomKind.WEBINAR: {"type": "scheduled"},
    },
    # Webinars have neither a list of live ones nor a status (docs/vendors/zoom.md#rooms-reply).
    RoomStatus.LIVE: {RoomKind.MEETING: {"type": "live"}},
    RoomStatus.SCHEDULED: {
        RoomKind.MEETING: {"type": "upcoming"},
        RoomKind.WEBINAR: {"type": "upcoming"},
    },
    RoomStatus.ENDED: {
        RoomKind.MEETING: {"type": "previous_meetings"},
        RoomKind.WEBINAR: {"type": "scheduled"},  # there is no list of previous webinars
    },
}
"""Which lists have the rooms of a status."""

_RECORDED: Final = {"cloud": True, "local": True, "none": False}
HOST_LINK: Final = timedelta(hours=2)
"""How long a host's link is valid (docs/vendors/zoom.md#rooms-reply)."""


@define
class SettingsRow:
    """The settings that the model knows; lists of rooms have none."""

    approval_type: LaxInt | None = None
    waiting_room: bool | None = None
    auto_recording: str | None = None
    encryption_type: str | None = None
    meeting_authentication: bool | None = None


@define
class OccurrenceRow:
    """One planned date; its id is the time of its start in milliseconds."""

    occurrence_id: Id
    start_time: Aware | None = None
    duration: LaxInt | None = None
    status: str | None = None


@define
class RoomRow:
    """A meeting or a webinar; only the id and the type are always there."""

    id: Id  # text in some events, else a number (docs/vendors/zoom.md#oddity-12)
    type: LaxInt | None = None
    uuid: str | None = None  # of the running run, or of the next one (docs/vendors/zoom.md#rooms)
    host_id: str | None = None
    host_email: str | None = None
    topic: str | None = None
    agenda: str | None = None
    status: str | None = None
    start_time: Aware | None = None
    duration: LaxInt | None = None
    timezone: str | None = None
    created_at: Aware | None = None
    join_url: Link | None = None
    start_url: Link | None = None
    password: str | None = None
    encrypted_password: str | None = None
    encrypted_passcode: str | None = None
    settings: SettingsRow | None = None
    recurrence: RecurrenceRow | None = None
    occurrences: list[OccurrenceRow] | None = None


def read_room_row(reply: Reply) -> RoomRow:
    """Return the row itself, of which some operations need what the model lacks."""
    return WIRE.read(reply, RoomRow)


def read_room(reply: Reply, *, kind: RoomKind, now: datetime) -> Room:
    """Return one room."""
    return WIRE.record(reply, RoomRow, partial(to_room, kind=kind, now=now))


def read_rooms(reply: Reply, *, kind: RoomKind, now: datetime) -> list[Room]:
    """Return a page of rooms, which lack settings, passcodes and occurrences."""
    build = partial(to_room, kind=kind, now=now)
    return WIRE.records(reply, RoomRow, build, f"{kind.value}s")


def to_room(row: RoomRow, native: Native, *, kind: RoomKind, now: datetime) -> Room:
    """Return a room, as far as it is in the row."""
    settings = row.settings
    approval = to_int(settings.approval_type) if settings else None
    occurrences = tuple(_to_occurrence(date, row.timezone) for date in row.occurrences or ())
    first = next((date.starts_at for date in occurrences if not date.cancelled), None)
    return Room(
        id=room_id(kind, row.id),
        name=row.topic or "",
        kind=kind,
        status=_to_status(row, occurrences, now),
        starts_at=to_zone(row.start_time, row.timezone) or first,
        duration=_to_minutes(row.duration),
        timezone=row.timezone,
        permanent=None if row.type is None else to_int(row.type) in PERMANENT,
        entry=_to_entry(row),
        join_url=row.join_url,
        # Lists cut it at 250 characters (docs/vendors/zoom.md#oddity-8).
        description=row.agenda or None,
        # 2 is no registration, and the default (docs/vendors/zoom.md#fields).
        registration=None if approval is None else approval in {0, 1},
        approval=None if approval is None else approval == 1,
        waiting_room=settings.waiting_room if settings else None,
        settings=_to_settings(settings),
        host=Person(email=row.host_email) if row.host_email else None,
        recurrence=read_recurrence(row.recurrence),
        occurrences=occurrences,
        created_at=row.created_at,
        native=native,
    )


def _to_minutes(value: int | str | None) -> timedelta | None:
    minutes = to_int(value)
    return None if minutes is None else timedelta(minutes=minutes)


def _to_occurrence(row: OccurrenceRow, timezone: str | None) -> Occurrence:
    return Occurrence(
        id=str(row.occurrence_id),
        starts_at=to_zone(row.start_time, timezone),
        duration=_to_minutes(row.duration),
        cancelled=row.status == "deleted",
    )


def _to_status(row: RoomRow, dates: tuple[Occurrence, ...], now: datetime) -> RoomStatus:
    """Return the status: meetings report whether they run; the rest is told by the clock."""
    if row.status == "started":
        return RoomStatus.LIVE
    if to_int(row.type) in PERMANENT:
        return RoomStatus.OPEN
    planned = [(date.starts_at, date.duration) for date in dates if not date.cancelled]
    planned = planned or [(row.start_time, _to_minutes(row.duration))]
    starts = [start for start, _ in planned if start is not None]
    if not starts:
        return RoomStatus.UNKNOWN  # an instant meeting, or an event without times
    if min(starts) > now:
        return RoomStatus.SCHEDULED
    ends = [start + (duration or timedelta()) for start, duration in planned if start is not None]
    return RoomStatus.ENDED if max(ends) <= now else RoomStatus.OPEN


def _to_entry(row: RoomRow) -> tuple[EntryRule, ...] | None:
    """Return how people enter: unknown in lists, and where a sign-in is asked for."""
    if row.settings is None or row.settings.meeting_authentication:
        return None
    if row.password:
        return (Passcode(row.password),)
    # A room without a passcode has none of the fields; one that cannot be read is unknown.
    return None if row.encrypted_password or row.encrypted_passcode else (Anyone(),)


def _to_settings(row: SettingsRow | None) -> RoomSettings | None:
    if row is None:
        return None
    encryption = row.encryption_type
    return RoomSettings(
        auto_recording=_RECORDED.get(row.auto_recording or ""),
        encryption=None if encryption is None else encryption == "e2ee",
    )


# ------------------------------------------------------------------------------------------- links


@define
class InviteLinkRow:
    """A link for one person, who is known to Zoom by name only."""

    join_url: Link
    name: str | None = None


def read_host_link(reply: Reply, person: Person | None, now: datetime) -> JoinLink:
    """Return the link that opens the room as its host, whoever follows it."""
    row = WIRE.read(reply, RoomRow)
    if not row.start_url:
        raise MalformedResponse("the reply has no link for the host", path="$.start_url")
    return JoinLink(url=row.start_url, role=Role.HOST, person=person, expires_at=now + HOST_LINK)


def read_invite_link(reply: Reply, person: Person, expires_at: datetime) -> JoinLink:
    """Return the one link of a reply to a request for one."""
    row, *_ = WIRE.read(reply, list[InviteLinkRow], "attendees")
    return JoinLink(
        url=row.join_url, role=Role.ATTENDEE, personal=True, person=person, expires_at=expires_at
    )


# ------------------------------------------------------------------------------------------ drafts


def write_room(draft: RoomDraft, kind: RoomKind, *, update: bool = False) -> dict[str, Any]:
    """Return the body for a draft, or for changes to a room."""
    fields = without_none(
        topic=draft.name,
        agenda=draft.description,
        type=_write_type(draft, kind, update=update),
        start_time=_write_time(draft.starts_at),
        duration=_write_duration(draft.duration),
        timezone=_write_zone(draft),
        template_id=draft.template,
        recurrence=_write_recurrence(draft, kind),
        settings=_write_settings(draft) or None,
        **_write_entry(draft.entry, kind, update=update),
    )
    return deep_merge(fields, draft.native)


def _write_type(draft: RoomDraft, kind: RoomKind, *, update: bool) -> int | None:
    if draft.permanent and draft.recurrence:
        raise UnsupportedOption(
            "a Zoom room is permanent or recurs, not both", field="recurrence", provider="zoom"
        )
    # An update would drop it and answer 204 all the same (docs/vendors/zoom.md#oddity-2).
    if draft.permanent and draft.registration:
        raise UnsupportedOption(
            "Zoom has no registration for permanent rooms", field="registration", provider="zoom"
        )
    # Meetings are 2, 3 or 8, webinars 5, 6 or 9 (docs/vendors/zoom.md#rooms).
    offset = 0 if kind is RoomKind.MEETING else 3
    if draft.permanent:
        return 3 + offset
    if draft.recurrence:
        return 8 + offset // 3
    return None if update and draft.permanent is None else 2 + offset


def _write_zone(draft: RoomDraft) -> str | None:
    """Return the zone, in which Zoom also reads the days of a rule: without one, in the host's."""
    name, start = draft.timezone or zone_name(draft.starts_at), draft.starts_at
    if name is not None or start is None or draft.recurrence is None:
        return name
    if start.tzinfo is UTC:
        return "UTC"
    raise InvalidRequest(
        "a recurring Zoom room needs the zone of its days: pass timezone, such as 'Europe/Warsaw'",
        field="timezone",
    )


def _write_time(moment: datetime | None) -> str | None:
    # With a Z it is UTC, whatever `timezone` says (docs/vendors/zoom.md#times).
    return None if moment is None else write_utc(moment)


def _write_duration(duration: timedelta | None) -> int | None:
    minutes, rest = divmod(duration or timedelta(), timedelta(minutes=1))
    if rest:
        raise InvalidRequest(
            f"duration is {duration}; Zoom plans in whole minutes", field="duration"
        )
    return minutes or None


def _write_recurrence(draft: RoomDraft, kind: RoomKind) -> Mapping[str, Any] | None:
    if draft.recurrence is None:
        return None
    start = to_zone(draft.starts_at, draft.timezone)
    return write_recurrence(parse_recurrence(draft.recurrence), start, kind)


def _write_settings(draft: RoomDraft) -> dict[str, Any]:
    settings = draft.settings or RoomSettings()
    recording, encryption = settings.auto_recording, settings.encryption
    return without_none(
        approval_type=_write_approval(draft),
        waiting_room=draft.waiting_room,
        auto_recording=None if recording is None else "cloud" if recording else "none",
        encryption_type=(
            None if encryption is None else "e2ee" if encryption else "enhanced_encryption"
        ),
    )


def _write_approval(draft: RoomDraft) -> int | None:
    """Return 0 for registration with approval at once, 1 by the host, 2 for no registration."""
    if draft.registration is False:
        return 2
    if draft.approval is not None:
        return int(draft.approval)
    return None if draft.registration is None else 0


def _write_entry(
    rules: tuple[EntryRule, ...] | None, kind: RoomKind, *, update: bool
) -> dict[str, Any]:
    """Return the passcode; without one, Zoom would make one up if the account asks for it."""
    if rules is None:
        return {}
    (rule,) = rules
    if isinstance(rule, Passcode):
        if rule.role is not None:
            raise UnsupportedOption(
                "a Zoom room has one passcode for all roles", field="entry", provider="zoom"
            )
        return {"password": rule.code}
    if update:
        return {"password": ""}
    # Each kind has a name of its own for it (docs/vendors/zoom.md#fields).
    return {f"default_{'password' if kind is RoomKind.MEETING else 'passcode'}": False}


_COMPARED: Final = (
    "name",
    "description",
    "starts_at",
    "duration",
    "timezone",
    "permanent",
    "registration",
    "approval",
    "waiting_room",
)


def find_ignored(changes: RoomDraft, room: Room) -> str | None:
    """Return the first field that Zoom did not change, although it answered 204.

    It does so with what the type of a room does not have (docs/vendors/zoom.md#oddity-2).
    """
    for name in _COMPARED:
        wanted, actual = getattr(changes, name), getattr(room, name)
        if wanted is not None and actual is not None and wanted != actual:
            return name
    return None
