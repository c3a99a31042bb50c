"""Reports built from given records: by example, and against a count of minutes."""

from __future__ import annotations

import pickle
from datetime import UTC, datetime, timedelta

import pytest
from attrs import evolve
from crowd import ROOM, START, hostile, many, participant, record, report_of, session
from hypothesis import given, settings
from hypothesis import strategies as st

from conferencing import Attendance, Headcount, InvalidRequest, MatchedBy, MergedBy, Role
from conferencing.report import AttendanceReport

HOUR = timedelta(hours=1)


def test_summary_counts_people_and_times(three: AttendanceReport) -> None:
    summary = three.summary
    assert (
        summary.registered,
        summary.attended,
        summary.attended_registered,
        summary.no_shows,
    ) == (4, 2, 2, 2)
    assert (summary.staff, summary.timed) == (1, 2)
    assert summary.median == summary.mean == timedelta(minutes=50, seconds=30)
    assert summary.peak == Headcount(START + timedelta(minutes=10), 2)


def test_attendee_has_times_share_and_match(three: AttendanceReport) -> None:
    host, returner, last = three.people
    assert [person.role for person in three.people] == [Role.HOST, Role.ATTENDEE, Role.ATTENDEE]
    assert (host.joined_at, host.left_at) == (at(-5), at(61))
    assert host.share == 1.0  # what lies before and after the session does not count
    assert [(segment.joined_at, segment.left_at) for segment in returner.segments] == [
        (at(2), at(20)),
        (at(25), at(58)),
    ]
    assert returner.duration == timedelta(minutes=51)
    assert returner.share == pytest.approx(51 / 60)
    assert (last.participant_id, last.matched_by) == ("p2", MatchedBy.EMAIL)
    assert (host.participant_id, host.matched_by) == (None, None)


def test_no_shows_are_unused_registrations(three: AttendanceReport) -> None:
    assert [person.id for person in three.no_shows] == ["p3", "p4"]


def test_times_are_in_the_zone_of_the_room(three: AttendanceReport) -> None:
    assert three.people[0].joined_at.isoformat() == "2026-10-01T09:55:00+02:00"
    assert three.headcounts[0].at.isoformat() == "2026-10-01T10:02:00+02:00"
    assert three.sessions[0].started_at.isoformat() == "2026-10-01T10:00:00+02:00"
    elsewhere = report_of([record(1, "Ann", (0, 60))], timezone="Asia/Kolkata")
    assert elsewhere.people[0].joined_at.isoformat() == "2026-10-01T13:30:00+05:30"
    nowhere = report_of([record(1, "Ann", (0, 60))], room=evolve(ROOM, timezone=None))
    assert nowhere.timezone.key == "UTC"


def test_unknown_zone_raises() -> None:
    with pytest.raises(
        InvalidRequest, match=r"timezone is 'Mars/Olympus'.*Europe/Warsaw"
    ) as caught:
        report_of([], timezone="Mars/Olympus")
    assert caught.value.field == "timezone"


def test_two_devices_make_one_segment() -> None:
    phone = record(1, "Ann", (10, 40), id="phone")
    desk = record(1, "Ann Lee", (0, 20), (50, 60), id="desk")
    (ann,) = report_of([desk, phone]).people
    assert [(segment.joined_at, segment.left_at) for segment in ann.segments] == [
        (at(0), at(40)),
        (at(50), at(60)),
    ]
    assert (ann.name, ann.duration) == ("Ann Lee", timedelta(minutes=50))
    assert ann.merged_by == (MergedBy.EMAIL,)


def test_equal_names_stay_two_people() -> None:
    report = report_of([record(1, "Kim", (0, 30)), record(2, "Kim", (0, 60))])
    assert [person.duration for person in report.people] == [timedelta(minutes=30), HOUR]
    nameless = [record(n, "Kim", (0, 30), email=None) for n in (1, 2)]
    assert report_of(nameless).summary.attended == 2
    assert report_of(nameless, by=[MergedBy.NAME]).summary.attended == 1


