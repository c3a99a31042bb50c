"""The world behind the simulators: its clock, its rooms, and people coming and going."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from conferencing import Conflict, InvalidRequest, MergedBy, NotFound, Role, RoomStatus
from conferencing.attendance import merge
from conferencing.model import SessionStatus
from conferencing.sandbox import World
from conferencing.world import START

MINUTE = timedelta(minutes=1)


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def room(world: World) -> str:
    return world.add_room(name="Room").id


# ----------------------------------------------------------------------------------------- clock


def test_the_clock_stands_still_until_it_is_turned(world: World) -> None:
    assert world.now == world.now == START
    assert world.advance(MINUTE) == world.now == START + MINUTE


def test_the_clock_follows_the_machines_if_it_flows() -> None:
    world = World(real_time=True, start=datetime(2030, 1, 1, tzinfo=UTC))
    first, later = world.now, world.advance(MINUTE)
    assert timedelta() <= first - datetime(2030, 1, 1, tzinfo=UTC) < MINUTE
    assert MINUTE <= later - first < 2 * MINUTE


def test_time_does_not_go_back(world: World) -> None:
    with pytest.raises(InvalidRequest):
        world.advance(-MINUTE)
    assert world.now == START


def test_equal_seeds_give_equal_chance() -> None:
    rooms = [World(seed=seed).random.random() for seed in (5, 5, 6)]
    assert rooms[0] == rooms[1] != rooms[2]


# ----------------------------------------------------------------------------------------- rooms


def test_a_room_is_scheduled_open_live_and_ended_in_its_time(world: World) -> None:
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


def test_a_change_shows_when_it_was_made(world: World, room: str) -> None:
    world.advance(MINUTE)
    changed = world.change_room(room, name="Other")
    assert (changed.name, changed.created_at, changed.updated_at) == (
        "Other",
        START,
        START + MINUTE,
    )


def test_who_is_in_a_room_that_is_removed_has_to_leave(world: World, room: str) -> None:
    visit = world.enter(room, "Ann")
    world.advance(MINUTE)
    world.remove_room(room)
    assert visit.left_at == world.now
    assert [one.status for one in world.sessions.values()] == [SessionStatus.ENDED]
    with pytest.raises(NotFound):
        world.room(room)


# ---------------------------------------------------------------------------- sessions and people


def test_the_first_to_enter_starts_a_session_and_others_join_it(world: World, room: str) -> None:
    assert world.running(room) is None
    first = world.enter(room, "Ann")
    world.advance(MINUTE)
    second = world.enter(room, "Ben")
    assert first.session_id == second.session_id == world.running(room).id
    assert world.session(first.session_id).started_at == START
    assert world.start_session(room).id == first.session_id


def test_a_session_that_was_ended_makes_room_for_another(world: World, room: str) -> None:
    first = world.enter(room, "Ann")
    ended = world.end_session(room)
    assert (ended.status, ended.ended_at) == (SessionStatus.ENDED, START)
    second = world.enter(room, "Ann")
    assert second.session_id != first.session_id
    assert [one.id for one in world.sessions_of(room)] == [first.session_id, second.session_id]


def test_whoever_is_there_leaves_when_the_session_ends_and_who_left_stays_gone(
    world: World, room: str
) -> None:
    early, late = world.enter(room, "Early"), world.enter(room, "Late")
    world.advance(MINUTE)
    world.leave(early.id)
    world.advance(MINUTE)
    world.end_session(room)
    assert (early.left_at, late.left_at) == (START + MINUTE, START + 2 * MINUTE)


def test_who_comes_back_is_one_person_with_two_stays(world: World, room: str) -> None:
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


def test_the_peak_is_the_most_at_one_time(world: World, room: str) -> None:
    visits = [world.enter(room, name) for name in "abc"]
    world.leave(visits[0].id)
    world.leave(visits[1].id)
    world.enter(room, "d")
    session = world.running(room)
    assert (session.people, session.peak) == (4, 3)


def test_who_leaves_may_say_what_it_was_like(world: World, room: str) -> None:
    visit = world.enter(room, "Ann", role=Role.PRESENTER)
    world.leave(visit.id, rating=4, comment="fine")
    assert (visit.rating, visit.comment, visit.role) == (4, "fine", Role.PRESENTER)


def test_a_recording_ends_now_and_has_a_file(world: World, room: str) -> None:
    world.enter(room, "Ann")
    world.advance(30 * MINUTE)
    made = world.record(room, 20 * MINUTE)
    assert (made.started_at, made.duration) == (START + 10 * MINUTE, 20 * MINUTE)
    assert made.session_id == world.running(room).id
    assert made.files[0].size == len(world.files[made.id])
    assert world.files[made.id][4:8] == b"ftyp"


def test_mail_stays_in_the_outbox(world: World, room: str) -> None:
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
def test_what_is_not_there_is_not_found(world: World, room: str, step: object) -> None:
    with pytest.raises(NotFound):
        step(world, room)


def test_nobody_leaves_twice(world: World, room: str) -> None:
    visit = world.enter(room, "Ann")
    world.leave(visit.id)
    with pytest.raises(NotFound):
        world.leave(visit.id)


def test_a_session_that_does_not_run_cannot_end(world: World, room: str) -> None:
    with pytest.raises(Conflict):
        world.end_session(room)


def test_nobody_enters_a_room_that_is_closed(world: World, room: str) -> None:
    world.change_room(room, status=RoomStatus.ENDED)
    with pytest.raises(Conflict):
        world.enter(room, "Ann")
    assert world.sessions == {}
