"""The world behind the simulators: its clock, its rooms, and people coming and going."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from conferencing import Conflict, InvalidRequest, MergedBy, NotFound, Role, RoomStatus
from conferencing.attendance import merge
from conferencing.model import SessionStatus
from conferencing.sandbox import World
from conferencing.world import START, Change, Place

MINUTE = timedelta(minutes=1)


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def room(world: World) -> str:
    return world.add_room(name="Room").id


# ----------------------------------------------------------------------------------------- clock


def test_clock_stands_still_until_advanced(world) -> None:
    assert world.now == world.now == START
    assert world.advance(MINUTE) == world.now == START + MINUTE


def test_real_time_clock_runs() -> None:
    world = World(real_time=True, start=datetime(2030, 1, 1, tzinfo=UTC))
    first, later = world.now, world.advance(MINUTE)
    assert timedelta() <= first - datetime(2030, 1, 1, tzinfo=UTC) < MINUTE
    assert MINUTE <= later - first < 2 * MINUTE


def test_clock_cannot_go_back(world) -> None:
    with pytest.raises(InvalidRequest):
        world.advance(-MINUTE)
    assert world.now == START


def test_equal_seeds_give_equal_random_numbers() -> None:
    rooms = [World(seed=seed).random.random() for seed in (5, 5, 6)]
    assert rooms[0] == rooms[1] != rooms[2]


# ----------------------------------------------------------------------------------------- rooms


def test_room_status_follows_the_clock(world) -> None:
    room = world.add_room(name="Room", starts_at=START + 10 * MINUTE).id
    assert world.room(room).status is RoomStatus.SCHEDULED
    world.advance(10 * MINUTE)
    assert world.room(room).status is RoomStatus.OPEN
    world.enter(room, "Ann")
    assert world.room(room).status is RoomStatus.LIVE
    world.end_session(room)
    assert world.room(room).status is RoomStatus.OPEN
    world.change_room(room, status=RoomStatus.ENDED)
    assert world.room(room).status is RoomStatus.ENDED


def test_change_room_sets_updated_at(world, room) -> None:
    world.advance(MINUTE)
    changed = world.change_room(room, name="Other")
    assert (changed.name, changed.created_at, changed.updated_at) == (
        "Other",
        START,
        START + MINUTE,
    )


def test_remove_room_ends_its_session(world, room) -> None:
    visit = world.enter(room, "Ann")
    world.advance(MINUTE)
    world.remove_room(room)
    assert visit.left_at == world.now
    assert [session.status for session in world.sessions.values()] == [SessionStatus.ENDED]
    with pytest.raises(NotFound):
        world.room(room)


# ---------------------------------------------------------------------------- sessions and people


def test_first_enter_starts_a_session(world, room) -> None:
    assert world.running(room) is None
    first = world.enter(room, "Ann")
    world.advance(MINUTE)
    second = world.enter(room, "Ben")
    assert first.session_id == second.session_id == world.running(room).id
    assert world.session(first.session_id).started_at == START
    assert world.start_session(room).id == first.session_id


def test_enter_after_end_starts_another_session(world, room) -> None:
    first = world.enter(room, "Ann")
    ended = world.end_session(room)
    assert (ended.status, ended.ended_at) == (SessionStatus.ENDED, START)
    second = world.enter(room, "Ann")
    assert second.session_id != first.session_id
    assert [session.id for session in world.sessions_of(room)] == [
        first.session_id,
        second.session_id,
    ]


def test_end_session_ends_current_visits(world, room) -> None:
    early, late = world.enter(room, "Early"), world.enter(room, "Late")
    world.advance(MINUTE)
    world.leave(early.id)
    world.advance(MINUTE)
    world.end_session(room)
    assert (early.left_at, late.left_at) == (START + MINUTE, START + 2 * MINUTE)


def test_returning_person_has_two_visits(world, room) -> None:
    first = world.enter(room, "Ann", "ann@example.com")
    world.advance(10 * MINUTE)
    world.leave(first.id)
    world.advance(5 * MINUTE)
    world.enter(room, "Ann again", "ann@example.com")
    world.advance(10 * MINUTE)
    session = world.end_session(room)
    assert (session.people, session.peak) == (1, 1)
    rows = world.attendance(session.id)
    assert len(rows) == 2
    (ann,) = merge(rows)
    assert ann.duration == 20 * MINUTE
    assert ann.merged_by == (MergedBy.EMAIL,)


def test_peak_counts_people_at_one_time(world, room) -> None:
    visits = [world.enter(room, name) for name in "abc"]
    world.leave(visits[0].id)
    world.leave(visits[1].id)
    world.enter(room, "d")
    session = world.running(room)
    assert (session.people, session.peak) == (4, 3)


def test_leave_keeps_rating_and_comment(world, room) -> None:
    visit = world.enter(room, "Ann", role=Role.PRESENTER)
    world.leave(visit.id, rating=4, comment="fine")
    assert (visit.rating, visit.comment, visit.role) == (4, "fine", Role.PRESENTER)


def test_recording_ends_now_and_has_a_file(world, room) -> None:
    world.enter(room, "Ann")
    world.advance(30 * MINUTE)
    recording = world.record(room, 20 * MINUTE)
    assert (recording.started_at, recording.duration) == (START + 10 * MINUTE, 20 * MINUTE)
    assert recording.session_id == world.running(room).id
    assert recording.files[0].size == len(world.files[recording.id])
    assert world.files[recording.id][4:8] == b"ftyp"


def test_post_adds_mail_to_outbox(world, room) -> None:
    world.advance(MINUTE)
    mail = world.post("invitation", "ann@example.com", room, language="pl")
    assert world.outbox == [mail]
    assert (mail.to, mail.room_id, mail.language, mail.sent_at) == (
        "ann@example.com",
        room,
        "pl",
        START + MINUTE,
    )


# ---------------------------------------------------------------------------------------- errors


@pytest.mark.parametrize(
    "step",
    [
        lambda world, room: world.room("nowhere"),
        lambda world, room: world.remove_room("nowhere"),
        lambda world, room: world.change_room("nowhere", name="x"),
        lambda world, room: world.enter("nowhere", "Ann"),
        lambda world, room: world.record("nowhere", MINUTE),
        lambda world, room: world.session("nowhere"),
        lambda world, room: world.leave("nobody"),
    ],
)
def test_unknown_ids_are_not_found(world, room, step) -> None:
    with pytest.raises(NotFound):
        step(world, room)


def test_second_leave_is_not_found(world, room) -> None:
    visit = world.enter(room, "Ann")
    world.leave(visit.id)
    with pytest.raises(NotFound):
        world.leave(visit.id)


def test_end_session_without_session_raises(world, room) -> None:
    with pytest.raises(Conflict):
        world.end_session(room)


def test_enter_closed_room_raises(world, room) -> None:
    world.change_room(room, status=RoomStatus.ENDED)
    with pytest.raises(Conflict):
        world.enter(room, "Ann")
    assert world.sessions == {}


# ------------------------------------------------------- waiting rooms, breakout rooms, observers


def test_waiting_does_not_count_as_presence(world, room) -> None:
    visit = world.enter(room, "Ann", waits=True)
    world.enter(room, "Ben", waits=True)
    assert visit.waits
    world.advance(MINUTE)
    world.move(visit.id)
    world.advance(MINUTE)
    session = world.end_session(room)
    (record,) = world.attendance(session.id)
    assert not visit.waits
    assert [(s.joined_at, s.left_at) for s in record.segments] == [
        (START + MINUTE, START + 2 * MINUTE)
    ]


def test_breakout_room_counts_as_presence(world, room) -> None:
    visit = world.enter(room, "Ann")
    for place in (Place.BREAKOUT, Place.ROOM, Place.WAITING_ROOM, Place.ROOM):
        world.advance(MINUTE)
        world.move(visit.id, place, "Group 1" if place is Place.BREAKOUT else "")
    assert [stay.place for stay, _ in visit.list_stays()] == [
        Place.ROOM, Place.BREAKOUT, Place.ROOM, Place.WAITING_ROOM, Place.ROOM,
    ]  # fmt: skip
    assert [(s.joined_at, s.left_at) for s in visit.segments()] == [
        (START, START + 3 * MINUTE),
        (START + 4 * MINUTE, None),
    ]


def test_move_after_leaving_raises(world, room) -> None:
    visit = world.leave(world.enter(room, "Ann").id)
    with pytest.raises(NotFound):
        world.move(visit.id)


def test_observers_see_each_change(world) -> None:
    changes: list[Change] = []
    world.observers.append(changes.append)
    room = world.add_room(name="Room").id
    visit = world.enter(room, "Ann", waits=True)
    world.move(visit.id)
    world.advance(MINUTE)
    session = world.end_session(room)
    recording = world.record(room, MINUTE)
    world.change_room(room, name="Hall")
    world.remove_room(room)
    assert [(change.kind, change.subject_id) for change in changes] == [
        ("room created", ""),
        ("session started", session.id),
        ("entered", visit.id),
        ("moved", visit.id),
        ("left", visit.id),
        ("session ended", session.id),
        ("recorded", recording.id),
        ("room changed", ""),
        ("room removed", ""),
    ]
    assert {change.room_id for change in changes} == {room}
    assert changes[-1].at == START + MINUTE


def test_session_ends_at_an_earlier_time(world, room) -> None:
    visit = world.enter(room, "Ann")
    world.advance(2 * MINUTE)
    session = world.end_session(room, START + MINUTE)
    assert session.ended_at == visit.left_at == START + MINUTE


def test_announced_session_id_is_used_once(world, room) -> None:
    world.next_session_ids[room] = "next"
    assert world.start_session(room).id == "next"
    world.end_session(room)
    assert world.start_session(room).id != "next"


def test_recording_has_a_file_of_each_type(world, room) -> None:
    recording = world.record(room, MINUTE, media_types=("video/mp4", "text/vtt", "text/plain"))
    file_ids = world.file_ids[recording.id]
    assert [file.media_type for file in recording.files] == ["video/mp4", "text/vtt", "text/plain"]
    assert [file.kind for file in recording.files] == ["video", "transcript", "chat"]
    assert [len(world.files[file_id]) for file_id in file_ids] == [f.size for f in recording.files]
    assert world.files[file_ids[1]].startswith(b"WEBVTT")


def test_user_has_an_id_of_its_own(world) -> None:
    users = [world.add_user(f"{name}@example.com") for name in ("ann", "ben")]
    assert world.users == {user.id: user for user in users}
