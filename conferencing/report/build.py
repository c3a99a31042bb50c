"""Compute an attendance report from records and registrations. Pure: nothing is fetched or drawn."""

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

from .limitations import has_counts_only, list_limitations
from .values import AttendanceReport, Attendee, SessionSegment, Summary

__all__ = ["DEFAULT_KEYS", "SessionAttendance", "build_report"]

DEFAULT_KEYS: Final = (MergedBy.REGISTRATION, MergedBy.EMAIL)
"""The keys by which rows are taken for one person, unless the caller passes others."""

SessionAttendance = tuple[Session, Iterable[Attendance]]
"""A session with its attendance records."""

_RANK: Final = {role: rank for rank, role in enumerate(Role)}
_LAST: Final = datetime.max.replace(tzinfo=UTC)


def build_report(
    room: Room,
    attendance: Iterable[SessionAttendance],
    participants: Iterable[Participant] | None,
    *,
    provider: str,
    features: Features,
    made_at: datetime,
    account: str = "",
    timezone: str | None = None,
    by: Sequence[MergedBy] = DEFAULT_KEYS,
) -> AttendanceReport:
    """Return the report of a room from its sessions, their records and the registrations.

    `participants` is None if the registrations are unknown. Rows are taken for one person by the
    keys of `by`, and within a session also by the vendor's id. Times are in `timezone`, else in the
    room's zone, else in UTC. Raises `InvalidRequest` if that is not a time zone.
    """
    zone = zone_of(timezone or room.timezone)
    rows = [(session, list(records)) for session, records in attendance]
    sessions = tuple(_convert_session(session, zone) for session, _ in rows)
    registered = None if participants is None else tuple(participants)
    records = [
        record
        for session, session_rows in rows
        for record in _match_rows(session_rows, session, registered or ())
    ]
    groups = _group_people(records, by)
    by_id: dict[str | None, Session] = {session.id: session for session in sessions}
    people = tuple(sorted((_build_attendee(group, by_id, zone) for group in groups), key=_order))
    counts_only = bool(sessions) and has_counts_only(features, records)
    absent = () if registered is None or counts_only else tuple(no_shows(records, registered))
    headcounts = tuple(
        evolve(headcount, at=headcount.at.astimezone(zone))
        for headcount in concurrency(map(_combine_all, groups))
    )
    summary = _summarize(people, registered, absent, headcounts)
    if counts_only:
        summary = evolve(summary, attended=None, attended_registered=None, no_shows=None)
    return AttendanceReport(
        room=room,
        provider=provider,
        account=account,
        timezone=zone,
        made_at=made_at.astimezone(zone),
        sessions=sessions,
        people=people,
        no_shows=absent,
        headcounts=headcounts,
        summary=summary,
        limitations=list_limitations(
            features,
            sessions=sessions,
            records=records,
            people=people,
            registered=registered,
            absent=absent,
        ),
    )


def _match_rows(
    rows: Iterable[Attendance], session: Session, registered: Sequence[Participant]
) -> list[Attendance]:
    return match((evolve(row, session_id=session.id) for row in rows), registered)


def _group_people(records: Iterable[Attendance], by: Sequence[MergedBy]) -> list[PersonAttendance]:
    """Return the records by person, not merged: durations without times cannot be added up."""
    keys: dict[MergedBy, Key] = {MergedBy.ID: _id_in_session} | {key: KEYS[key] for key in by}
    return [
        PersonAttendance(records=tuple(group.rows), grouped_by=tuple(dict.fromkeys(group.reasons)))
        for group in groups_of(records, keys)
    ]


def _id_in_session(record: Attendance) -> Hashable:
    return record.session_id, record.id  # most vendors start again from 1 in each session


def _build_attendee(
    person: PersonAttendance, sessions: Mapping[str | None, Session], zone: ZoneInfo
) -> Attendee:
    by_session: dict[str | None, list[Attendance]] = {}
    for record in person.records:
        by_session.setdefault(record.session_id, []).append(record)
    segments = [
        _convert_segment(segment, session_id or "", zone)
        for session_id, records in by_session.items()
        for segment in merge_segments(part for record in records for part in record.segments)
    ]
    keys = [key for record in person.records for key in record.merged_by]
    return Attendee(
        name=person.display_name,
        email=person.email,
        role=min((record.role for record in person.records), key=_RANK.__getitem__),
        session_ids=tuple(session_id or "" for session_id in by_session),
        segments=tuple(sorted(segments, key=lambda segment: segment.joined_at.astimezone(UTC))),
        duration=person.duration,
        share=_share(by_session, sessions),
        participant_id=person.participant_id,
        matched_by=person.matched_by,
        merged_by=tuple(dict.fromkeys((*keys, *person.grouped_by))),
    )


def _convert_segment(segment: Segment, session_id: str, zone: ZoneInfo) -> SessionSegment:
    return SessionSegment(
        session_id=session_id,
        joined_at=segment.joined_at.astimezone(zone),
        left_at=segment.left_at and segment.left_at.astimezone(zone),
    )


def _share(
    by_session: Mapping[str | None, Sequence[Attendance]], sessions: Mapping[str | None, Session]
) -> float | None:
    """Return the fraction of the time of all sessions, with those that this person missed."""
    durations = [session.duration or timedelta() for session in sessions.values()]
    if not all(durations):
        return None
    present = timedelta()
    for session_id, records in by_session.items():
        record, session = combine(records), sessions[session_id]
        share = None if record is None else record.share_of(session)
        if share is None or session.duration is None:
            return None
        present += share * session.duration
    return present / sum(durations, timedelta())


def _combine_all(person: PersonAttendance) -> Attendance:
    """Return all segments of a person as one record, so that nobody is counted twice at a moment."""
    segments = (segment for record in person.records for segment in record.segments)
    return evolve(person.records[0], segments=tuple(segments))


def _order(person: Attendee) -> tuple[int, datetime, str]:
    joined_at = person.joined_at
    return _RANK[person.role], joined_at.astimezone(UTC) if joined_at else _LAST, person.name or ""


def _convert_session(session: Session, zone: ZoneInfo) -> Session:
    return evolve(
        session,
        started_at=session.started_at and session.started_at.astimezone(zone),
        ended_at=session.ended_at and session.ended_at.astimezone(zone),
    )


def _summarize(
    people: Sequence[Attendee],
    registered: Sequence[Participant] | None,
    absent: Sequence[Participant],
    headcounts: Sequence[Headcount],
) -> Summary:
    durations = [person.duration for person in people if person.duration is not None]
    seconds = [duration.total_seconds() for duration in durations]
    return Summary(
        registered=None if registered is None else len(registered),
        attended=len(people),
        attended_registered=None if registered is None else len(registered) - len(absent),
        no_shows=None if registered is None else len(absent),
        timed=len(seconds),
        mean=timedelta(seconds=fmean(seconds)) if seconds else None,
        median=timedelta(seconds=median(seconds)) if seconds else None,
        peak=peak(headcounts),
    )
