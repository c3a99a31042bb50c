"""Usage and feedback (README, Usage and Feedbacks): reports on meets that are over."""
# ruff: noqa: N815 - a row's fields are spelled as the vendor spells them

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from attrs import define

from conferencing.errors import InvalidRequest
from conferencing.http import Id
from conferencing.model import Feedback, Session, SessionStatus, Usage

from .base import SECRET, WIRE

A_MEETING: Final = 1
"""The `resourceType` of a meet."""


@define
class UsageRow:
    """What one meet used. Durations are seconds; times have six or seven digits of a second."""

    id: Id
    code: str | None = None
    title: str | None = None
    participants: int | None = None
    createdAt: datetime | None = None
    startedAt: datetime | None = None
    endedAt: datetime | None = None
    totalDurationInSeconds: int | None = None
    billableDurationInSeconds: int | None = None
    isFree: bool | None = None
    isSubscriptionCovered: bool | None = None


@define
class FeedbackRow:
    """What one person thought; `resourceId` is a meet's code if the type says so."""

    id: Id
    rating: int | None = None
    text: str | None = None
    resourceId: str | None = None
    resourceType: int | None = None
    timestamp: datetime | None = None


def window(since: datetime | None, until: datetime | None) -> dict[str, str]:
    """Write a range as the query of a report; without one, the vendor takes the present month."""
    if since is None and until is None:
        return {}
    if since is None or until is None:
        raise InvalidRequest(
            "Meet.rs takes a range with both ends, since and until, or none for this month",
            field="since" if since is None else "until",
        )
    return {"from": _instant(since), "to": _instant(until)}


def _instant(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def usage(payload: Any) -> list[Usage]:
    """Read what meets used."""
    return [
        Usage(
            id=row.id,
            room_id=row.code,
            title=row.title,
            people=row.participants,
            created_at=row.createdAt,
            started_at=row.startedAt,
            ended_at=row.endedAt,
            duration=_seconds(row.totalDurationInSeconds),
            billable=_seconds(row.billableDurationInSeconds),
            free=row.isFree,
            covered=row.isSubscriptionCovered,
            native=native,
        )
        for row, native in WIRE.rows(payload, UsageRow, SECRET)
    ]


def sessions(payload: Any) -> list[Session]:
    """Read usage as the sessions that it is about."""
    return [
        Session(
            id=row.id,
            room_id=row.code,
            title=row.title,
            status=SessionStatus.ENDED if row.endedAt else SessionStatus.UNKNOWN,
            started_at=row.startedAt,
            ended_at=row.endedAt,
            people=row.participants,
            native=native,
        )
        for row, native in WIRE.rows(payload, UsageRow, SECRET)
    ]


def _seconds(count: int | None) -> timedelta | None:
    return None if count is None else timedelta(seconds=count)


def feedback(payload: Any) -> list[Feedback]:
    """Read what people thought. Who they are is told by an id of the vendor's alone."""
    return [
        Feedback(
            id=row.id,
            rating=row.rating,
            text=row.text,
            room_id=row.resourceId if row.resourceType == A_MEETING else None,
            given_at=row.timestamp,
            native=native,
        )
        for row, native in WIRE.rows(payload, FeedbackRow, SECRET)
    ]
