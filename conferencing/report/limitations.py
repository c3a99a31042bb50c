"""What a report cannot show, in English: by what the vendor supports and by what it reported."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from datetime import timedelta

from conferencing.capabilities import Features
from conferencing.formatting import format_count, format_duration
from conferencing.model import Participant, Session, SessionStatus
from conferencing.model.attendance import Attendance, MergedBy, Precision

from .values import Attendee, Limitation, LimitationKind

__all__ = ["has_counts_only", "list_limitations"]

_PRECISION = {
    Precision.COUNT: Limitation(
        LimitationKind.COUNT_ONLY,
        "This provider reports how many people attended, but not who they were or how long they "
        "stayed.",
    ),
    Precision.JOINED: Limitation(
        LimitationKind.JOIN_ONLY,
        "This provider reports when people joined, but not when they left. How long they stayed, "
        "their share of the session and how many were present at one time are unknown.",
    ),
    Precision.SPAN: Limitation(
        LimitationKind.SPAN_ONLY,
        "This provider reports only the first arrival and the last departure. Anyone who left in "
        "between and returned counts as present all the time.",
    ),
    Precision.DURATION: Limitation(
        LimitationKind.DURATION_ONLY,
        "This provider reports how long people were present, but not when. There is no timeline and "
        "no chart, and it is unknown how often people joined.",
    ),
}


def list_limitations(
    features: Features,
    *,
    sessions: Sequence[Session],
    records: Sequence[Attendance],
    people: Sequence[Attendee],
    registered: Sequence[Participant] | None,
    absent: Sequence[Participant],
) -> tuple[Limitation, ...]:
    """Return the limitations of a report, the most important first."""
    precisions = {record.precision for record in records}
    if has_counts_only(features, records):
        precisions = {Precision.COUNT}
    return (
        *(text for precision, text in _PRECISION.items() if precision in precisions),
        *_limit_times(features, sessions, people, precisions),
        *_limit_identity(people),
        *_limit_registration(people, registered, absent),
        *_limit_sessions(sessions, people, precisions),
    )


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
        yield Limitation(
            LimitationKind.RUNNING,
            "A session is still running. People in it have not left yet, and others may join.",
        )
    unended = [person for person in people if _lacks_end(person, running)]
    if unended and Precision.JOINED not in precisions:
        yield Limitation(
            LimitationKind.LEAVE_UNKNOWN,
            f"For {_count_people(unended)} a leave time is missing. How long they stayed is unknown, "
            "and the chart leaves that time out, so it may be too low.",
        )
    untimed = [person for person in people if not person.segments and person.duration is None]
    if untimed:
        yield Limitation(
            LimitationKind.TIMES_UNKNOWN,
            f"For {_count_people(untimed)} the provider reports no times, only that they attended.",
        )
    if features.resolution > timedelta(seconds=1) and any(person.segments for person in people):
        resolution = format_duration(features.resolution)
        yield Limitation(
            LimitationKind.RESOLUTION,
            f"This provider reports times in steps of {resolution}. Each join and leave time may be "
            "off by up to that much, and a shorter presence may have no length.",
        )


def _lacks_end(person: Attendee, running: Collection[str]) -> bool:
    return any(
        segment.left_at is None and segment.session_id not in running for segment in person.segments
    )


def _limit_identity(people: Sequence[Attendee]) -> Iterator[Limitation]:
    unidentified = [person for person in people if not person.email and not person.participant_id]
    if people and len(unidentified) == len(people):
        yield Limitation(
            LimitationKind.NAMES_ONLY,
            "Only display names are known, which people choose themselves. Two people with the same "
            "name look like one person who joined twice, and nobody can be matched to a "
            "registration.",
        )
    elif unidentified:
        yield Limitation(
            LimitationKind.EMAIL_UNKNOWN,
            f"{_count_people(unidentified)} attended without an e-mail address. They cannot be "
            "matched to a registration, and anyone who joined twice may be counted twice.",
        )
    by_name = [person for person in people if MergedBy.NAME in person.merged_by]
    if by_name:
        yield Limitation(
            LimitationKind.MERGED_BY_NAME,
            f"{format_count(len(by_name), 'person was', 'people were')} merged from several rows by "
            "name. Two people with the same name would appear as one.",
        )


def _limit_registration(
    people: Sequence[Attendee],
    registered: Sequence[Participant] | None,
    absent: Sequence[Participant],
) -> Iterator[Limitation]:
    if registered is None:
        yield Limitation(
            LimitationKind.NO_REGISTRATION,
            "There is no list of registrations, so the no-shows are unknown.",
        )
        return
    unmatched = [person for person in people if person.email and not person.participant_id]
    if absent and unmatched:
        yield Limitation(
            LimitationKind.UNMATCHED,
            f"{_count_people(unmatched)} in the room could not be matched to a registration. Some of "
            "the no-shows may be among them with another address.",
        )


def _limit_sessions(
    sessions: Sequence[Session], people: Sequence[Attendee], precisions: Collection[Precision]
) -> Iterator[Limitation]:
    ended = [session for session in sessions if session.status is not SessionStatus.RUNNING]
    if not all(session.duration for session in ended):
        yield Limitation(
            LimitationKind.LENGTH_UNKNOWN,
            "The length of a session is unknown, and therefore the share of each person.",
        )
    listed = Counter(session_id for person in people for session_id in person.session_ids)
    differing = [
        session for session in sessions if session.people not in {None, listed[session.id]}
    ]
    if differing and Precision.COUNT not in precisions:
        yield Limitation(
            LimitationKind.COUNTS_DIFFER,
            f"For {format_count(len(differing), 'session', 'sessions')} the provider's own count of "
            "people differs from its list. It may count arrivals or devices; this report counts "
            "people.",
        )


def _count_people(people: Sequence[Attendee]) -> str:
    return format_count(len(people), "person", "people")
