"""What a report says of records that are known: by tables, and against a count of minutes."""

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


def test_three_people_make_these_numbers(three: AttendanceReport) -> None:
    summary = three.summary
    assert (summary.registered, summary.came, summary.expected, summary.no_shows) == (4, 3, 2, 2)
    assert summary.timed == 3
    assert summary.median == timedelta(minutes=51)
    assert summary.mean == timedelta(minutes=(66 + 51 + 50) / 3)
    assert summary.peak == Headcount(START + timedelta(minutes=10), 3)


def test_each_row_says_when_how_long_and_by_what_a_person_is_known(three: AttendanceReport) -> None:
    host, returner, last = three.people
    assert [one.role for one in three.people] == [Role.HOST, Role.ATTENDEE, Role.ATTENDEE]
    assert (host.joined_at, host.left_at) == (at(-5), at(61))
    assert host.share == 1.0  # what lies before and after the session does not count
    assert [(stay.joined_at, stay.left_at) for stay in returner.stays] == [
        (at(2), at(20)),
        (at(25), at(58)),
    ]
    assert returner.duration == timedelta(minutes=51)
    assert returner.share == pytest.approx(51 / 60)
    assert (last.participant_id, last.matched_by) == ("p2", MatchedBy.EMAIL)
    assert (host.participant_id, host.matched_by) == (None, None)


def test_no_shows_are_the_registrations_that_nobody_came_for(three: AttendanceReport) -> None:
    assert [one.id for one in three.no_shows] == ["p3", "p4"]


def test_all_times_are_told_on_the_clock_of_the_room(three: AttendanceReport) -> None:
    assert three.people[0].joined_at.isoformat() == "2026-10-01T09:55:00+02:00"
    assert three.curve[0].at.isoformat() == "2026-10-01T09:55:00+02:00"
    assert three.sessions[0].started_at.isoformat() == "2026-10-01T10:00:00+02:00"
    elsewhere = report_of([record(1, "Ann", (0, 60))], timezone="Asia/Kolkata")
    assert elsewhere.people[0].joined_at.isoformat() == "2026-10-01T13:30:00+05:30"
    nowhere = report_of([record(1, "Ann", (0, 60))], room=evolve(ROOM, timezone=None))
    assert nowhere.timezone.key == "UTC"


def test_a_zone_that_is_none_is_refused_by_name() -> None:
    with pytest.raises(
        InvalidRequest, match=r"timezone is 'Mars/Olympus'.*Europe/Warsaw"
    ) as caught:
        report_of([], timezone="Mars/Olympus")
    assert caught.value.field == "timezone"


def test_two_devices_are_one_person_and_one_stay() -> None:
    phone = record(1, "Ann", (10, 40), id="phone")
    desk = record(1, "Ann Lee", (0, 20), (50, 60), id="desk")
    (ann,) = report_of([desk, phone]).people
    assert [(one.joined_at, one.left_at) for one in ann.stays] == [
        (at(0), at(40)),
        (at(50), at(60)),
    ]
    assert (ann.name, ann.duration) == ("Ann Lee", timedelta(minutes=50))
    assert ann.merged_by == (MergedBy.EMAIL,)


def test_two_people_of_one_name_are_two() -> None:
    report = report_of([record(1, "Kim", (0, 30)), record(2, "Kim", (0, 60))])
    assert [one.duration for one in report.people] == [timedelta(minutes=30), HOUR]
    nameless = [record(n, "Kim", (0, 30), email=None) for n in (1, 2)]
    assert report_of(nameless).summary.came == 2
    assert report_of(nameless, by=[MergedBy.NAME]).summary.came == 1


def test_a_person_of_two_sessions_has_the_time_of_both_and_a_share_of_all() -> None:
    second = session(2, days=7)
    week = 7 * 24 * 60
    report = report_of(
        [],
        visits=[
            (session(), [record(1, "Ann", (0, 60)), record(2, "Bob", (0, 30))]),
            (second, [record(1, "Ann", (week, week + 30), id="new")]),
        ],
    )
    ann, bob = report.people
    assert (ann.duration, ann.share) == (timedelta(minutes=90), 0.75)
    assert (bob.duration, bob.share) == (timedelta(minutes=30), 0.25)
    assert [stay.session_id for stay in ann.stays] == ["s1", "s2"]
    assert ann.merged_by == (MergedBy.EMAIL,)
    assert report.summary.peak == Headcount(at(0), 2)


