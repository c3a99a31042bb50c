"""Reports of sessions held on a sandbox, fetched through the client."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from conferencing import (
    Conference,
    InvalidRequest,
    MatchedBy,
    MergedBy,
    Role,
    Session,
    connect,
)
from conferencing.report import LimitationKind, collect_report, write_report
from conferencing.sandbox import ServedSimulator, World

MINUTES = timedelta(minutes=1)


@pytest.fixture
async def room_id(conference: Conference, world: World) -> str:
    """Hold two sessions of a webinar: Ann joins the first twice, Bob both, Cid none."""
    room = await conference.create_room(
        "Launch", kind="webinar", timezone="Europe/Warsaw", registration=True
    )
    for name in ("Ann", "Bob", "Cid"):
        await conference.register(
            room, email=f"{name.lower()}@example.com", first_name=name, last_name="Lee"
        )
    world.enter(room.id, "Host", "host@example.com", Role.HOST)
    ann = world.enter(room.id, "Ann Lee", "ann@example.com")
    world.advance(20 * MINUTES)
    world.leave(ann.id)
    world.enter(room.id, "Bob Lee", "bob@example.com")
    world.advance(10 * MINUTES)
    world.enter(room.id, "Ann (phone)", "ANN@example.com")
    world.advance(30 * MINUTES)
    world.end_session(room.id)
    world.advance(timedelta(days=7))
    world.enter(room.id, "Bob Lee", "bob@example.com")
    world.advance(60 * MINUTES)
    world.end_session(room.id)
    return room.id


async def test_room_report_covers_all_sessions(conference: Conference, room_id: str) -> None:
    report = await collect_report(conference, room_id)
    people = {person.email.lower(): person for person in report.people}
    assert report.title == "Launch"
    assert set(people) == {"host@example.com", "ann@example.com", "bob@example.com"}
    assert people["ann@example.com"].duration == 50 * MINUTES
    assert len(people["ann@example.com"].segments) == 2
    assert people["bob@example.com"].duration == 100 * MINUTES
    assert people["bob@example.com"].session_ids == tuple(
        session.id for session in sorted(report.sessions, key=start_of)
    )
    assert people["bob@example.com"].matched_by is MatchedBy.EMAIL
    assert MergedBy.REGISTRATION in people["bob@example.com"].merged_by
    assert [person.email for person in report.no_shows] == ["cid@example.com"]
    assert (
        report.summary.registered,
        report.summary.attended,
        report.summary.attended_registered,
    ) == (3, 2, 2)
    assert (report.summary.staff, report.summary.peak.people) == (1, 2)
    assert LimitationKind.RESOLUTION in {limitation.kind for limitation in report.limitations}


async def test_session_report_covers_one_session(conference: Conference, room_id: str) -> None:
    sessions = await conference.sessions(room_id).collect()
    later = max(sessions, key=start_of)
    for session in (later, later.id):
        report = await collect_report(conference, room_id, session, timezone="UTC")
        assert [person.email for person in report.people] == ["bob@example.com"]
        assert report.people[0].duration == 60 * MINUTES
        assert {person.email for person in report.no_shows} == {
            "ann@example.com",
            "cid@example.com",
        }


async def test_unknown_zone_raises_before_sending(
    conference: Conference, served: ServedSimulator
) -> None:
    seen = len(served.requests)
    with pytest.raises(InvalidRequest, match="timezone"):
        await collect_report(conference, "1", timezone="Nowhere")
    assert len(served.requests) == seen


async def test_running_session_is_a_limitation(conference: Conference, world: World) -> None:
    room = await conference.create_room("Now", kind="meeting")
    world.enter(room.id, "Ann", "ann@example.com")
    world.advance(5 * MINUTES)
    report = await collect_report(conference, room)
    assert report.people[0].duration is None
    assert LimitationKind.RUNNING in {limitation.kind for limitation in report.limitations}
    assert LimitationKind.LEAVE_UNKNOWN not in {
        limitation.kind for limitation in report.limitations
    }


async def test_room_without_session_has_report(conference: Conference, tmp_path: Path) -> None:
    room = await conference.create_room("Empty", kind="meeting")
    report = await collect_report(conference, room)
    assert (report.sessions, report.people) == ((), ())
    for suffix in ("html", "pdf", "csv", "xlsx", "json", "parquet"):
        assert write_report(report, tmp_path / f"empty.{suffix}").stat().st_size


async def test_memory_provider_reports_seconds(tmp_path: Path) -> None:
    async with connect({"provider": "memory"}) as conference:
        world = conference.provider.world
        room = await conference.create_room("Memory")
        ann = world.enter(room.id, "Ann", "ann@example.com")
        world.advance(timedelta(seconds=90))
        world.leave(ann.id)
        world.end_session(room.id)
        report = await collect_report(conference, room)
    assert report.people[0].duration == timedelta(seconds=90)
    assert report.people[0].share == 1.0
    assert LimitationKind.RESOLUTION not in {limitation.kind for limitation in report.limitations}


def start_of(session: Session) -> datetime:
    return session.started_at
