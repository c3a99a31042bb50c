"""Usage and feedback (vendor README, "Usage" and "Feedbacks"): reports on ended meetings."""
# ruff: noqa: N815 - a row's fields are spelled as the vendor spells them

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from attrs import define

from conferencing.errors import InvalidRequest
from conferencing.http import Aware, Id, Reply, to_duration
from conferencing.model import Feedback, Session, SessionStatus, Usage
from conferencing.model.native import Native

from .base import WIRE

MEETING: Final = 1
"""The `resourceType` of a meeting."""


@define
class UsageRow:
    """What one meeting used. Durations are seconds; times have six or seven digits of a second.

    See docs/vendors/meetrs.md#oddity-17.
    """

    id: Id
    code: str | None = None
    title: str | None = None
    participants: int | None = None
    createdAt: Aware | None = None
    startedAt: Aware | None = None
    endedAt: Aware | None = None
    totalDurationInSeconds: int | float | None = None
    billableDurationInSeconds: int | float | None = None
    isFree: bool | None = None
    isSubscriptionCovered: bool | None = None


@define
class FeedbackRow:
    """One person's feedback; `resourceId` is a meeting's code if the type says so."""

    id: Id
    rating: int | None = None
    text: str | None = None
    resourceId: str | None = None
    resourceType: int | None = None
    timestamp: Aware | None = None


def write_range(since: datetime | None, until: datetime | None) -> dict[str, str]:
    """Return the query of a report's range; without one, the vendor takes the current month."""
    if since is None and until is None:
        return {}
    # What one end alone selects is not documented: docs/vendors/meetrs.md#feedback
    if since is None or until is None:
        raise InvalidRequest(
            "Meet.rs takes a range with both ends, since and until, or none for this month",
            field="since" if since is None else "until",
        )
    return {"from": _write_time(since), "to": _write_time(until)}


def _write_time(moment: datetime) -> str:
    # The form of the samples: docs/vendors/meetrs.md#transport
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def read_usage(reply: Reply) -> list[Usage]:
    """Return what meetings used."""
    return WIRE.records(reply, UsageRow, _to_usage)


def _to_usage(row: UsageRow, native: Native) -> Usage:
    return Usage(
        id=str(row.id),
        room_id=row.code,
        title=row.title,
        people=row.participants,
        created_at=row.createdAt,
        started_at=row.startedAt,
        ended_at=row.endedAt,
        # The total needs one person inside, billable time two: docs/vendors/meetrs.md#oddity-3
        duration=to_duration(row.totalDurationInSeconds),
        billable=to_duration(row.billableDurationInSeconds),
        # Both may be true; either makes a meet free: docs/vendors/meetrs.md#oddity-5
        free=row.isFree,
        covered=row.isSubscriptionCovered,
        native=native,
    )


def read_sessions(reply: Reply) -> list[Session]:
    """Return the sessions that a usage report is about."""
    return WIRE.records(reply, UsageRow, _to_session)


def _to_session(row: UsageRow, native: Native) -> Session:
    return Session(
        id=str(row.id),
        room_id=row.code,
        title=row.title,
        status=SessionStatus.ENDED if row.endedAt else SessionStatus.UNKNOWN,
        started_at=row.startedAt,
        ended_at=row.endedAt,
        people=row.participants,
        native=native,
    )


def read_feedback(reply: Reply) -> list[Feedback]:
    """Return the feedback. The vendor names people by an id of its own alone."""
    return WIRE.records(reply, FeedbackRow, _to_feedback)


def _to_feedback(row: FeedbackRow, native: Native) -> Feedback:
    return Feedback(
        id=str(row.id),
        rating=row.rating,
        text=row.text,
        room_id=row.resourceId if row.resourceType == MEETING else None,
        given_at=row.timestamp,
        native=native,
    )
