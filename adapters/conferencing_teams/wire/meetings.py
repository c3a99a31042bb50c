"""Online meetings: replies as rooms and settings, and drafts as JSON (docs/vendors/teams.md#meetings)."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

from attrs import define

from conferencing.errors import NotFound, UnsupportedOption
from conferencing.http import Link, Reply, deep_merge, without_none
from conferencing.model import (
    Anyone,
    Person,
    Role,
    Room,
    RoomKind,
    RoomSettings,
    RoomStatus,
)
from conferencing.model.drafts import Invitee, RoomDraft
from conferencing.model.native import Native

from .base import WIRE, Form, RoomKey
from .zones import parse_instant, write_instant

__all__ = [
    "HOUR",
    "MeetingRow",
    "differs",
    "find_status",
    "is_waiting_room",
    "plan_times",
    "read_meeting",
    "read_room",
    "read_settings",
    "read_sole_meeting",
    "write_created",
    "write_settings",
    "write_update",
]

HOUR: Final = timedelta(hours=1)
"""How long a meeting is unless it is said: what Graph takes for one without an end."""

ROLES: Final = {Role.PRESENTER: "presenter", Role.ATTENDEE: "attendee"}
EVERYONE: Final = "everyone"


@define
class LobbyRow:
    """Who enters without waiting in the lobby."""

    scope: str | None = None


@define
class UserIdentityRow:
    """A user of a directory; the name is often null (docs/vendors/teams.md#oddity-8)."""

    id: str | None = None
    displayName: str | None = None  # noqa: N815 - Graph's spelling


@define
class IdentityRow:
    """Who somebody is."""

    user: UserIdentityRow | None = None


@define
class ParticipantRow:
    """Who organizes a meeting. Their role is `presenter` too (docs/vendors/teams.md#oddity-4)."""

    upn: str | None = None
    identity: IdentityRow | None = None


@define
class ParticipantsRow:
    """The people of a meeting."""

    organizer: ParticipantRow | None = None


@define
class MeetingRow:
    """An online meeting, also that behind an event."""

    id: str
    subject: str | None = None
    startDateTime: str | None = None  # noqa: N815 - Graph's spelling
    endDateTime: str | None = None  # noqa: N815 - Graph's spelling
    creationDateTime: str | None = None  # noqa: N815 - Graph's spelling
    joinWebUrl: Link | None = None  # noqa: N815 - Graph's spelling
    participants: ParticipantsRow | None = None
    lobbyBypassSettings: LobbyRow | None = None  # noqa: N815 - Graph's spelling
    allowMeetingChat: str | None = None  # noqa: N815 - Graph's spelling
    allowAttendeeToEnableMic: bool | None = None  # noqa: N815 - Graph's spelling
    allowAttendeeToEnableCamera: bool | None = None  # noqa: N815 - Graph's spelling
    allowRecording: bool | None = None  # noqa: N815 - Graph's spelling
    recordAutomatically: bool | None = None  # noqa: N815 - Graph's spelling
    isEndToEndEncryptionEnabled: bool | None = None  # noqa: N815 - Graph's spelling


def read_meeting(reply: Reply) -> MeetingRow:
    """Return the row itself, from which some operations need what the model lacks."""
    return WIRE.read(reply, MeetingRow)


def read_sole_meeting(reply: Reply) -> MeetingRow:
    """Return the meeting that a filter finds. Raises `NotFound` for an empty list."""
    rows = WIRE.read(reply, list[MeetingRow], "value")
    # Where nothing is found, Graph answers an empty list or 404 (docs/vendors/teams.md#meetings).
    if not rows:
        raise NotFound("Teams has no meeting with this link, or none of this organizer")
    return rows[0]


def read_room(reply: Reply, *, owner: str, now: datetime) -> Room:
    """Return a plain meeting."""
    return WIRE.record(reply, MeetingRow, partial(_to_room, owner=owner, now=now))


def _to_room(row: MeetingRow, native: Native, *, owner: str, now: datetime) -> Room:
    start, end = parse_instant(row.startDateTime), parse_instant(row.endDateTime)
    return Room(
        id=str(RoomKey(Form.MEETING, owner, row.id)),
        name=row.subject or "",
        kind=RoomKind.MEETING,
        status=find_status(start, end, now),
        starts_at=start,  # in UTC: Graph does not keep the zone (docs/vendors/teams.md#forms)
        duration=end - start if start and end else None,
        entry=(Anyone(),),
        join_url=row.joinWebUrl,
        waiting_room=is_waiting_room(row),
        settings=read_settings(row),
        host=_to_host(row.participants),
        created_at=parse_instant(row.creationDateTime),
        native=native,
    )


def _to_host(row: ParticipantsRow | None) -> Person | None:
    organizer = row.organizer if row else None
    user = organizer.identity.user if organizer and organizer.identity else None
    if organizer is None or not organizer.upn:
        return None
    return Person(email=organizer.upn, name=(user.displayName if user else None) or None)


def find_status(start: datetime | None, end: datetime | None, now: datetime) -> RoomStatus:
    """Return the status by the clock: Graph does not report whether a meeting runs."""
    if start is None or end is None:
        return RoomStatus.UNKNOWN
    if end <= now:
        return RoomStatus.ENDED
    return RoomStatus.SCHEDULED if start > now else RoomStatus.OPEN


def is_waiting_room(row: MeetingRow) -> bool | None:
    """Return whether anybody waits in the lobby: unless everybody bypasses it."""
    scope = row.lobbyBypassSettings.scope if row.lobbyBypassSettings else None
    return None if scope is None else scope != EVERYONE


_CHATS: Final = {"enabled": True, "limited": True, "disabled": False}


def read_settings(row: MeetingRow) -> RoomSettings:
    """Return the settings of a meeting."""
    return RoomSettings(
        public_chat=_CHATS.get(row.allowMeetingChat or ""),
        microphone=row.allowAttendeeToEnableMic,
        camera=row.allowAttendeeToEnableCamera,
        recording=row.allowRecording,
        auto_recording=row.recordAutomatically,
        encryption=row.isEndToEndEncryptionEnabled,
    )


# ------------------------------------------------------------------------------------------ writing


def plan_times(
    draft: RoomDraft, now: datetime, current: Room | None = None
) -> tuple[datetime, datetime] | None:
    """Return start and end, or None for a draft that leaves both open.

    What the draft does not say is that of the current room; for a new one, it is now, and an hour.
    """
    if draft.starts_at is None and draft.duration is None:
        return None
    start = draft.starts_at or (current.starts_at if current else None) or now
    duration = draft.duration or (current.duration if current else None) or HOUR
    return start, start + duration


def write_created(draft: RoomDraft, external_id: str, now: datetime) -> dict[str, Any]:
    """Return the body of a plain meeting, which Graph makes once for each `external_id`."""
    fields = {"externalId": external_id, **_write_fields(draft, plan_times(draft, now))}
    return deep_merge(fields, draft.native)


def write_update(draft: RoomDraft, times: tuple[datetime, datetime] | None) -> dict[str, Any]:
    """Return the changes of a plain meeting; start and end go together or not at all."""
    return deep_merge({**_write_fields(draft, times), **write_settings(draft)}, draft.native)


def _write_fields(draft: RoomDraft, times: tuple[datetime, datetime] | None) -> dict[str, Any]:
    return without_none(
        subject=draft.name,
        startDateTime=write_instant(times[0]) if times else None,
        endDateTime=write_instant(times[1]) if times else None,
        # Replaces the whole list (docs/vendors/teams.md#meetings).
        participants=_write_people(draft.people) if draft.people else None,
    )


def _write_people(people: tuple[Invitee, ...]) -> dict[str, Any]:
    return {"attendees": [_write_attendee(invitee) for invitee in people]}


def _write_attendee(invitee: Invitee) -> dict[str, Any]:
    if invitee.role not in ROLES or invitee.person is None or not invitee.person.email:
        raise UnsupportedOption(
            "people of a Teams meeting are presenters or attendees, each with an e-mail address",
            field="people",
            provider="teams",
        )
    # The address stands for the sign-in name, by which Graph knows people.
    return {"upn": invitee.person.email, "role": ROLES[invitee.role]}


def write_settings(draft: RoomDraft) -> dict[str, Any]:
    """Return what a meeting takes after its creation only; empty if the draft has nothing of it."""
    settings = draft.settings or RoomSettings()
    chat, wait = settings.public_chat, draft.waiting_room
    return without_none(
        # Unless the scope is everyone, somebody waits (docs/vendors/teams.md#meetings).
        lobbyBypassSettings=None if wait is None else {"scope": "organizer" if wait else EVERYONE},
        allowMeetingChat=None if chat is None else "enabled" if chat else "disabled",
        allowAttendeeToEnableMic=settings.microphone,
        allowAttendeeToEnableCamera=settings.camera,
        allowRecording=settings.recording,
        recordAutomatically=settings.auto_recording,
        isEndToEndEncryptionEnabled=settings.encryption,
    )


def differs(body: dict[str, Any], row: MeetingRow) -> bool:
    """Return whether an existing meeting is not what `body` asked for.

    `createOrGet` returns an older meeting unchanged (docs/vendors/teams.md#oddity-6).
    """
    wanted = (
        body.get("subject"),
        *map(_instant, (body.get("startDateTime"), body.get("endDateTime"))),
    )
    actual = (row.subject, parse_instant(row.startDateTime), parse_instant(row.endDateTime))
    return any(want is not None and want != have for want, have in zip(wanted, actual, strict=True))


def _instant(text: Any) -> datetime | None:
    return parse_instant(text) if isinstance(text, str) else None
