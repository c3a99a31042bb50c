"""Times in the years 1 and 9999: vendors write them where they know none, so reports know none."""

from __future__ import annotations

from attrs import evolve

from conferencing.model import Participant, Session
from conferencing.model.attendance import Attendance, Segment
from conferencing.model.base import drop_placeholder

__all__ = ["clean_attendance", "clean_participant", "clean_session"]


def clean_session(session: Session) -> Session:
    """Return the session without placeholders."""
    return evolve(
        session,
        started_at=drop_placeholder(session.started_at),
        ended_at=drop_placeholder(session.ended_at),
    )


def clean_attendance(record: Attendance) -> Attendance:
    """Return the record without placeholders; a segment that starts at one is left out."""
    if not any(map(_is_odd, record.segments)):
        return record
    segments = (
        evolve(segment, left_at=drop_placeholder(segment.left_at))
        for segment in record.segments
        if drop_placeholder(segment.joined_at)
    )
    return evolve(record, segments=tuple(segments))


def clean_participant(participant: Participant) -> Participant:
    """Return the registration without placeholders."""
    if drop_placeholder(participant.registered_at) == participant.registered_at:
        return participant
    return evolve(participant, registered_at=None)


def _is_odd(segment: Segment) -> bool:
    return any(
        moment and drop_placeholder(moment) is None
        for moment in (segment.joined_at, segment.left_at)
    )
