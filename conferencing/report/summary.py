"""The headline figures of a report, and who registered and did not show up."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from datetime import timedelta
from statistics import fmean, median

from conferencing.attendance import no_shows, peak
from conferencing.model import Participant
from conferencing.model.attendance import Attendance, Headcount
from conferencing.model.emails import email_key

from .values import STAFF, Attendee, Summary

__all__ = ["find_no_shows", "summarize"]


def find_no_shows(
    records: Iterable[Attendance], registered: Sequence[Participant]
) -> list[Participant]:
    """Return who registered and appears in none of the records, each e-mail address once."""
    absent = no_shows(records, registered)
    missing = {id(person) for person in absent}
    # Of two registrations of one person, a record may name only one.
    present = {_key(person) for person in registered if id(person) not in missing}
    return [person for key, person in _by_person(absent).items() if key not in present]


def summarize(
    people: Sequence[Attendee],
    registered: Sequence[Participant] | None,
    absent: Sequence[Participant] | None,
    headcounts: Sequence[Headcount],
    at_least: float | timedelta | None,
    *,
    counts_only: bool,
) -> Summary:
    """Return the figures, without hosts and presenters. With `counts_only`, no names are known.

    `absent` are those who registered and did not come, or None if that is not known.
    """
    audience = [person for person in people if not person.is_staff]
    durations = [person.duration for person in audience if person.duration is not None]
    seconds = [duration.total_seconds() for duration in durations]
    expected = None if registered is None else len(_leave_out_staff(registered, people))
    missing = None if absent is None else len(_leave_out_staff(absent, people))
    reached = [person.reached for person in audience]
    return Summary(
        registered=expected,
        attended=None if counts_only else len(audience),
        attended_registered=None if expected is None or missing is None else expected - missing,
        no_shows=missing,
        staff=len(people) - len(audience),
        reached=None if at_least is None or counts_only else reached.count(True),
        reached_unknown=0 if at_least is None else reached.count(None),
        timed=len(seconds),
        mean=timedelta(seconds=fmean(seconds)) if seconds else None,
        median=timedelta(seconds=median(seconds)) if seconds else None,
        peak=peak(headcounts),
    )


def _leave_out_staff(
    registered: Iterable[Participant], people: Iterable[Attendee]
) -> Sequence[Participant]:
    """Return each registered person once, without hosts and presenters."""
    staff = [person for person in people if person.is_staff]
    emails = {email_key(person.email) for person in staff if person.email}
    ids = {person.participant_id for person in staff} - {None}
    return [
        person
        for person in _by_person(registered).values()
        if person.role not in STAFF and person.id not in ids and _key(person) not in emails
    ]


def _by_person(registered: Iterable[Participant]) -> dict[Hashable, Participant]:
    people: dict[Hashable, Participant] = {}
    for person in registered:
        people.setdefault(_key(person), person)
    return people


def _key(person: Participant) -> Hashable:
    """Return the address, else the id: an address that registers twice is one person."""
    if person.email and person.email.strip():
        return email_key(person.email)
    return ("id", person.id) if person.id is not None else ("nobody", id(person))
