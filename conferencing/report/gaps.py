"""What a report cannot know, in words: from what a vendor can tell and from what it did tell."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from datetime import timedelta

from conferencing.capabilities import Features
from conferencing.model import Participant, Session, SessionStatus
from conferencing.model.attendance import Attendance, MergedBy, Precision

from .values import Attendee, Gap, GapKind
from .words import count, length

__all__ = ["gaps", "only_counted"]

_PRECISION = {
    Precision.COUNT: Gap(
        GapKind.COUNT_ONLY,
        "This provider tells how many people came, not who they were or how long they stayed.",
    ),
    Precision.JOINED: Gap(
        GapKind.JOIN_ONLY,
        "This provider tells when somebody came, not when they left. How long people stayed, their "
        "share of the session and how many were there at one time cannot be known.",
    ),
    Precision.SPAN: Gap(
        GapKind.SPAN_ONLY,
        "This provider tells the first arrival and the last departure only. Whoever went away in "
        "between and came back counts as present all the time.",
    ),
    Precision.DURATION: Gap(
        GapKind.DURATION_ONLY,
        "This provider tells how long somebody was there, not when. There are no bars and no curve, "
        "and how often people came back cannot be seen.",
    ),
}


def gaps(
    features: Features,
    *,
    sessions: Sequence[Session],
    records: Sequence[Attendance],
    people: Sequence[Attendee],
    expected: Sequence[Participant] | None,
    absent: Sequence[Participant],
) -> tuple[Gap, ...]:
    """Return what cannot be known, the weightiest first."""
    told = {record.precision for record in records}
    if only_counted(features, records):
        told = {Precision.COUNT}
    return (
        *(gap for precision, gap in _PRECISION.items() if precision in told),
        *_of_times(features, sessions, people, told),
        *_of_identity(people),
        *_of_registration(people, expected, absent),
        *_of_sessions(sessions, people, told),
    )


def only_counted(features: Features, records: Sequence[Attendance]) -> bool:
    """Return whether the vendor tells at most how many came."""
    return not records and features.attendance in {None, Precision.COUNT}


def _of_times(
    features: Features,
    sessions: Sequence[Session],
    people: Sequence[Attendee],
    told: Collection[Precision],
) -> Iterator[Gap]:
    running = {one.id for one in sessions if one.status is SessionStatus.RUNNING}
    if running:
        yield Gap(
            GapKind.RUNNING,
            "A session is still running. Whoever is in it has not left yet, and who will come is "
            "not in here.",
        )
    unended = [
        person
        for person in people
        if any(stay.left_at is None and stay.session_id not in running for stay in person.stays)
    ]
    if unended and Precision.JOINED not in told:
        yield Gap(
            GapKind.LEAVE_UNKNOWN,
            f"For {count(len(unended), 'person', 'people')} a leave time is missing. How long they "
            "stayed is not known; the curve leaves such a stay out, so it may be too low.",
        )
    untimed = [one for one in people if not one.stays and one.duration is None]
    if untimed:
        yield Gap(
            GapKind.TIMES_UNKNOWN,
            f"For {count(len(untimed), 'person', 'people')} the provider tells no times at all: "
            "they came, and that is all that is known.",
        )
    if features.resolution > timedelta(seconds=1) and any(one.stays for one in people):
        finest = length(features.resolution)
        yield Gap(
            GapKind.RESOLUTION,
            f"This provider tells times in steps of {finest}. Each arrival and departure may be off "
            f"by as much, and a stay that is shorter may show as none.",
        )


def _of_identity(people: Sequence[Attendee]) -> Iterator[Gap]:
    unknown = [one for one in people if not one.email and not one.participant_id]
    if people and len(unknown) == len(people):
        yield Gap(
            GapKind.NAMES_ONLY,
            "People are known by their display names only, which anybody can choose. Two people of "
            "one name cannot be told apart from one who came twice, and nobody can be matched to a "
            "registration.",
        )
    elif unknown:
        yield Gap(
            GapKind.EMAIL_UNKNOWN,
            f"{count(len(unknown), 'person', 'people')} came without an e-mail address. They cannot "
            "be matched to a registration, and whoever came twice is counted twice.",
        )
    named = [one for one in people if MergedBy.NAME in one.merged_by]
    if named:
        yield Gap(
            GapKind.MERGED_BY_NAME,
            f"{count(len(named), 'person was', 'people were')} put together from several rows by "
            "name. Two people who share a name would be one here.",
        )


def _of_registration(
    people: Sequence[Attendee],
    expected: Sequence[Participant] | None,
    absent: Sequence[Participant],
) -> Iterator[Gap]:
    if expected is None:
        yield Gap(
            GapKind.NO_REGISTRATION,
            "There is no list of registrations, so who was expected and did not come is not known.",
        )
        return
    unmatched = [one for one in people if one.email and not one.participant_id]
    if absent and unmatched:
        yield Gap(
            GapKind.UNMATCHED,
            f"{count(len(unmatched), 'person', 'people')} in the room could not be matched to a "
            "registration. Some of the no-shows may be among them under another address.",
        )


def _of_sessions(
    sessions: Sequence[Session], people: Sequence[Attendee], told: Collection[Precision]
) -> Iterator[Gap]:
    if any(not one.duration and one.status is not SessionStatus.RUNNING for one in sessions):
        yield Gap(
            GapKind.LENGTH_UNKNOWN,
            "How long a session lasted is not known, so people's share of the time is not either.",
        )
    listed = Counter(session_id for person in people for session_id in person.session_ids)
    differing = [one for one in sessions if one.people not in {None, listed[one.id]}]
    if differing and Precision.COUNT not in told:
        yield Gap(
            GapKind.COUNTS_DIFFER,
            f"In {count(len(differing), 'session', 'sessions')} the provider counts another number "
            "of people than it lists. It may count arrivals or devices; this report counts people.",
        )
