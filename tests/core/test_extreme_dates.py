"""Placeholder dates near the years 1 and 9999: no operation on them overflows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone, tzinfo
from itertools import product
from zoneinfo import ZoneInfo

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conferencing import (
    Attendance,
    Conference,
    ConferencingError,
    Context,
    Participant,
    PersonAttendance,
    Room,
    Segment,
    Session,
    find_created_room,
)
from conferencing.attendance import concurrency, group_by_person, match, merge, no_shows, peak
from conferencing.calendar import invitation
from conferencing.memory import MemoryProvider, MemorySettings
from conferencing.model.attendance import merge_segments
from conferencing.model.base import elapsed, to_utc
from conferencing.report.build import build_report
from conferencing.report.write import FORMATS, render_report

ZONES: list[tzinfo] = [
    UTC,
    timezone(timedelta(hours=14)),
    timezone(-timedelta(hours=12)),
    ZoneInfo("Pacific/Kiritimati"),
    ZoneInfo("America/Los_Angeles"),
]
EDGES = [
    datetime.min.replace(tzinfo=UTC),
    datetime.max.replace(tzinfo=UTC),
    datetime(1, 1, 1, tzinfo=UTC),
    datetime(9999, 12, 31, tzinfo=UTC),
]
MOMENTS = [edge.replace(tzinfo=zone) for edge, zone in product(EDGES, ZONES)]
NORMAL = datetime(2026, 10, 1, 9, tzinfo=UTC)


@pytest.mark.parametrize("moment", MOMENTS, ids=str)
def test_attendance_with_extreme_time_is_computed(moment: datetime) -> None:
    session = Session(id="1", started_at=moment, ended_at=NORMAL)
    record = Attendance(
        id="a",
        email="ann@example.com",
        segments=(
            Segment(joined_at=moment, left_at=NORMAL),
            Segment(joined_at=NORMAL, left_at=moment),
            Segment(joined_at=moment),
        ),
    )
    for part in (record, *merge([record, record])):
        assert part.joined_at is not None
        assert part.duration is None
        assert part.left_at is None
        part.share_of(session)
    assert merge_segments(record.segments)
    assert group_by_person([record])[0].duration is None
    assert match([record], [Participant(id="1", email="ann@example.com")])[0].participant_id
    assert no_shows([record], [Participant(id="1", email="ann@example.com")]) == []
    assert peak(concurrency([record])) is not None
    assert isinstance(PersonAttendance(records=(record,)).email, str)


@pytest.mark.parametrize("moment", MOMENTS, ids=str)
def test_room_with_extreme_start_may_have_no_end(moment: datetime) -> None:
    end = Room(id="1", starts_at=moment, duration=timedelta(days=2)).ends_at
    assert end is None or elapsed(moment, end) == timedelta(days=2)
    assert repr(Room(id="1", starts_at=moment))


@pytest.mark.parametrize("moment", MOMENTS, ids=str)
def test_reconcile_with_extreme_creation_date_decides(moment: datetime) -> None:
    room = Room(id="1", name="Launch", created_at=moment)
    outcome = find_created_room([room], "Launch", since=NORMAL)
    assert (outcome.match == room) == (moment.year == 9999)
    assert find_created_room([room], "Launch", since=moment).match == room


@pytest.mark.parametrize("moment", MOMENTS, ids=str)
async def test_listings_with_extreme_range_are_read(moment: datetime) -> None:
    provider = MemoryProvider(MemorySettings(), Context())
    async with Conference(provider) as conference:
        room = await conference.create_room("Launch", starts_at=moment, duration=timedelta(days=2))
        assert await conference.usage(moment, moment).collect() == []
        assert await conference.feedback(moment, moment).collect() == []
        outcome = await conference.reconcile_room("Launch", since=moment, settle=0)
        assert (outcome.match == room) == (moment.year == 1)


@given(
    st.datetimes(timezones=st.sampled_from(ZONES)), st.datetimes(timezones=st.sampled_from(ZONES))
)
def test_elapsed_equals_subtraction_in_utc(first: datetime, second: datetime) -> None:
    length = elapsed(first, second)
    assert length == -elapsed(second, first)
    if {first.year, second.year} & {1, 9999}:
        return
    assert length == second.astimezone(UTC) - first.astimezone(UTC)
    assert to_utc(first) == first.astimezone(UTC)


RENDERED = sorted(FORMATS.keys() - {".pdf"})
"""The formats that are quick to write; a PDF is made of the same values as the page."""


@pytest.mark.parametrize("moment", MOMENTS, ids=str)
def test_report_with_extreme_time_is_written(moment: datetime) -> None:
    sessions = [
        Session(id="1", started_at=moment, ended_at=NORMAL),
        Session(id="2", started_at=NORMAL, ended_at=moment),
    ]
    segments = [
        Segment(joined_at=moment, left_at=NORMAL),
        Segment(joined_at=NORMAL, left_at=moment),
    ]
    records = [
        Attendance(id="a", email="ann@example.com", session_id=session.id, segments=segments)
        for session in sessions
    ]
    report = build_report(
        Room(id="1", name="Launch", starts_at=moment, timezone="Europe/Warsaw"),
        [(session, [record]) for session, record in zip(sessions, records, strict=True)],
        [Participant(id="1", email="ann@example.com", registered_at=moment)],
        provider="memory", features=MemoryProvider.features, made_at=NORMAL,
    )  # fmt: skip
    assert [session.started_at for session in report.sessions] == [None, NORMAL]
    assert [segment.left_at for person in report.people for segment in person.segments] == [
        None, None
    ]  # fmt: skip
    for suffix in RENDERED:
        assert render_report(report, suffix)


@pytest.mark.parametrize("zone", [None, "Europe/Warsaw", "Pacific/Kiritimati"])
@pytest.mark.parametrize("moment", MOMENTS, ids=str)
def test_calendar_with_extreme_time_is_written(moment: datetime, zone: str | None) -> None:
    room = Room(id="1", starts_at=NORMAL, timezone=zone, created_at=moment, updated_at=moment)
    for length in (timedelta(hours=1), timedelta.max):
        event = invitation(attrs.evolve(room, duration=length), provider="memory")
        assert b"SEQUENCE:0" in event
        assert b"CREATED" not in event
    with pytest.raises(ConferencingError, match="no starts_at"):
        invitation(attrs.evolve(room, starts_at=moment), provider="memory")
