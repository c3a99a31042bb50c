"""Where stays are drawn: each in its session's part of the picture, at the time of day it was."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from attrs import evolve
from crowd import START, many, record, report_of, session
from hypothesis import given, settings
from hypothesis import strategies as st

from conferencing import Session
from conferencing.report import AttendanceReport, Attendee
from conferencing.report.curve import curve_svg
from conferencing.report.timeline import Bar, Window, bars_of, ticks, windows_of

WARSAW = ZoneInfo("Europe/Warsaw")


def test_one_session_fills_the_width_with_those_who_came_early_and_stayed(
    three: AttendanceReport,
) -> None:
    (window,) = windows_of(three)
    assert (window.x, window.width) == (0.0, 1.0)
    assert (window.start, window.end) == (at(-5), at(61))
    bars = bars_of({"s1": window}, three.people[1])
    assert bars == (Bar(7 / 66, pytest.approx(18 / 66)), Bar(30 / 66, pytest.approx(33 / 66)))


def test_sessions_stand_side_by_side_without_the_weeks_between() -> None:
    report = many(30, sessions=6)
    windows = windows_of(report)
    assert len(windows) == 6
    assert all(one.x + one.width < two.x for one, two in pairwise(windows))
    assert windows[-1].x + windows[-1].width == pytest.approx(1)
    by_id = {one.session.id: one for one in windows}
    for person in report.people:
        for bar, stay in zip(bars_of(by_id, person), person.stays, strict=True):
            window = by_id[stay.session_id]
            assert window.x - 1e-9 <= bar.x <= bar.x + bar.width <= window.x + window.width + 1e-9


def test_a_stay_without_an_end_is_open_and_has_no_width() -> None:
    report = report_of([record(1, "Ann", (0, None))])
    (window,) = windows_of(report)
    assert bars_of({"s1": window}, report.people[0]) == (Bar(0.0, 0.0, open=True),)


def test_a_session_of_which_no_time_is_known_is_not_drawn() -> None:
    unknown = session(started_at=None, ended_at=None)
    report = report_of([], visits=[(unknown, [record(1, "Ann")])])
    assert windows_of(report) == ()
    assert curve_svg(report, width=500) is None


def test_a_session_of_one_moment_is_a_minute_wide() -> None:
    report = report_of([], visits=[(session(minutes=0), [])])
    assert windows_of(report)[0].length == timedelta(minutes=1)


@settings(max_examples=200, deadline=None, database=None)
@given(st.integers(0, 60 * 24), st.integers(1, 60 * 24 * 40), st.integers(1, 14))
def test_ticks_are_few_round_and_inside(start: int, length: int, most: int) -> None:
    begin = START + timedelta(minutes=start)
    one = window(begin, begin + timedelta(minutes=length))
    found = ticks(one, WARSAW, most)
    assert len(found) <= most + 1
    assert all(timedelta() <= tick.offset <= one.length for tick in found)
    steps = {later.offset - earlier.offset for earlier, later in pairwise(found)}
    assert len(steps) <= 1


def test_ticks_tell_the_time_of_day_of_the_zone_over_a_change_of_clocks() -> None:
    begin = datetime(2026, 10, 25, 1, 30, tzinfo=WARSAW).astimezone(UTC)
    found = ticks(window(begin, begin + timedelta(hours=3)), WARSAW, 7)
    assert [tick.label for tick in found] == [
        "01:30", "02:00", "02:30", "02:00", "02:30", "03:00", "03:30",
    ]  # fmt: skip


def test_the_curve_is_drawn_of_numbers_alone(hostile: AttendanceReport) -> None:
    drawn = curve_svg(hostile, width=800) or ""
    assert drawn.startswith("<svg")
    for word in ("script", "panic", "HYPERLINK", "style=", "href", "role=", "aria-"):
        assert word not in drawn.replace("description", "")


def test_nobodys_stay_is_left_out_of_the_picture(thousands: AttendanceReport) -> None:
    by_id = {one.session.id: one for one in windows_of(thousands)}
    assert sum(len(bars_of(by_id, person)) for person in thousands.people) == sum(
        len(person.stays) for person in thousands.people
    )
    nobody = evolve(thousands.people[0], stays=())
    assert bars_of(by_id, nobody) == ()
    assert isinstance(nobody, Attendee)


def window(start: datetime, end: datetime) -> Window:
    return Window(session=Session(id="s"), start=start, end=end, x=0.0, width=1.0)


def at(minute: int) -> datetime:
    return START + timedelta(minutes=minute)
