"""Meets (README, Creating a Meet): the rows, and drafts as JSON."""
# ruff: noqa: N815 - a row's fields are spelled as the vendor spells them

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from attrs import define

from conferencing.errors import InvalidRequest
from conferencing.http import deep_merge, said
from conferencing.model import Room, RoomKind
from conferencing.model.drafts import RoomDraft
from conferencing.model.native import Native

from .base import SECRET, WIRE
from .people import ParticipantRow, entry, participants


@define
class SchedulingRow:
    """When a meet is planned; only the duration in minutes was ever published."""

    duration: int | None = None


@define
class MeetingRow:
    """A meet. The samples show `code` to `description`; whatever follows is assumed."""

    code: str
    joinUrl: str
    title: str | None = None
    description: str | None = None
    schedulingInfo: SchedulingRow | None = None
    participants: list[ParticipantRow] | None = None
    createdAt: datetime | None = None


def room(payload: Any) -> Room:
    """Read one meet."""
    return _room(WIRE.read(payload, MeetingRow), Native(payload, SECRET))


def rooms(payload: Any) -> list[Room]:
    """Read a list of meets."""
    return [_room(*found) for found in WIRE.rows(payload, MeetingRow, SECRET)]


def _room(row: MeetingRow, native: Native) -> Room:
    minutes = row.schedulingInfo.duration if row.schedulingInfo else None
    return Room(
        id=row.code,
        name=row.title or "",
        kind=RoomKind.MEETING,
        duration=None if minutes is None else timedelta(minutes=minutes),
        entry=entry(row.participants),
        join_url=row.joinUrl,
        description=row.description,
        created_at=row.createdAt,
        native=native,
    )


def meeting(draft: RoomDraft) -> dict[str, Any]:
    """Write a draft; of an empty one the vendor makes a quick meet."""
    fields = said(
        title=draft.name,
        description=draft.description,
        participants=participants(draft.entry, draft.people),
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
