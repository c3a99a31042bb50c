"""Meetings (vendor README, "Creating a Meet"): replies as rooms, and drafts as JSON."""
# ruff: noqa: N815 - a row's fields are spelled as the vendor spells them

from __future__ import annotations

from datetime import timedelta
from typing import Any

from attrs import define

from conferencing.errors import InvalidRequest
from conferencing.http import Aware, Link, Reply, deep_merge, to_duration, without_none
from conferencing.model import Room, RoomKind
from conferencing.model.drafts import RoomDraft
from conferencing.model.native import Native

from .base import WIRE
from .people import ParticipantRow, to_entry, write_participants


@define
class SchedulingRow:
    """When a meeting is planned; only the duration, in minutes, was ever published.

    See docs/vendors/meetrs.md#oddity-14.
    """

    duration: int | float | None = None


@define
class MeetingRow:
    """A meeting. The samples show `code` to `description`; the fields after it are assumed.

    So they are optional: a meeting that was created is never lost over one of them.
    """

    code: str
    joinUrl: Link | None = None
    title: str | None = None
    description: str | None = None
    schedulingInfo: SchedulingRow | None = None
    participants: list[ParticipantRow] | None = None
    createdAt: Aware | None = None


def read_room(reply: Reply) -> Room:
    """Return one meeting."""
    return WIRE.record(reply, MeetingRow, _to_room)


def read_rooms(reply: Reply) -> list[Room]:
    """Return a list of meetings."""
    return WIRE.records(reply, MeetingRow, _to_room)


def _to_room(row: MeetingRow, native: Native) -> Room:
    minutes = row.schedulingInfo.duration if row.schedulingInfo else None
    return Room(
        # Meets are addressed by their code, and not by the GUID: docs/vendors/meetrs.md#transport
        id=row.code,
        name=row.title or "",
        kind=RoomKind.MEETING,
        duration=to_duration(minutes, timedelta(minutes=1)),
        entry=to_entry(row.participants),
        join_url=row.joinUrl,
        description=row.description,
        created_at=row.createdAt,
        native=native,
    )


def write_room(draft: RoomDraft) -> dict[str, Any]:
    """Return the body for a draft; an empty one makes a quick meeting."""
    fields = without_none(
        title=draft.name,
        description=draft.description,
        participants=write_participants(draft.entry, draft.people),
        addonConfigurationId=draft.template,
        schedulingInfo=None if draft.duration is None else {"duration": _minutes(draft.duration)},
    )
    return deep_merge(fields, draft.native)


def _minutes(duration: timedelta) -> int:
    minutes, rest = divmod(duration, timedelta(minutes=1))
    if rest:
        raise InvalidRequest(
            f"duration is {duration}; Meet.rs plans in whole minutes", field="duration"
        )
    return minutes