def test_two_sessions_add_up_to_one_person() -> None:
    second = session(2, days=7)
    week = 7 * 24 * 60
    report = report_of(
        [],
        attendance=[
            (session(), [record(1, "Ann", (0, 60)), record(2, "Bob", (0, 30))]),
            (second, [record(1, "Ann", (week, week + 30), id="new")]),
        ],
    )
    ann, bob = report.people
    assert (ann.duration, ann.share) == (timedelta(minutes=90), 0.75)
    assert (bob.duration, bob.share) == (timedelta(minutes=30), 0.25)
    assert [segment.session_id for segment in ann.segments] == ["s1", "s2"]
    assert ann.merged_by == (MergedBy.EMAIL,)
    assert report.summary.peak == Headcount(at(0), 2)


def test_unknown_leave_time_makes_duration_none() -> None:
    gone = record(1, "Ann", (0, 10), (20, None))
    report = report_of([gone, record(2, "Bob", (0, 30))], None)
    ann, bob = report.people
    assert (ann.left_at, ann.duration, ann.share) == (None, None, None)
    assert (report.summary.timed, report.summary.mean) == (1, bob.duration)
    assert (report.summary.registered, report.summary.no_shows) == (None, None)


def test_reported_durations_are_not_added_up() -> None:
    half = timedelta(minutes=30)
    row = record(1, "Ann", reported_duration=half)
    assert report_of([row]).people[0].duration == half
    assert report_of([row]).people[0].share == 0.5
    (ann,) = report_of([row, evolve(row, id="other")]).people
    assert (ann.duration, ann.share) == (None, None)


def test_attendee_of_other_session_is_no_show() -> None:
    elsewhere = evolve(participant(9), session_id="s7")  # the session that they attended
    assert [person.id for person in report_of([], [elsewhere, participant(8)]).no_shows] == [
        "p9",
        "p8",
    ]


def test_empty_session_lowers_the_share() -> None:
    attendance = [(session(), [record(1, "Ann", (0, 60))]), (session(2, days=1), [])]
    assert report_of([], attendance=attendance).people[0].share == 0.5


def test_report_repr_hides_people_and_pickles() -> None:
    report = many(20)
    for shown in (repr(report), repr(report.people[3]), repr(hostile())):
        assert "@" not in shown
        assert "script" not in shown
    assert pickle.loads(pickle.dumps(report)) == report


minute = st.integers(0, 70)
segments = st.lists(st.tuples(minute, minute).map(lambda pair: (min(pair), max(pair))), max_size=3)
devices = st.lists(st.tuples(st.integers(0, 3), segments), max_size=8)


@settings(max_examples=200, deadline=None, database=None)
@given(devices, st.sets(st.integers(0, 5)))
def test_report_equals_count_of_minutes(
    devices: list[tuple[int, list[tuple[int, int]]]], registered: set[int]
) -> None:
    rows = [
        record(person, None, *times, id=f"{number}")
        for number, (person, times) in enumerate(devices)
    ]
    report = report_of(rows, [participant(number) for number in registered])
    attended = {person for person, _ in devices}
    minutes = {person: _minutes_of(person, devices) for person in attended}
    assert report.summary.attended == len(attended)
    assert report.summary.no_shows == len(registered - attended)
    assert report.summary.attended_registered == len(registered & attended)
    for attendee in report.people:
        person = int(attendee.email.removeprefix("person").partition("@")[0])
        if not all(times for owner, times in devices if owner == person):
            assert attendee.duration is None
            continue
        assert attendee.duration == timedelta(minutes=len(minutes[person]))
        assert attendee.share == pytest.approx(len(minutes[person] & set(range(60))) / 60)
    headcounts = [sum(m in present for present in minutes.values()) for m in range(80)]
    assert (report.summary.peak.people if report.summary.peak else 0) == max(headcounts)


def _minutes_of(person: int, devices: list[tuple[int, list[tuple[int, int]]]]) -> set[int]:
    times = [time for owner, times in devices if owner == person for time in times]
    return {minute for minute in range(80) for start, end in times if start <= minute < end}


@settings(max_examples=100, deadline=None, database=None)
@given(
    st.lists(
        st.builds(Attendance, id=st.text(min_size=1), display_name=st.text(), email=st.text()),
        max_size=5,
    )
)
def test_any_name_or_address_is_in_report(rows: list[Attendance]) -> None:
    report = report_of(rows)
    names = {row.display_name or None for row in rows}
    assert {person.name for person in report.people} <= names
    assert len(report.people) <= len(rows)
    assert bool(report.people) == bool(rows)


def at(minute: float) -> datetime:
    return (START + timedelta(minutes=minute)).astimezone(UTC)
