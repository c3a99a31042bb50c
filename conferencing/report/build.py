"""Compute an attendance report from records and registrations. Pure: nothing is fetched or drawn."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from attrs import evolve

from conferencing.attendance import KEYS, Key, concurrency, groups_of, match, merge_segments
from conferencing.capabilities import Features
from conferencing.model import Participant, Role, Room, Session
from conferencing.model.attendance import Attendance, MergedBy, PersonAttendance, Segment
from conferencing.model.base import to_utc
from conferencing.model.zones import find_zone, zone_of

from .limitations import has_counts_only, has_names_only, list_limitations
from .placeholders import clean_attendance, clean_participant, clean_session
from .presence import Schedule, build_schedule, has_reached, measure_presence
from .summary import find_no_shows, summarize
from .threshold import AtLeast, parse_at_least
from .values import STAFF, AttendanceReport, Attendee, SessionSegment

__all__ = ["DEFAULT_KEYS", "SessionAttendance", "build_report"]

DEFAULT_KEYS: Final = (MergedBy.REGISTRATION, MergedBy.EMAIL)
"""The keys by which rows are taken for one person, unless the caller passes others."""

SessionAttendance = tuple[Session, Iterable[Attendance]]
"""A session with its attendance records."""

_RANK: Final = {role: rank for rank, role in enumerate(Role)}
_LAST: Final = datetime.max.replace(tzinfo=UTC)
_NUMBER: Final = re.compile(r"(\d{1,18})")


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
    at_least: AtLeast | None = None,
) -> AttendanceReport:
    """Return the report of a room from its sessions, their records and the registrations.

    `participants` is None if the registrations are unknown. Rows are taken for one person by the
    keys of `by`, and within a session also by the vendor's id. `at_least` marks who was present for
    a share of the sessions, such as `"80%"` or 0.8, or for a time, such as `"45m"`. Times are in
    `timezone`, else in the room's zone, else in UTC. Raises `InvalidRequest` if `timezone` is not a
    time zone, or `at_least` neither a share nor a time.
    """
    threshold = parse_at_least(at_least)
    zone = zone_of(timezone) if timezone else find_zone(room.timezone)
    shown = zone or ZoneInfo("UTC")
    rows = [
        (clean_session(session), list(map(clean_attendance, records)))
        for session, records in attendance
    ]
    sessions = tuple(_convert_session(session, shown) for session, _ in rows)
    registered = None if participants is None else tuple(map(clean_participant, participants))
    records = [
        record
        for session, session_rows in rows
        for record in _match_rows(session_rows, session, registered or ())
    ]
    groups = _group_people(records, by)
    schedule = build_schedule(sessions)
    people = tuple(
        sorted((_build_attendee(group, schedule, shown, threshold) for group in groups), key=_order)
    )
    counts_only = bool(sessions) and has_counts_only(features, records)
    # Where nobody who came can be recognized, nobody can be said to have stayed away.
    unknown = registered is None or counts_only or has_names_only(people)
    absent = None if unknown else tuple(find_no_shows(records, registered or ()))
    headcounts = tuple(
        evolve(headcount, at=headcount.at.astimezone(shown))
        for headcount in concurrency(
            _combine_all(group) for group in groups if _role(group) not in STAFF
        )
    )
    return AttendanceReport(
        room=room,
        provider=provider,
        account=account,
        timezone=shown,
        made_at=made_at.astimezone(shown),
        at_least=threshold,
        sessions=sessions,
        people=people,
        no_shows=absent or (),
        headcounts=headcounts,
        summary=summarize(
            people, registered, absent, headcounts, threshold, counts_only=counts_only
        ),
        limitations=list_limitations(
            features,
            sessions=sessions,
            records=records,
            people=people,
            registered=registered,
            absent=absent or (),
            unknown_zone="" if zone else room.timezone or "",
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
    person: PersonAttendance,
    schedule: Schedule,
    zone: ZoneInfo,
    at_least: float | timedelta | None,
) -> Attendee:
    by_session: dict[str | None, list[Segment]] = {}
    for record in person.records:
        by_session.setdefault(record.session_id, []).extend(record.segments)
    segments = [
        _convert_segment(segment, session_id or "", zone)
        for session_id, parts in by_session.items()
        for segment in merge_segments(parts)
    ]
    keys = [key for record in person.records for key in record.merged_by]
    presence = measure_presence(person, schedule)
    return Attendee(
        name=person.display_name,
        email=person.email,
        role=_role(person),
        session_ids=tuple(session_id or "" for session_id in by_session),
        segments=tuple(sorted(segments, key=lambda segment: to_utc(segment.joined_at))),
        duration=presence.duration,
        share=presence.share,
        known_duration=presence.known_duration,
        known_share=presence.known_share,
        late_by=presence.late_by,
        left_early_by=presence.left_early_by,
        reached=has_reached(presence, at_least),
        participant_id=person.participant_id,
        matched_by=person.matched_by,
        merged_by=tuple(dict.fromkeys((*keys, *person.grouped_by))),
    )


def _role(person: PersonAttendance) -> Role:
    return min((record.role for record in person.records), key=_RANK.__getitem__)


def _convert_segment(segment: Segment, session_id: str, zone: ZoneInfo) -> SessionSegment:
    return SessionSegment(
        session_id=session_id,
        joined_at=segment.joined_at.astimezone(zone),
        left_at=segment.left_at and segment.left_at.astimezone(zone),
    )


def _combine_all(person: PersonAttendance) -> Attendance:
    """Return all segments of a person as one record, so that each person counts once at a time."""
    segments = (segment for record in person.records for segment in record.segments)
    return evolve(person.records[0], segments=tuple(segments))


def _order(person: Attendee) -> tuple[int, datetime, Sequence[tuple[int, str]]]:
    joined_at = person.joined_at
    at = to_utc(joined_at) if joined_at else _LAST
    return _RANK[person.role], at, _natural_key(person.name or "")


def _natural_key(name: str) -> Sequence[tuple[int, str]]:
    """Return a key that sorts Guest 2 before Guest 10."""
    parts = _NUMBER.split(name.casefold())
    return [(int(part), part) if part.isdecimal() else (-1, part) for part in parts]


def _convert_session(session: Session, zone: ZoneInfo) -> Session:
    return evolve(
        session,
        started_at=session.started_at and session.started_at.astimezone(zone),
        ended_at=session.ended_at and session.ended_at.astimezone(zone),
    )
