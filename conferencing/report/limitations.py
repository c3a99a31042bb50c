"""What a report cannot show, by what the vendor supports and by what it reported."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import timedelta
from typing import Final

from attrs import evolve

from conferencing.capabilities import Features
from conferencing.formatting import clean_line
from conferencing.model import Participant, Session, SessionStatus
from conferencing.model.attendance import Attendance, MergedBy, Precision
from conferencing.model.base import elapsed

from .language import Language, load_language
from .values import Attendee, Limitation, LimitationKind

__all__ = [
    "build_limitation",
    "describe_limitation",
    "has_counts_only",
    "has_names_only",
    "list_limitations",
]

_PRECISION: Final = {
    Precision.COUNT: LimitationKind.COUNT_ONLY,
    Precision.JOINED: LimitationKind.JOIN_ONLY,
    Precision.SPAN: LimitationKind.SPAN_ONLY,
    Precision.DURATION: LimitationKind.DURATION_ONLY,
}


def describe_limitation(limitation: Limitation, language: Language) -> str:
    """Return the text of a limitation in a language."""
    key = f"limitation_{limitation.kind.name.lower()}"
    if limitation.count is not None:
        return language.count(key, limitation.count)
    duration = language.duration(limitation.duration)
    return language.text(key, duration=duration, detail=limitation.detail)


def build_limitation(
    kind: LimitationKind,
    count: int | None = None,
    *,
    duration: timedelta | None = None,
    detail: str = "",
) -> Limitation:
    """Return a limitation with its text in English."""
    limitation = Limitation(kind, "", count, duration, detail)
    return evolve(limitation, text=describe_limitation(limitation, load_language("en")))


def list_limitations(
    features: Features,
    *,
    sessions: Sequence[Session],
    records: Sequence[Attendance],
    people: Sequence[Attendee],
    registered: Sequence[Participant] | None,
    absent: Sequence[Participant],
    unknown_zone: str = "",
) -> tuple[Limitation, ...]:
    """Return the limitations of a report, the most important first."""
    precisions = {record.precision for record in records}
    if has_counts_only(features, records):
        precisions = {Precision.COUNT}
    return (
        *(build_limitation(kind) for key, kind in _PRECISION.items() if key in precisions),
        *_limit_times(features, sessions, people, precisions),
        *_limit_segments(records),
        *_limit_identity(people),
        *_limit_registration(people, registered, absent),
        *_limit_sessions(sessions, people, precisions),
        *_limit_zone(unknown_zone),
    )


def has_names_only(people: Sequence[Attendee]) -> bool:
    """Return whether nobody who attended can be matched to a registration."""
    audience = [person for person in people if not person.is_staff] or people
    return bool(audience) and all(map(_is_unidentified, audience))


def _is_unidentified(person: Attendee) -> bool:
    return not person.email and not person.is_registered


def has_counts_only(features: Features, records: Sequence[Attendance]) -> bool:
    """Return whether the vendor reports at most how many people attended."""
    return not records and features.attendance in {None, Precision.COUNT}


def _limit_times(
    features: Features,
    sessions: Sequence[Session],
    people: Sequence[Attendee],
    precisions: Collection[Precision],
) -> Iterator[Limitation]:
    running = {session.id for session in sessions if session.status is SessionStatus.RUNNING}
    if running:
        yield build_limitation(LimitationKind.RUNNING)
    unended = [person for person in people if _lacks_end(person, running)]
    if unended and Precision.JOINED not in precisions:
        yield build_limitation(LimitationKind.LEAVE_UNKNOWN, len(unended))
    untimed = [person for person in people if not person.segments and person.duration is None]
    if untimed:
        yield build_limitation(LimitationKind.TIMES_UNKNOWN, len(untimed))
    if features.resolution > timedelta(seconds=1) and any(person.segments for person in people):
        yield build_limitation(LimitationKind.RESOLUTION, duration=features.resolution)


def _limit_segments(records: Iterable[Attendance]) -> Iterator[Limitation]:
    segments = (segment for record in records for segment in record.segments)
    if any(
        segment.left_at and elapsed(segment.joined_at, segment.left_at) < timedelta()
        for segment in segments
    ):
        yield build_limitation(LimitationKind.SEGMENT_REVERSED)


def _lacks_end(person: Attendee, running: Collection[str]) -> bool:
    return any(
        segment.left_at is None and segment.session_id not in running for segment in person.segments
    )


def _limit_identity(people: Sequence[Attendee]) -> Iterator[Limitation]:
    unidentified = sum(_is_unidentified(person) for person in people)
    if has_names_only(people):
        yield build_limitation(LimitationKind.NAMES_ONLY)
    elif unidentified:
        yield build_limitation(LimitationKind.EMAIL_UNKNOWN, unidentified)
    by_name = [person for person in people if MergedBy.NAME in person.merged_by]
    if by_name:
        yield build_limitation(LimitationKind.MERGED_BY_NAME, len(by_name))


def _limit_registration(
    people: Sequence[Attendee],
    registered: Sequence[Participant] | None,
    absent: Sequence[Participant],
) -> Iterator[Limitation]:
    if registered is None:
        yield build_limitation(LimitationKind.NO_REGISTRATION)
        return
    audience = [person for person in people if not person.is_staff]
    unmatched = [person for person in audience if person.email and not person.is_registered]
    if absent and unmatched:
        yield build_limitation(LimitationKind.UNMATCHED, len(unmatched))


def _limit_sessions(
    sessions: Sequence[Session], people: Sequence[Attendee], precisions: Collection[Precision]
) -> Iterator[Limitation]:
    ended = [session for session in sessions if session.status is not SessionStatus.RUNNING]
    durations = [session.duration for session in ended]
    if None in durations:
        yield build_limitation(LimitationKind.DURATION_UNKNOWN)
    if any(duration is not None and duration < timedelta() for duration in durations):
        yield build_limitation(LimitationKind.SESSION_REVERSED)
    listed = Counter(session_id for person in people for session_id in person.session_ids)
    differing = [
        session for session in sessions if session.people not in {None, listed[session.id]}
    ]
    if differing and Precision.COUNT not in precisions:
        yield build_limitation(LimitationKind.COUNTS_DIFFER, len(differing))


def _limit_zone(name: str) -> Iterator[Limitation]:
    if name:
        yield build_limitation(LimitationKind.ZONE_UNKNOWN, detail=clean_line(name))
