"""From records to facts: what an attendance report says. Pure; nothing is fetched or drawn here."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from statistics import fmean, median
from typing import Final
from zoneinfo import ZoneInfo

from attrs import evolve

from conferencing.attendance import (
    KEYS,
    Key,
    combine,
    concurrency,
    groups_of,
    match,
    merge_segments,
    no_shows,
    peak,
)
from conferencing.capabilities import Features
from conferencing.model import Participant, Role, Room, Session
from conferencing.model.attendance import Attendance, Headcount, MergedBy, PersonAttendance, Segment
from conferencing.model.zones import zone_of

from .gaps import gaps, only_counted
from .values import AttendanceReport, Attendee, Stay, Summary

__all__ = ["PERSON", "Visit", "build_report"]

PERSON: Final = (MergedBy.REGISTRATION, MergedBy.EMAIL)
"""What makes two rows one person, unless the caller says otherwise."""

Visit = tuple[Session, Iterable[Attendance]]
"""A session, and the records of who was there."""

_RANK: Final = {role: rank for rank, role in enumerate(Role)}
_LAST: Final = datetime.max.replace(tzinfo=UTC)


def build_report(
    room: Room,
    visits: Iterable[Visit],
    registered: Iterable[Participant] | None,
    *,
    provider: str,
    features: Features,
    made_at: datetime,
    account: str = "",
    timezone: str | None = None,
    by: Sequence[MergedBy] = PERSON,
) -> AttendanceReport:
    """Return the report of a room from its sessions, their records and the registrations.

    `registered` is None where nobody can know. `by` says what makes two rows one person, besides
    the vendor's id within a session. Times are told in `timezone`, else in the room's zone, else in
    UTC. Raises `InvalidRequest` for a zone that is none.
    """
    zone = zone_of(timezone or room.timezone)
    seen = [(session, list(records)) for session, records in visits]
    sessions = tuple(_local_session(session, zone) for session, _ in seen)
    expected = None if registered is None else tuple(registered)
    records = [
        record for session, rows in seen for record in _placed(rows, session, expected or ())
    ]
    presences = _people(records, by)
    by_id: dict[str | None, Session] = {session.id: session for session in sessions}
    people = tuple(sorted((_attendee(one, by_id, zone) for one in presences), key=_order))
    counted = bool(sessions) and only_counted(features, records)
    absent = () if expected is None or counted else tuple(no_shows(records, expected))
    curve = tuple(
        evolve(step, at=step.at.astimezone(zone)) for step in concurrency(map(_whole, presences))
    )
    summary = _summary(people, expected, absent, curve)
    if counted:
        summary = evolve(summary, came=None, expected=None, no_shows=None)
    return AttendanceReport(
        room=room,
        provider=provider,
        account=account,
        timezone=zone,
        made_at=made_at.astimezone(zone),
        sessions=sessions,
        people=people,
        no_shows=absent,
        curve=curve,
        summary=summary,
        gaps=gaps(
            features,
            sessions=sessions,
            records=records,
            people=people,
            expected=expected,
            absent=absent,
        ),
    )


def _placed(
    records: Iterable[Attendance], session: Session, expected: Sequence[Participant]
) -> list[Attendance]:
    return match((evolve(one, session_id=session.id) for one in records), expected)


def _people(records: Iterable[Attendance], by: Sequence[MergedBy]) -> list[PersonAttendance]:
    """Return the people, their records side by side: what cannot be added up is not merged."""
    keys: dict[MergedBy, Key] = {MergedBy.ID: _id_in_session} | {
        reason: KEYS[reason] for reason in by
    }
    return [
        PersonAttendance(records=tuple(group.rows), grouped_by=tuple(dict.fromkeys(group.reasons)))
        for group in groups_of(records, keys)
    ]


def _id_in_session(record: Attendance) -> Hashable:
    return record.session_id, record.id  # most vendors count ids anew in each session


def _attendee(
    presence: PersonAttendance, sessions: Mapping[str | None, Session], zone: ZoneInfo
) -> Attendee:
    mine: dict[str | None, list[Attendance]] = {}
    for record in presence.records:
        mine.setdefault(record.session_id, []).append(record)
    stays = [
        _stay(segment, session_id or "", zone)
        for session_id, records in mine.items()
        for segment in merge_segments(part for one in records for part in one.segments)
    ]
    reasons = [reason for one in presence.records for reason in one.merged_by]
    return Attendee(
        name=presence.display_name,
        email=presence.email,
        role=min((one.role for one in presence.records), key=_RANK.__getitem__),
        session_ids=tuple(session_id or "" for session_id in mine),
        stays=tuple(sorted(stays, key=lambda stay: stay.joined_at.astimezone(UTC))),
        duration=presence.duration,
        share=_share(mine, sessions),
        participant_id=presence.participant_id,
        matched_by=presence.matched_by,
        merged_by=tuple(dict.fromkeys((*reasons, *presence.grouped_by))),
    )


def _stay(segment: Segment, session_id: str, zone: ZoneInfo) -> Stay:
    return Stay(
        session_id=session_id,
        joined_at=segment.joined_at.astimezone(zone),
        left_at=segment.left_at and segment.left_at.astimezone(zone),
    )


def _share(
    mine: Mapping[str | None, Sequence[Attendance]], sessions: Mapping[str | None, Session]
) -> float | None:
    """Return the part of the time of all sessions, those included that this person missed."""
    lengths = [session.duration or timedelta() for session in sessions.values()]
    if not all(lengths):
        return None
    present = timedelta()
    for session_id, records in mine.items():
        one, session = combine(records), sessions[session_id]
        share = None if one is None else one.share_of(session)
        if share is None or session.duration is None:
            return None
        present += share * session.duration
    return present / sum(lengths, timedelta())


def _whole(presence: PersonAttendance) -> Attendance:
    """Return all of a person as one record, so that nobody is counted twice at one moment."""
    first = presence.records[0]
    return evolve(first, segments=tuple(part for one in presence.records for part in one.segments))


def _order(person: Attendee) -> tuple[int, datetime, str]:
    joined = person.joined_at
    return _RANK[person.role], joined.astimezone(UTC) if joined else _LAST, person.name or ""


def _local_session(session: Session, zone: ZoneInfo) -> Session:
    return evolve(
        session,
        started_at=session.started_at and session.started_at.astimezone(zone),
        ended_at=session.ended_at and session.ended_at.astimezone(zone),
    )


def _summary(
    people: Sequence[Attendee],
    expected: Sequence[Participant] | None,
    absent: Sequence[Participant],
    curve: Sequence[Headcount],
) -> Summary:
    seconds = [one.duration.total_seconds() for one in people if one.duration is not None]
    return Summary(
        registered=None if expected is None else len(expected),
        came=len(people),
        expected=None if expected is None else len(expected) - len(absent),
        no_shows=None if expected is None else len(absent),
        timed=len(seconds),
        mean=timedelta(seconds=fmean(seconds)) if seconds else None,
        median=timedelta(seconds=median(seconds)) if seconds else None,
        peak=peak(curve),
    )
