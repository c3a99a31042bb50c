"""The plays of sessions, and of what is left of them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from conferencing.attendance import merge
from conferencing.capabilities import Operation
from conferencing.errors import ConferencingError
from conferencing.model import (
    Feedback,
    JoinLink,
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
from conferencing.testing.expect import equal, expect, outcome
from conferencing.testing.scenario import HOST, Scenario

from .people import check_link
from .play import OperationCase, no_repeats, told

__all__ = ["CASES"]

SECOND: Final = timedelta(seconds=1)
LONG: Final = timedelta(days=30)


def _cut(moment: datetime | None, scenario: Scenario) -> datetime | None:
    """Return a moment as finely as the vendor tells it."""
    step = max(scenario.features.resolution, SECOND)
    return moment and moment - (moment - datetime.min.replace(tzinfo=moment.tzinfo)) % step


# --------------------------------------------------------------------------------------- sessions


async def _started(scenario: Scenario, link: JoinLink) -> None:
    check_link(scenario, link, Role.HOST)
    world = scenario.world
    if world is None:
        return
    running = world.running(scenario.room.id)
    expect(running, "no session runs after start_session()")
    again = await scenario.conference.start_session(scenario.room, HOST)
    check_link(scenario, again, Role.HOST)
    same = world.running(scenario.room.id)
    equal(same and same.id, running and running.id, "the session after starting what runs already")


async def _finished(scenario: Scenario, _: object) -> None:
    """The session has ended; ending it again spares the next one of the same room."""
    real = scenario.real_session()
    if real is None:
        return
    equal(real.status, SessionStatus.ENDED, "the session's status after end_session()")
    if not scenario.can(Operation.START_SESSION):
        return
    started = await outcome(
        scenario.conference.start_session(scenario.room, HOST), "start_session()"
    )
    world = scenario.world
    following = world.running(scenario.room.id) if world else None
    if isinstance(started, ConferencingError) or world is None or following is None:
        return  # a vendor whose rooms run once
    await outcome(scenario.conference.end_session(scenario.session), "end_session()")
    still = world.running(scenario.room.id)
    expect(still and still.id == following.id, "end_session() of an old session ended a later one")


def _check_session(scenario: Scenario, session: Session) -> None:
    told(session.room_id, scenario.room.id, "the session's room_id")
    real = scenario.real_session(session)
    if real is None:
        return
    for name in ("started_at", "ended_at"):
        value: datetime | None = getattr(session, name)
        expect(value is None or value.utcoffset() is not None, f"the session's {name} is naive")
        told(_cut(value, scenario), _cut(getattr(real, name), scenario), f"the session's {name}")
    if session.status is not SessionStatus.UNKNOWN:
        equal(session.status, real.status, "the session's status")
    told(session.people, real.people, "the number of people")


async def _sessions(scenario: Scenario, found: list[Session]) -> None:
    no_repeats(found, "sessions")
    for one in found:
        _check_session(scenario, one)
    if scenario.world is not None:
        equal(
            len(found), len(scenario.world.sessions_of(scenario.room.id)), "the number of sessions"
        )


async def _session(scenario: Scenario, found: Session) -> None:
    equal(found.id, scenario.session.id, "the id of the session fetched")
    _check_session(scenario, found)


# ------------------------------------------------------------------------------------- attendance


def _key(one: Attendance) -> str:
    return (one.email or one.display_name or "").casefold()


async def _attendance(scenario: Scenario, found: list[Attendance]) -> None:
    no_repeats(found, "attendance")
    real = scenario.real_session()
    world = scenario.world
    if real is None or world is None:
        return
    truth = merge(world.attendance(real.id))
    by_email = any(one.email for one in found)
    known = {
        ((one.email if by_email else None) or one.display_name or "").casefold(): one
        for one in truth
    }
    names = [_key(one) for one in found]
    equal(sorted(set(names)), sorted(known), "who was there")
    if by_email:
        equal(len(found), len(truth), "the number of records; it is one per person")
    for one in found:
        _check_presence(scenario, one, known[_key(one)])


def _check_presence(scenario: Scenario, one: Attendance, truth: Attendance) -> None:
    equal(one.precision, scenario.features.attendance, "the precision of a record")
    if one.email and one.display_name:
        equal(one.display_name, truth.display_name, "the name of who was there")
    if one.role is not Role.UNKNOWN:
        equal(one.role, truth.role, f"the role of {one.display_name}")
    if one.precision is Precision.SEGMENTS:
        stays = [(_cut(it.joined_at, scenario), _cut(it.left_at, scenario)) for it in one.segments]
        real = [(_cut(it.joined_at, scenario), _cut(it.left_at, scenario)) for it in truth.segments]
        equal(stays, real, f"the stays of {one.display_name}")
    elif one.precision is Precision.DURATION:
        far = abs((one.duration or timedelta()) - (truth.duration or timedelta()))
        expect(far <= max(scenario.features.resolution, SECOND), f"{one.duration} is not how long")
    elif one.precision in {Precision.JOINED, Precision.SPAN}:
        real_joins = {_cut(it.joined_at, scenario) for it in truth.segments}
        expect(
            _cut(one.joined_at, scenario) in real_joins, f"{one.joined_at} is when nobody joined"
        )


# ----------------------------------------------------------------------------------- what is left


async def _recordings(scenario: Scenario, found: list[Recording]) -> None:
    no_repeats(found, "recordings")
    world = scenario.world
    if world is None:
        return
    equal(len(found), len(world.recordings), "the number of recordings")
    for one, real in zip(found, world.recordings.values(), strict=True):
        told(one.room_id, real.room_id, "the recording's room_id")
        told(one.duration, real.duration, "the recording's duration")
        if one.duration:  # others may mean the session's start
            told(_cut(one.started_at, scenario), _cut(real.started_at, scenario), "when it began")
        expect(one.files and all(each.url for each in one.files), "a recording without a file")
        told(one.files[0].size, real.files[0].size, "the size of the recording's file")


async def _recording_gone(scenario: Scenario, _: object) -> None:
    if scenario.world is not None:
        equal(list(scenario.world.recordings), [], "the recordings that are left")
    if scenario.can(Operation.DELETE_RECORDING):
        again = await outcome(
            scenario.conference.delete_recording(scenario.recording), "delete_recording"
        )
        equal(again, None, "deleting a recording that is gone")


def _kind(scenario: Scenario) -> str:
    return min(scenario.features.reports, default="pdf")


async def _report(scenario: Scenario, report: Report) -> None:
    expect(report.id, "a report has no id")
    ready = await scenario.conference.wait_for_report(report)
    equal(ready.status, ReportStatus.READY, "the report's status after waiting")
    if ready.file is None:
        raise AssertionError("a report that is ready has no file")
    size = 0
    async for piece in scenario.conference.provider.read_file(ready.file):
        size += len(piece)
    expect(size, "the file of the report is empty")


async def _usage(scenario: Scenario, found: list[Usage]) -> None:
    no_repeats(found, "usage")
    if scenario.world is None:
        return
    equal(len(found), 1, "the number of rows of usage")
    real = scenario.real_session()
    told(found[0].room_id, scenario.room.id, "the usage's room_id")
    told(found[0].title, scenario.room.name, "the usage's title")
    if real is not None:
        told(found[0].people, real.people, "how many people there were")
        told(
            _cut(found[0].started_at, scenario),
            _cut(real.started_at, scenario),
            "the usage's start",
        )
    expect(
        (found[0].duration or SECOND) >= (found[0].billable or timedelta()), "billable is longer"
    )
    now = scenario.world.now
    later = await scenario.conference.usage(now + LONG, now + 2 * LONG).collect()
    equal(later, [], "the usage of a time to come")


async def _feedback(scenario: Scenario, found: list[Feedback]) -> None:
    no_repeats(found, "feedback")
    if scenario.world is None:
        return
    real = [one for one in scenario.world.visits.values() if one.rating is not None]
    equal(
        sorted(one.rating or 0 for one in found), sorted(one.rating or 0 for one in real), "ratings"
    )
    for one in found:
        told(one.text, "fine, thanks", "the text of a feedback")
        told(one.room_id, scenario.room.id, "the feedback's room_id")
        if one.given_at is not None and real[0].left_at is not None:
            far = elapsed(real[0].left_at, one.given_at)
            expect(abs(far) <= scenario.features.resolution + SECOND, f"given_at is off by {far}")


# fmt: off
CASES: Final = (
    OperationCase(operation=Operation.START_SESSION, check=_started, finds=True,
        call=lambda s: s.conference.start_session(s.room, HOST),
        by_id=lambda s, i: s.conference.start_session(i, HOST)),
    OperationCase(operation=Operation.END_SESSION, needs=("running",), check=_finished,
        call=lambda s: s.conference.end_session(s.session),
        by_id=lambda s, i: s.conference.end_session(i)),
    OperationCase(operation=Operation.LIST_SESSIONS, needs=("ended",), check=_sessions, exact=True,
        call=lambda s: s.conference.sessions(s.room).collect(),
        by_id=lambda s, i: s.conference.sessions(i).collect()),
    OperationCase(operation=Operation.GET_SESSION, needs=("ended",), check=_session, exact=True, finds=True,
        call=lambda s: s.conference.get_session(s.session.id),
        by_id=lambda s, i: s.conference.get_session(i)),
    OperationCase(operation=Operation.LIST_ATTENDANCE, needs=("ended",), check=_attendance, exact=True,
        call=lambda s: s.conference.attendance(s.session).collect(),
        by_id=lambda s, i: s.conference.attendance(i).collect()),
    OperationCase(operation=Operation.LIST_RECORDINGS, needs=("recorded",), check=_recordings, exact=True,
        call=lambda s: s.conference.recordings(s.room).collect(),
        by_id=lambda s, i: s.conference.recordings(i).collect()),
    OperationCase(operation=Operation.DELETE_RECORDING, needs=("recorded",), check=_recording_gone,
        call=lambda s: s.conference.delete_recording(s.recording),
        by_id=lambda s, i: s.conference.delete_recording(i)),
    OperationCase(operation=Operation.DELETE_RECORDINGS, needs=("recorded",), check=_recording_gone,
        call=lambda s: s.conference.delete_recordings(s.room),
        by_id=lambda s, i: s.conference.delete_recordings(i)),
    OperationCase(operation=Operation.CREATE_REPORT, needs=("ended",), check=_report,
        call=lambda s: s.conference.create_report(s.session, kind=_kind(s)),
        by_id=lambda s, i: s.conference.create_report(i, kind=_kind(s))),
    OperationCase(operation=Operation.GET_REPORT, needs=("reported",), check=_report, finds=True,
        call=lambda s: s.conference.get_report(s.report),
        by_id=lambda s, i: s.conference.get_report(i)),
    OperationCase(operation=Operation.USAGE, needs=("ended",), check=_usage, exact=True,
        call=lambda s: s.conference.usage().collect()),
    OperationCase(operation=Operation.FEEDBACK, needs=("ended",), check=_feedback, exact=True,
        call=lambda s: s.conference.feedback().collect()),
)
# fmt: on
