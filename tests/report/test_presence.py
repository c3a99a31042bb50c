"""How a report counts people and time: odd sessions, clock changes, thresholds, hosts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from attrs import evolve
from crowd import FEATURES, ROOM, START, participant, record, report_of, session

from conferencing import (
    Attendance,
    InvalidRequest,
    MatchedBy,
    Participant,
    Precision,
    Role,
    Segment,
)
from conferencing.model import Session
from conferencing.report import AttendanceReport, LimitationKind
from conferencing.report.language import load_language
from conferencing.report.page import build_page
from conferencing.report.threshold import parse_at_least

EXACT = evolve(FEATURES, resolution=timedelta())
MINUTE = timedelta(minutes=1)
DAY = 24 * 60


def test_session_of_no_length_keeps_shares() -> None:
    report = held((session(minutes=0, days=-1), []), (session(2), [record(1, "Ann", (0, 60))]))
    assert report.people[0].share == 1.0
    assert report.limitations == ()


def test_report_of_empty_sessions_has_no_share() -> None:
    report = held((session(minutes=0), [record(1, "Ann", (0, 0))]))
    assert (report.people[0].share, report.people[0].duration) == (None, timedelta())


def test_session_that_ends_before_it_starts_is_a_limitation() -> None:
    report = held((session(minutes=-60), [record(1, "Ann", (-60, 0))]))
    (ann,) = report.people
    assert (ann.share, ann.duration) == (None, 60 * MINUTE)
    assert [limitation.kind for limitation in report.limitations] == [
        LimitationKind.SESSION_REVERSED
    ]


def test_person_who_left_before_joining_is_a_limitation() -> None:
    report = held((session(), [record(1, "Ann", (30, 10))]))
    assert report.people[0].duration == timedelta()
    assert [limitation.kind for limitation in report.limitations] == [
        LimitationKind.SEGMENT_REVERSED
    ]


def test_clock_change_between_sessions_shows_both_offsets() -> None:
    march = datetime(2027, 3, 1, 17, tzinfo=UTC)
    april = datetime(2027, 4, 5, 16, tzinfo=UTC)
    report = held(*((evolve(session(n), started_at=at, ended_at=at + 60 * MINUTE), [])
                    for n, at in enumerate((march, april))))  # fmt: skip
    when = build_page(report, load_language("en"))["when"]
    assert when.endswith("All times are in Europe/Warsaw (UTC+1:00, UTC+2:00).")
    april_only = held((report.sessions[1], []))
    assert "(UTC+2:00)" in build_page(april_only, load_language("en"))["when"]


def test_last_departure_is_the_latest_instant() -> None:
    night = datetime(2027, 10, 31, tzinfo=UTC)  # 2:50 comes before 2:10 in Warsaw
    stays = [(10, 50), (60, 70)]
    segments = tuple(
        Segment(joined_at=night + start * MINUTE, left_at=night + end * MINUTE)
        for start, end in stays
    )
    ann = Attendance(id="1", email="ann@example.com", segments=segments)
    whole = Session(id="s", started_at=night, ended_at=night + 120 * MINUTE)
    (person,) = held((whole, [ann])).people
    assert person.left_at.isoformat() == "2027-10-31T02:10:00+01:00"


@pytest.mark.parametrize("other", ["person1@example.com", "PERSON1@example.com"])
def test_two_registrations_of_one_address_are_one_person(other: str) -> None:
    twice = [participant(1), evolve(participant(2), email=other)]
    report = report_of([record(1, "Ann", (0, 60))], twice, EXACT)
    summary = report.summary
    assert (summary.registered, summary.attended_registered, summary.no_shows) == (1, 1, 0)
    (ann,) = report.people
    assert (ann.participant_id, ann.matched_by) == (None, MatchedBy.EMAIL)
    assert ann.is_registered
    assert report.limitations == ()
    assert registrations(report) == ["by e-mail"]
    absent = report_of([], twice)
    assert (absent.summary.registered, absent.summary.no_shows) == (1, 1)
    assert [person.id for person in absent.no_shows] == ["p1"]


def test_vendor_link_to_second_registration_counts() -> None:
    twice = [participant(1), evolve(participant(2), email="person1@example.com")]
    linked = record(9, "Ann", (0, 60), email=None, participant_id="p2",
                    matched_by=MatchedBy.REGISTRATION)  # fmt: skip
    report = report_of([linked], twice)
    assert report.no_shows == ()
    assert registrations(report) == ["yes"]


def test_registrations_without_address_are_counted_by_id() -> None:
    people = [Participant(id="7"), Participant(id="8"), Participant(id=None), Participant(id=None)]
    assert report_of([], people).summary.registered == 4


def test_hosts_and_presenters_are_counted_apart() -> None:
    rows = [
        record(0, "Host", (0, 80), role=Role.HOST),
        record(1, "Speaker", (0, 70), role=Role.PRESENTER),
        record(2, "Ann", (0, 10)),
        record(3, "Guest", (5, 15), role=Role.GUEST),
        record(4, "Somebody", (20, 30), role=Role.UNKNOWN),
    ]
    registered = [participant(n) for n in (1, 2, 7)]
    summary = report_of(rows, [*registered, evolve(participant(8), role=Role.HOST)]).summary
    assert (summary.attended, summary.staff) == (3, 2)
    assert (summary.registered, summary.attended_registered, summary.no_shows) == (2, 1, 1)
    assert (summary.timed, summary.mean, summary.median) == (3, 10 * MINUTE, 10 * MINUTE)
    assert summary.peak.people == 2


def test_report_of_a_host_alone_has_no_attendee() -> None:
    report = report_of([record(0, "Host", (0, 60), role=Role.HOST)])
    summary = report.summary
    assert (summary.attended, summary.staff, summary.mean, summary.peak) == (0, 1, None, None)
    assert [person.name for person in report.people] == ["Host"]


def test_unknown_stay_leaves_a_lower_bound() -> None:
    report = held((session(), [record(1, "Ann", (0, 55), (55.3, None))]))
    (ann,) = report.people
    assert (ann.duration, ann.share) == (None, None)
    assert ann.known_duration == 55 * MINUTE
    assert ann.known_share == 55 / 60
    row = build_page(report, load_language("en"))["people"][0]
    assert (row["minutes"], row["share"]) == ("at least 55", "at least 91\u00a0%")


def test_share_is_known_if_another_stay_covers_the_session() -> None:
    (ann,) = held((session(), [record(1, "Ann", (0, 60), (30, None))])).people
    assert (ann.duration, ann.share) == (None, 1.0)


def test_sessions_that_overlap_count_once() -> None:
    first, second = session(1), evolve(session(2), started_at=at(30), ended_at=at(90))
    both = held(
        (first, [record(1, "Ann", (0, 60)), record(2, "Bob", (0, 60))]),
        (second, [record(1, "Ann", (30, 90))]),
    )
    ann, bob = both.people
    assert (ann.duration, ann.share) == (90 * MINUTE, 1.0)
    assert bob.share == pytest.approx(60 / 90)
    assert len(ann.segments) == 2


def test_durations_without_times_in_overlapping_sessions_are_unknown() -> None:
    first, second = session(1), evolve(session(2), started_at=at(30), ended_at=at(90))
    row = record(1, "Ann", reported_duration=40 * MINUTE, precision=Precision.DURATION)
    (ann,) = held((first, [row]), (second, [row])).people
    assert (ann.duration, ann.share, ann.known_duration) == (None, None, 40 * MINUTE)
    apart = evolve(second, started_at=at(60), ended_at=at(120))
    (ann,) = held((first, [row]), (apart, [row])).people
    assert (ann.duration, ann.share) == (80 * MINUTE, 80 / 120)


@pytest.mark.parametrize(
    ("stays", "late", "early"),
    [
        ([(-5, 61)], 0, 0),
        ([(3, 20), (30, 50)], 3, 10),
        ([(0.5, 59.5)], 0.5, 0.5),
        ([(3, None)], 3, None),
        ([(3, 60), (30, None)], 3, 0),
        ([(3, 40), (30, None)], 3, None),
        ([], None, None),
    ],
)
def test_lateness_is_measured_at_both_ends(
    stays: list[tuple[float, float | None]], late: float | None, early: float | None
) -> None:
    (ann,) = held((session(), [record(1, "Ann", *stays)])).people
    assert ann.late_by == (None if late is None else late * MINUTE)
    assert ann.left_early_by == (None if early is None else early * MINUTE)


def test_lateness_adds_up_over_attended_sessions() -> None:
    report = held(
        (session(1), [record(1, "Ann", (2, 60))]),
        (session(2, days=1), [record(1, "Ann", (DAY + 3, DAY + 55))]),
        (session(3, days=2), []),
    )
    (ann,) = report.people
    assert (ann.late_by, ann.left_early_by) == (5 * MINUTE, 5 * MINUTE)


SECOND = 1 / 60


@pytest.mark.parametrize(
    ("at_least", "until", "reached"),
    [
        ("80%", 48, True),
        ("80%", 48 - SECOND, False),
        ("80%", 47.75, False),
        (0.8, 48, True),
        ("33.3%", 19.98, True),
        ("33,3 %", 19.97, False),
        ("100%", 60, True),
        ("100%", 60 - SECOND, False),
        ("45m", 45, True),
        ("45 min", 45 - SECOND, False),
        ("1h", 60, True),
        ("0h45m30s", 45.5, True),
        (timedelta(minutes=45), 44, False),
        (None, 60, None),
    ],
)
def test_threshold_is_compared_exactly(at_least: Any, until: float, reached: bool | None) -> None:
    (ann,) = held((session(), [record(1, "Ann", (0, until))]), at_least=at_least).people
    assert ann.reached is reached


@pytest.mark.parametrize(
    ("stays", "reached"),
    [([(0, 50), (50, None)], True), ([(0, 40), (40, None)], None), ([(0, None)], None)],
)
@pytest.mark.parametrize("at_least", ["80%", "48m"])
def test_unknown_time_reaches_what_is_certain(
    stays: list[tuple[float, float | None]], reached: bool | None, at_least: str
) -> None:
    report = held((session(), [record(1, "Ann", *stays)]), at_least=at_least)
    assert report.people[0].reached is reached
    summary = report.summary
    assert (summary.reached, summary.reached_unknown) == (int(bool(reached)), int(reached is None))


def test_summary_counts_attendees_who_reached() -> None:
    rows = [record(0, "Host", (0, 60), role=Role.HOST), record(1, "Ann", (0, 60)),
            record(2, "Bob", (0, 47.75))]  # fmt: skip
    report = report_of(rows, at_least="80%")
    assert (report.at_least, report.summary.reached) == (0.8, 1)
    bob = build_page(report, load_language("en"))["people"][2]
    assert (bob["share"], bob["minutes"], bob["reached"]) == ("79\u00a0%", "47", "no")
    assert report_of(rows).summary.reached is None


@pytest.mark.parametrize(
    "value", ["80", "", "0%", "101%", "-5%", "abc", 80, 0, 1.5, -0.1, True, "0m", timedelta(), "m"]
)
def test_threshold_that_is_ambiguous_raises(value: Any) -> None:
    with pytest.raises(InvalidRequest, match="80%") as caught:
        parse_at_least(value)
    assert caught.value.field == "at_least"


def test_equal_people_are_in_natural_order() -> None:
    names = ["Guest 10", "Guest 2", "guest 1", "Ann"]
    rows = [record(n, name, (0, 60)) for n, name in enumerate(names)]
    assert [person.name for person in report_of(rows).people] == [
        "Ann", "guest 1", "Guest 2", "Guest 10",
    ]  # fmt: skip


@pytest.mark.parametrize("zone", ["W. Europe Standard Time", "Mars/Olympus"])
def test_unknown_zone_of_the_room_is_utc_with_a_note(zone: str) -> None:
    report = report_of([record(1, "Ann", (0, 60))], [], EXACT, room=evolve(ROOM, timezone=zone))
    assert report.timezone.key == "UTC"
    (limitation,) = report.limitations
    assert limitation.kind is LimitationKind.ZONE_UNKNOWN
    assert zone in limitation.text
    explicit = report_of([], [], EXACT, room=report.room, timezone="Europe/Warsaw")
    assert (explicit.timezone.key, explicit.limitations) == ("Europe/Warsaw", ())


def held(*attendance: Any, **options: Any) -> AttendanceReport:
    return report_of([], [], EXACT, attendance=list(attendance), **options)


def registrations(report: AttendanceReport) -> list[str]:
    people = build_page(report, load_language("en"))["people"]
    return [person["registration"] for person in people]


def at(minute: float) -> datetime:
    return START + timedelta(minutes=minute)