def test_what_nobody_knows_is_none_and_never_nothing() -> None:
    gone = record(1, "Ann", (0, 10), (20, None))
    report = report_of([gone, record(2, "Bob", (0, 30))], None)
    ann, bob = report.people
    assert (ann.left_at, ann.duration, ann.share) == (None, None, None)
    assert (report.summary.timed, report.summary.mean) == (1, bob.duration)
    assert (report.summary.registered, report.summary.no_shows) == (None, None)


def test_a_length_without_times_counts_but_is_not_added_to_another_of_the_session() -> None:
    half = timedelta(minutes=30)
    one = record(1, "Ann", reported_duration=half)
    assert report_of([one]).people[0].duration == half
    assert report_of([one]).people[0].share == 0.5
    (ann,) = report_of([one, evolve(one, id="other")]).people
    assert (ann.duration, ann.share) == (None, None)


def test_who_came_to_another_session_only_is_a_no_show_of_this_one() -> None:
    elsewhere = evolve(participant(9), session_id="s7")  # where a vendor has seen them
    assert [one.id for one in report_of([], [elsewhere, participant(8)]).no_shows] == ["p9", "p8"]


def test_sessions_that_nobody_came_to_lower_the_share() -> None:
    visits = [(session(), [record(1, "Ann", (0, 60))]), (session(2, days=1), [])]
    assert report_of([], visits=visits).people[0].share == 0.5


def test_a_report_shows_no_person_in_its_repr_and_pickles() -> None:
    report = many(20)
    for shown in (repr(report), repr(report.people[3]), repr(hostile())):
        assert "@" not in shown
        assert "script" not in shown
    assert pickle.loads(pickle.dumps(report)) == report


minute = st.integers(0, 70)
stays = st.lists(st.tuples(minute, minute).map(lambda one: (min(one), max(one))), max_size=3)
devices = st.lists(st.tuples(st.integers(0, 3), stays), max_size=8)


@settings(max_examples=200, deadline=None, database=None)
@given(devices, st.sets(st.integers(0, 5)))
def test_a_report_is_what_a_count_of_minutes_says(
    devices: list[tuple[int, list[tuple[int, int]]]], registered: set[int]
) -> None:
    rows = [record(who, None, *stays, id=f"{n}") for n, (who, stays) in enumerate(devices)]
    report = report_of(rows, [participant(number) for number in registered])
    came = {who for who, _ in devices}
    grid = {
        who: {
            m
            for m in range(80)
            for one, its in devices
            for a, b in its
            if one == who and a <= m < b
        }
        for who in came
    }
    assert report.summary.came == len(came)
    assert report.summary.no_shows == len(registered - came)
    assert report.summary.expected == len(registered & came)
    for person in report.people:
        who = int(person.email.removeprefix("person").partition("@")[0])
        known = all(its for one, its in devices if one == who)
        assert person.duration == (timedelta(minutes=len(grid[who])) if known else None)
        if known:
            assert person.share == pytest.approx(len(grid[who] & set(range(60))) / 60)
    fullest = max((sum(m in covered for covered in grid.values()) for m in range(80)), default=0)
    assert (report.summary.peak.people if report.summary.peak else 0) == fullest


@settings(max_examples=100, deadline=None, database=None)
@given(
    st.lists(
        st.builds(Attendance, id=st.text(min_size=1), display_name=st.text(), email=st.text()),
        max_size=5,
    )
)
def test_whatever_people_call_themselves_everybody_is_in_the_report(rows: list[Attendance]) -> None:
    report = report_of(rows)
    assert {one.name for one in report.people} <= {row.display_name or None for row in rows}
    assert len(report.people) <= len(rows)
    assert bool(report.people) == bool(rows)


def at(minute: float) -> datetime:
    return (START + timedelta(minutes=minute)).astimezone(UTC)
