"""The cases of sessions, attendance, recordings, reports, usage and feedback."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container
from datetime import UTC, datetime, timedelta
from typing import Final

from conferencing.attendance import merge
from conferencing.capabilities import Operation
from conferencing.errors import ConferencingError, Conflict
from conferencing.model import (
    Feedback,
    JoinLink,
    Person,
    Recording,
    Report,
    ReportStatus,
    Role,
    Session,
    SessionStatus,
    Usage,
)
from conferencing.model.attendance import Attendance, Precision
from conferencing.model.base import elapsed
from conferencing.testing.expect import expect, expect_equal, outcome_of
from conferencing.testing.scenario import ANN, HOST, RECORDED, Scenario

from .case import OperationCase, check_known, check_unique
from .people import check_link

__all__ = ["CASES", "VARIANTS"]

SECOND: Final = timedelta(seconds=1)
MINUTE: Final = timedelta(minutes=1)
FAR: Final = timedelta(days=30)


def _truncate(moment: datetime | None, scenario: Scenario) -> datetime | None:
    """Return a moment with the resolution in which the vendor reports it."""
    step = max(scenario.features.resolution, SECOND)
    return moment and moment - (moment - datetime.min.replace(tzinfo=moment.tzinfo)) % step


def _check_moment(
    scenario: Scenario, value: datetime | None, real: datetime | None, subject: str
) -> None:
    """Compare an instant with the world; what has not happened yet has to be unknown."""
    expect(value is None or value.utcoffset() is not None, f"{subject} is naive")
    if real is None:
        expect(value is None, f"{subject}: expected None, for it has not happened; got {value!r}")
    check_known(_truncate(value, scenario), _truncate(real, scenario), subject)


# --------------------------------------------------------------------------------------- sessions


async def _check_started(scenario: Scenario, link: JoinLink) -> None:
    check_link(scenario, link, Role.HOST)
    world = scenario.world
    if world is None:
        return
    running = world.running(scenario.world_room_id)
    expect(running, "no session runs after start_session()")
    again = await scenario.conference.start_session(scenario.room, HOST)
    check_link(scenario, again, Role.HOST)
    same = world.running(scenario.world_room_id)
    subject = "the session after starting one that runs already"
    expect_equal(same and same.id, running and running.id, subject)


async def _check_ended(scenario: Scenario, _: object) -> None:
    """The session has ended; ending it again does not end the next one of the same room."""
    real = scenario.real_session()
    world = scenario.world
    if real is None or world is None:
        return
    expect_equal(real.status, SessionStatus.ENDED, "the session's status after end_session()")
    if not scenario.can(Operation.START_SESSION):
        return
    started = await outcome_of(
        scenario.conference.start_session(scenario.room, HOST), "start_session()"
    )
    following = world.running(scenario.world_room_id)
    if isinstance(started, ConferencingError) or following is None:
        return  # a vendor whose rooms run once
    await outcome_of(scenario.conference.end_session(scenario.session), "end_session()")
    still = world.running(scenario.world_room_id)
    expect(still and still.id == following.id, "end_session() of an old session ended a later one")


def _check_session(scenario: Scenario, session: Session) -> None:
    if session.room_id != scenario.room.id:  # or another name of the same room
        world = scenario.world
        room_id = (
            scenario.suite.world_room(world, session.room_id) if world and session.room_id else None
        )
        check_known(room_id or session.room_id, scenario.world_room_id, "the session's room_id")
    real = scenario.real_session(session)
    if real is None:
        return
    for name in ("started_at", "ended_at"):
        _check_moment(
            scenario, getattr(session, name), getattr(real, name), f"the session's {name}"
        )
    if session.status is not SessionStatus.UNKNOWN:
        expect_equal(session.status, real.status, "the session's status")
    people = (
        len(merge(scenario.real_attendance(real))) if scenario.suite.unreported else real.people
    )
    check_known(session.people, people, "the number of people")


async def _fill_sessions(scenario: Scenario, count: int) -> None:
    world = scenario.world
    for _ in range(count if world is not None else 0):
        if world is not None:
            scenario.enter(ANN)
            world.advance(MINUTE)
            world.end_session(scenario.world_room_id)


async def _check_sessions(scenario: Scenario, sessions: list[Session]) -> None:
    check_unique(sessions, "sessions")
    for session in sessions:
        _check_session(scenario, session)
    world = scenario.world
    if world is not None:
        real = world.sessions_of(scenario.world_room_id)
        ended = [session for session in real if session.ended_at is not None]
        expected = {len(real), len(ended)}  # some vendors list a session when it has ended
        message = f"expected {len(real)} sessions, {len(ended)} ended ones; got {len(sessions)}"
        expect(len(sessions) in expected, message)


async def _check_fetched(scenario: Scenario, session: Session) -> None:
    expect_equal(session.id, scenario.session.id, "the id of the session fetched")
    _check_session(scenario, session)


# ------------------------------------------------------------------------------------- attendance


async def _fill_attendance(scenario: Scenario, count: int) -> None:
    for number in range(count):
        scenario.enter(Person(email=f"guest{number}@example.com", name=f"Guest {number}"))
    if scenario.world is not None:
        scenario.world.advance(MINUTE)
    await scenario.end()
    await scenario.find_session()


async def _check_attendance(scenario: Scenario, records: list[Attendance]) -> None:
    check_unique(records, "attendance")
    real = scenario.real_session()
    world = scenario.world
    if real is None or world is None:
        return
    shown = {record.email.casefold() for record in records if record.email}
    people: defaultdict[str, list[Attendance]] = defaultdict(list)
    for person in merge(scenario.real_attendance(real)):
        people[_key(person, shown)].append(person)
    keys = [_key(record, shown) for record in records]
    expect_equal(sorted(set(keys)), sorted(people), "who was there")
    if shown:
        count = sum(map(len, people.values()))
        expect_equal(len(records), count, "the number of records, which is one per person")
    if real.ended_at is not None:
        for record in records:
            expected = scenario.features.attendance
            expect_equal(record.precision, expected, "the precision of a record")
    for record in records:
        _check_presence(scenario, record, people[_key(record, shown)])


def _key(record: Attendance, shown: Container[str]) -> str:
    """Return the address if the vendor shows it, which some do for those who registered only."""
    email = (record.email or "").casefold()
    return email if email in shown else (record.display_name or "").casefold()


def _check_presence(scenario: Scenario, record: Attendance, people: list[Attendance]) -> None:
    """Compare a record with the people whom it may be about: several if only names are known."""
    problems: list[AssertionError] = []
    for real in people:
        try:
            _check_person(scenario, record, real)
        except AssertionError as problem:
            problems.append(problem)
        else:
            return
    raise problems[0]


def _check_person(scenario: Scenario, record: Attendance, real: Attendance) -> None:
    name = record.display_name
    if record.email and name:
        expect_equal(name, real.display_name, "the name of a person")
    if record.role is not Role.UNKNOWN:
        expect_equal(record.role, real.role, f"the role of {name}")
    if record.precision is Precision.SEGMENTS:
        segments, expected = (_segments(scenario, each) for each in (record, real))
        expect_equal(segments, expected, f"the segments of {name}")
    elif record.precision is Precision.DURATION and real.duration is not None:
        difference = abs((record.duration or timedelta()) - real.duration)
        close = difference <= max(scenario.features.resolution, SECOND)
        expect(close, f"the duration of {name}: expected {real.duration}, got {record.duration}")
    elif record.precision in {Precision.JOINED, Precision.SPAN}:
        joins = {start for start, _ in _segments(scenario, real)}
        joined = _truncate(record.joined_at, scenario)
        expect(joined in joins, f"nobody called {name} joined at {record.joined_at}")
        inside = real.segments[-1].left_at is None
        expect(not inside or record.left_at is None, f"{name} has left_at and is still inside")


def _segments(
    scenario: Scenario, record: Attendance
) -> list[tuple[datetime | None, datetime | None]]:
    return [
        (_truncate(segment.joined_at, scenario), _truncate(segment.left_at, scenario))
        for segment in record.segments
    ]


# --------------------------------------------------------------- recordings, reports, usage, feedback


async def _fill_recordings(scenario: Scenario, count: int) -> None:
    world = scenario.world
    for _ in range(count if world is not None else 0):
        if world is not None:
            try:  # a recording for each session, where there can be several
                scenario.enter(ANN)
                world.advance(RECORDED)
                world.end_session(scenario.world_room_id)
            except Conflict:
                world.advance(RECORDED)
            world.record(scenario.world_room_id, RECORDED)


def _start_of(recording: Recording) -> datetime:
    return recording.started_at or datetime.min.replace(tzinfo=UTC)


async def _check_recordings(scenario: Scenario, recordings: list[Recording]) -> None:
    check_unique(recordings, "recordings")
    world = scenario.world
    if world is None:
        return
    expect_equal(len(recordings), len(world.recordings), "the number of recordings listed")
    listed = sorted(recordings, key=_start_of)  # vendors list the newest or the oldest first
    for recording, real in zip(
        listed, sorted(world.recordings.values(), key=_start_of), strict=True
    ):
        room_id = recording.room_id and scenario.suite.world_room(world, recording.room_id)
        check_known(room_id, real.room_id, "the recording's room_id")
        check_known(recording.duration, real.duration, "the recording's duration")
        if recording.duration:  # without one, some vendors report the session's start
            start = _truncate(real.started_at, scenario)
            check_known(_truncate(recording.started_at, scenario), start, "the recording's start")
        files = recording.files
        expect(files and all(file.url for file in files), "a recording has no file")
        check_known(files[0].size, real.files[0].size, "the size of the recording's file")


async def _check_recordings_deleted(scenario: Scenario, _: object) -> None:
    if scenario.world is not None:
        expect_equal(list(scenario.world.recordings), [], "the recordings that are left")
    if scenario.can(Operation.DELETE_RECORDING):
        again = await outcome_of(
            scenario.conference.delete_recording(scenario.recording), "delete_recording()"
        )
        expect_equal(again, None, "deleting a recording that is already deleted")


def _report_kind(scenario: Scenario) -> str:
    return min(scenario.features.reports, default="pdf")


async def _check_report(scenario: Scenario, report: Report) -> None:
    expect(report.id, "a report has no id")
    ready = await scenario.conference.wait_for_report(report)
    expect_equal(ready.status, ReportStatus.READY, "the report's status after waiting")
    if ready.file is None:
        raise AssertionError("a report that is ready has no file")
    size = 0
    async for piece in scenario.conference.provider.read_file(ready.file):
        size += len(piece)
    expect(size, "the file of the report is empty")


async def _check_usage(scenario: Scenario, rows: list[Usage]) -> None:
    check_unique(rows, "usage")
    world = scenario.world
    if world is None:
        return
    ended = [session for session in world.sessions.values() if session.ended_at is not None]
    expect_equal(len(rows), len(ended), "the number of rows of usage")
    people = sorted(session.people or 0 for session in ended)
    if all(row.people is not None for row in rows):
        expect_equal(sorted(row.people or 0 for row in rows), people, "the numbers of people")
    starts = {_truncate(session.started_at, scenario) for session in ended}
    for row in rows:
        check_known(row.room_id, scenario.room.id, "the usage's room_id")
        check_known(row.title, scenario.room.name, "the usage's title")
        start = _truncate(row.started_at, scenario)
        expect(start is None or start in starts, f"no session started at {row.started_at}")
        billable = row.billable or timedelta()
        expect(row.duration is None or row.duration >= billable, "billable is longer than duration")
    later = scenario.conference.usage(world.now + FAR, world.now + 2 * FAR)
    expect_equal(await later.collect(), [], "the usage of a time to come")


async def _fill_feedback(scenario: Scenario, count: int) -> None:
    for number in range(count):
        person = Person(email=f"guest{number}@example.com", name=f"Guest {number}")
        scenario.visit(person, 1, rating=1 + number % 5)


async def _check_feedback(scenario: Scenario, entries: list[Feedback]) -> None:
    check_unique(entries, "feedback")
    if scenario.world is None:
        return
    rated = [visit for visit in scenario.world.visits.values() if visit.rating is not None]
    ratings = sorted(visit.rating or 0 for visit in rated)
    expect_equal(sorted(entry.rating or 0 for entry in entries), ratings, "the ratings listed")
    moments = [visit.left_at for visit in rated if visit.left_at is not None]
    for entry in entries:
        check_known(entry.text, "fine, thanks", "the text of a feedback")
        check_known(entry.room_id, scenario.room.id, "the feedback's room_id")
        given_at = entry.given_at
        expect(given_at is None or given_at.utcoffset() is not None, "given_at is naive")
        if given_at is not None and moments:
            nearest = min(abs(elapsed(moment, given_at)) for moment in moments)
            close = nearest <= scenario.features.resolution + SECOND
            expect(close, f"given_at is {nearest} away from the end of any visit")


# fmt: off
CASES: Final = (
    OperationCase(operation=Operation.START_SESSION, check=_check_started, finds=True,
        call=lambda s: s.conference.start_session(s.room, HOST),
        by_id=lambda s, i: s.conference.start_session(i, HOST)),
    OperationCase(operation=Operation.END_SESSION, states=("running",), check=_check_ended,
        call=lambda s: s.conference.end_session(s.session),
        by_id=lambda s, i: s.conference.end_session(i)),
    OperationCase(operation=Operation.LIST_SESSIONS, states=("ended",), check=_check_sessions,
        call=lambda s: s.conference.sessions(s.room).collect(), exact=True,
        fill=_fill_sessions, fill_states=("room",),
        by_id=lambda s, i: s.conference.sessions(i).collect()),
    OperationCase(operation=Operation.GET_SESSION, states=("ended",), check=_check_fetched, exact=True,
        call=lambda s: s.conference.get_session(s.session.id), finds=True,
        by_id=lambda s, i: s.conference.get_session(i)),
    OperationCase(operation=Operation.LIST_ATTENDANCE, states=("ended",), check=_check_attendance, exact=True,
        call=lambda s: s.conference.attendance(s.session).collect(),
        fill=_fill_attendance, fill_states=("running",),
        by_id=lambda s, i: s.conference.attendance(i).collect()),
    OperationCase(operation=Operation.LIST_RECORDINGS, states=("recorded",), check=_check_recordings, exact=True,
        call=lambda s: s.conference.recordings(s.room).collect(), fill=_fill_recordings,
        by_id=lambda s, i: s.conference.recordings(i).collect()),
    OperationCase(operation=Operation.DELETE_RECORDING, states=("recorded",), check=_check_recordings_deleted,
        call=lambda s: s.conference.delete_recording(s.recording),
        by_id=lambda s, i: s.conference.delete_recording(i)),
    OperationCase(operation=Operation.DELETE_RECORDINGS, states=("recorded",), check=_check_recordings_deleted,
        call=lambda s: s.conference.delete_recordings(s.room),
        by_id=lambda s, i: s.conference.delete_recordings(i)),
    OperationCase(operation=Operation.CREATE_REPORT, states=("ended",), check=_check_report,
        call=lambda s: s.conference.create_report(s.session, kind=_report_kind(s)),
        by_id=lambda s, i: s.conference.create_report(i, kind=_report_kind(s))),
    OperationCase(operation=Operation.GET_REPORT, states=("reported",), check=_check_report, finds=True,
        call=lambda s: s.conference.get_report(s.report),
        by_id=lambda s, i: s.conference.get_report(i)),
    OperationCase(operation=Operation.USAGE, states=("ended",), check=_check_usage, exact=True,
        call=lambda s: s.conference.usage().collect(), fill=_fill_sessions, fill_states=("room",)),
    OperationCase(operation=Operation.FEEDBACK, states=("ended",), check=_check_feedback, exact=True,
        call=lambda s: s.conference.feedback().collect(), fill=_fill_feedback, fill_states=("running",)),
)
VARIANTS: Final = (
    OperationCase(operation=Operation.START_SESSION, variant="of a planned room", states=("planned",),
        call=lambda s: s.conference.start_session(s.room, HOST), check=_check_started),
    OperationCase(operation=Operation.LIST_SESSIONS, variant="while one runs", states=("occupied",),
        call=lambda s: s.conference.sessions(s.room).collect(), check=_check_sessions, exact=True),
    OperationCase(operation=Operation.LIST_ATTENDANCE, variant="of a running session", states=("occupied",),
        call=lambda s: s.conference.attendance(s.session).collect(), check=_check_attendance, exact=True),
    OperationCase(operation=Operation.LIST_ATTENDANCE, variant="of namesakes", states=("namesakes",),
        call=lambda s: s.conference.attendance(s.session).collect(), check=_check_attendance, exact=True),
    OperationCase(operation=Operation.LIST_ATTENDANCE, variant="of a room", states=("ended",),
        call=lambda s: s.conference.attendance(s.room).collect(), check=_check_attendance, exact=True),
    OperationCase(operation=Operation.LIST_RECORDINGS, variant="of a session", states=("recorded",),
        call=lambda s: s.conference.recordings(s.session).collect(), check=_check_recordings, exact=True),
    OperationCase(operation=Operation.LIST_RECORDINGS, variant="of the account", states=("recorded",),
        call=lambda s: s.conference.recordings().collect(), check=_check_recordings, exact=True),
)
# fmt: on
