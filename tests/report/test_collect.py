"""A report of what really took place on a sandbox: played behind its back, read through the client."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from conferencing import Conference, InvalidRequest, MatchedBy, MergedBy, Role, connect
from conferencing.report import GapKind, collect_report, write_report
from conferencing.sandbox import ServedSimulator, World

MINUTES = timedelta(minutes=1)


@pytest.fixture
async def played(conference: Conference, world: World) -> str:
    """Play two sessions of a webinar: Ann comes twice to the first, Bob to both, Cid to none."""
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


async def test_a_whole_room_is_told_over_its_sessions(conference: Conference, played: str) -> None:
    report = await collect_report(conference, played)
    people = {person.email.lower(): person for person in report.people}
    assert report.title == "Launch"
    assert set(people) == {"host@example.com", "ann@example.com", "bob@example.com"}
    assert people["ann@example.com"].duration == 50 * MINUTES
    assert len(people["ann@example.com"].stays) == 2
    assert people["bob@example.com"].duration == 100 * MINUTES
    assert people["bob@example.com"].session_ids == tuple(one.id for one in sorted_sessions(report))
    assert people["bob@example.com"].matched_by is MatchedBy.EMAIL
    assert MergedBy.REGISTRATION in people["bob@example.com"].merged_by
    assert [person.email for person in report.no_shows] == ["cid@example.com"]
    assert (report.summary.registered, report.summary.came, report.summary.expected) == (3, 3, 2)
    assert report.summary.peak.people == 3
    assert GapKind.RESOLUTION in {gap.kind for gap in report.gaps}


async def test_one_session_is_told_alone(conference: Conference, played: str) -> None:
    sessions = await conference.sessions(played).collect()
    later = max(sessions, key=lambda one: one.started_at)
    for asked in (later, later.id):
        report = await collect_report(conference, played, asked, timezone="UTC")
        assert [person.email for person in report.people] == ["bob@example.com"]
        assert report.people[0].duration == 60 * MINUTES
        assert {one.email for one in report.no_shows} == {"ann@example.com", "cid@example.com"}


async def test_a_zone_that_is_none_is_refused_before_anything_is_sent(
    conference: Conference, served: ServedSimulator
) -> None:
    seen = len(served.requests)
    with pytest.raises(InvalidRequest, match="timezone"):
        await collect_report(conference, "1", timezone="Nowhere")
    assert len(served.requests) == seen


async def test_the_report_of_a_running_session_says_that_it_runs(
    conference: Conference, world: World
) -> None:
    room = await conference.create_room("Now", kind="meeting")
    world.enter(room.id, "Ann", "ann@example.com")
    world.advance(5 * MINUTES)
    report = await collect_report(conference, room)
    assert report.people[0].duration is None
    assert GapKind.RUNNING in {gap.kind for gap in report.gaps}
    assert GapKind.LEAVE_UNKNOWN not in {gap.kind for gap in report.gaps}


async def test_a_room_without_a_session_has_a_report(
    conference: Conference, tmp_path: Path
) -> None:
    room = await conference.create_room("Empty", kind="meeting")
    report = await collect_report(conference, room)
    assert (report.sessions, report.people) == ((), ())
    for suffix in ("html", "pdf", "csv", "xlsx", "json", "parquet"):
        assert write_report(report, tmp_path / f"empty.{suffix}").stat().st_size


async def test_the_memory_provider_is_told_to_the_second(tmp_path: Path) -> None:
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
    assert GapKind.RESOLUTION not in {gap.kind for gap in report.gaps}


def sorted_sessions(report):
    return sorted(report.sessions, key=lambda one: one.started_at)
