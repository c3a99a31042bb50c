"""How long a person was present in the sessions of a report. Sessions that overlap count once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from attrs import frozen

from conferencing.attendance import combine, merge_segments
from conferencing.model import Session
from conferencing.model.attendance import Attendance, PersonAttendance, Segment
from conferencing.model.attendance_segments import clip_segments, sum_durations
from conferencing.model.base import elapsed, to_utc

__all__ = ["Presence", "Schedule", "build_schedule", "has_reached", "measure_presence"]

_ZERO: Final = timedelta()
Records = Mapping[str | None, Sequence[Attendance]]


@frozen(kw_only=True)
class Schedule:
    """The sessions of a report. `total` is their time, None if the duration of any is unknown."""

    sessions: Mapping[str | None, Session]
    total: timedelta | None
    overlaps: bool


@frozen(kw_only=True)
class Presence:
    """The time present of one person; None is unknown. `known_` are lower bounds."""

    duration: timedelta | None
    known_duration: timedelta
    share: float | None
    known_share: float | None
    late_by: timedelta | None
    left_early_by: timedelta | None


def build_schedule(sessions: Sequence[Session]) -> Schedule:
    """Return the sessions with the time that they cover together."""
    spans = [span for session in sessions if (span := _span_of(session)) is not None]
    union = sum_durations(merge_segments(spans))
    return Schedule(
        sessions={session.id: session for session in sessions},
        total=union if len(spans) == len(sessions) else None,
        overlaps=union < sum_durations(spans),
    )


def measure_presence(person: PersonAttendance, schedule: Schedule) -> Presence:
    """Return how long a person was present, as a time and as a share of all sessions.

    Durations without times cannot be added up over sessions that overlap.
    """
    by_session: dict[str | None, list[Attendance]] = {}
    for record in person.records:
        by_session.setdefault(record.session_id, []).append(record)
    untimed = any(not record.segments for record in person.records)
    least, share = _measure_share(by_session, schedule)
    vague = untimed and schedule.overlaps and len(by_session) > 1
    return Presence(
        duration=None if vague else person.duration,
        known_duration=_find_longest(by_session) if vague else person.known_duration,
        share=None if vague else share,
        known_share=None if vague else least,
        late_by=_add(_lateness(by_session[key], schedule.sessions[key]) for key in by_session),
        left_early_by=_add(_leave(by_session[key], schedule.sessions[key]) for key in by_session),
    )


def has_reached(presence: Presence, at_least: float | timedelta | None) -> bool | None:
    """Return whether a person was present for a share or a time, or None if that is unknown."""
    if at_least is None:
        return None
    if isinstance(at_least, timedelta):
        exact, certain = presence.duration, presence.known_duration >= at_least
        return True if certain else None if exact is None else exact >= at_least
    # Two different shares of sessions shorter than years are two different floats.
    certain = presence.known_share is not None and presence.known_share >= at_least
    return True if certain else None if presence.share is None else presence.share >= at_least


def _span_of(session: Session) -> Segment | None:
    """Return the time of a session, None if it is unknown or ends before it starts."""
    if session.started_at is None or session.duration is None or session.duration < _ZERO:
        return None
    return Segment(joined_at=session.started_at, left_at=session.ended_at)


def _measure_share(by_session: Records, schedule: Schedule) -> tuple[float | None, float | None]:
    """Return the share that is certain, and the share, of the time of all sessions."""
    if not schedule.total:
        return None, None
    inside: list[Segment] = []
    present, is_exact = _ZERO, True
    for session_id, records in by_session.items():
        record, session = combine(records), schedule.sessions[session_id]
        is_exact = is_exact and record is not None
        if session.started_at is None or session.ended_at is None or session.duration is None:
            return None, None
        if any(part.segments for part in records):
            segments = (segment for part in records for segment in part.segments)
            inside += clip_segments(segments, session.started_at, session.ended_at)
        else:
            is_exact = is_exact and record is not None and record.reported_duration is not None
            longest = max(part.known_duration for part in records)
            present += min(longest, session.duration)
    is_exact = is_exact and all(segment.left_at is not None for segment in inside)
    share = (present + sum_durations(merge_segments(inside))) / schedule.total
    return share, share if is_exact else None


def _find_longest(by_session: Records) -> timedelta:
    persons = (PersonAttendance(records=tuple(records)) for records in by_session.values())
    return max((person.known_duration for person in persons), default=_ZERO)


def _lateness(records: Sequence[Attendance], session: Session) -> timedelta | None:
    """Return how long after the start of a session a person joined it."""
    joined = [record.joined_at for record in records]
    times = [at for at in joined if at is not None]
    if session.started_at is None or len(times) != len(joined):
        return None
    return max(elapsed(session.started_at, min(times, key=to_utc)), _ZERO)


def _leave(records: Sequence[Attendance], session: Session) -> timedelta | None:
    """Return how long before the end of a session a person left it."""
    end = session.ended_at
    times = [segment.left_at for record in records for segment in record.segments]
    departures: list[datetime] = [at for at in times if at is not None]
    if end is None or not all(record.segments for record in records):
        return None
    last = max(departures, key=to_utc, default=None)
    early = None if last is None else max(elapsed(last, end), _ZERO)
    return early if len(departures) == len(times) or early == _ZERO else None


def _add(durations: Iterable[timedelta | None]) -> timedelta | None:
    """Return the sum, None if any part is unknown."""
    total = _ZERO
    for duration in durations:
        if duration is None:
            return None
        total += duration
    return total
