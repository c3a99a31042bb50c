"""Positions of windows, bars and ticks in the picture of a report."""

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
from conferencing.report import AttendanceReport
from conferencing.report.chart import draw_chart
from conferencing.report.language import load_language
from conferencing.report.timeline import Bar, Window, build_bars, build_ticks, build_windows

WARSAW = ZoneInfo("Europe/Warsaw")
ENGLISH = load_language("en")


def test_window_covers_early_and_late_people(
    three: AttendanceReport,
) -> None:
    (window,) = build_windows(three)
    assert (window.x, window.width) == (0.0, 1.0)
    assert (window.start, window.end) == (at(-5), at(61))
    bars = build_bars({"s1": window}, three.people[1])
    assert bars == (Bar(7 / 66, pytest.approx(18 / 66)), Bar(30 / 66, pytest.approx(33 / 66)))


def test_windows_are_side_by_side() -> None:
    report = many(30, sessions=6)
    windows = build_windows(report)
    assert len(windows) == 6
    assert all(left.x + left.width < right.x for left, right in pairwise(windows))
    assert windows[-1].x + windows[-1].width == pytest.approx(1)
    by_id = {window.session.id: window for window in windows}
    for person in report.people:
        for bar, segment in zip(build_bars(by_id, person), person.segments, strict=True):
            window = by_id[segment.session_id]
            assert window.x - 1e-9 <= bar.x <= bar.x + bar.width <= window.x + window.width + 1e-9


def test_segment_without_end_is_an_open_bar() -> None:
    report = report_of([record(1, "Ann", (0, None))])
    (window,) = build_windows(report)
    assert build_bars({"s1": window}, report.people[0]) == (Bar(0.0, 0.0, open=True),)


def test_session_without_times_has_no_window() -> None:
    unknown = session(started_at=None, ended_at=None)
    report = report_of([], attendance=[(unknown, [record(1, "Ann")])])
    assert build_windows(report) == ()
    assert draw_chart(report, ENGLISH, width=500) is None


def test_session_of_no_length_is_a_minute_wide() -> None:
    report = report_of([], attendance=[(session(minutes=0), [])])
    assert build_windows(report)[0].length == timedelta(minutes=1)


@settings(max_examples=200, deadline=None, database=None)
@given(st.integers(0, 60 * 24), st.integers(1, 60 * 24 * 40), st.integers(1, 14))
def test_ticks_are_even_and_inside_the_window(start: int, length: int, most: int) -> None:
    begin = START + timedelta(minutes=start)
    ticks = build_ticks(window(begin, begin + timedelta(minutes=length)), WARSAW, most, ENGLISH)
    assert len(ticks) <= most + 1
    assert all(timedelta() <= tick.offset <= timedelta(minutes=length) for tick in ticks)
    steps = {later.offset - earlier.offset for earlier, later in pairwise(ticks)}
    assert len(steps) <= 1


def test_ticks_follow_a_change_of_clocks() -> None:
    begin = datetime(2026, 10, 25, 1, 30, tzinfo=WARSAW).astimezone(UTC)
    ticks = build_ticks(window(begin, begin + timedelta(hours=3)), WARSAW, 7, ENGLISH)
    assert [tick.label for tick in ticks] == [
        "01:30", "02:00", "02:30", "02:00", "02:30", "03:00", "03:30",
    ]  # fmt: skip


def test_chart_has_no_names_or_links(hostile: AttendanceReport) -> None:
    svg = draw_chart(hostile, ENGLISH, width=800) or ""
    assert svg.startswith("<svg")
    for word in ("script", "panic", "HYPERLINK", "style=", "href", "role=", "aria-"):
        assert word not in svg.replace("description", "")


def test_every_segment_has_a_bar(thousands: AttendanceReport) -> None:
    by_id = {window.session.id: window for window in build_windows(thousands)}
    assert sum(len(build_bars(by_id, person)) for person in thousands.people) == sum(
        len(person.segments) for person in thousands.people
    )
    assert build_bars(by_id, evolve(thousands.people[0], segments=())) == ()


def window(start: datetime, end: datetime) -> Window:
    return Window(session=Session(id="s"), start=start, end=end, x=0.0, width=1.0)


def at(minute: int) -> datetime:
    return START + timedelta(minutes=minute)
