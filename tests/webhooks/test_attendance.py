"""Attendance from events: equal to a query's, whatever the order, with repetitions and losses."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st
from stories import events_of, play_story

from conferencing import MergedBy, Precision, Role, Segment, connect
from conferencing.attendance import merge_segments
from conferencing.webhooks import (
    Event,
    OtherEvent,
    ParticipantJoined,
    ParticipantLeft,
    SessionEnded,
    SessionStarted,
    attendance_from_events,
)
from conferencing.world import World

START = datetime(2026, 10, 1, 8, 0, tzinfo=UTC)


def at(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


def joined(minutes: float, **facts: Any) -> ParticipantJoined:
    return ParticipantJoined(**_ids("joined", minutes, facts), joined_at=at(minutes))


def left(minutes: float, **facts: Any) -> ParticipantLeft:
    return ParticipantLeft(**_ids("left", minutes, facts), left_at=at(minutes))


def _ids(kind: str, minutes: float, facts: dict[str, Any]) -> dict[str, Any]:
    own = sorted((name, str(value)) for name, value in facts.items())
    return {"id": f"{kind} {minutes} {own}", "session_id": "s1", "room_id": "r1", **facts}


def started(minutes: float, session_id: str | None = "s1") -> SessionStarted:
    event_id = f"started {session_id} {minutes}"
    return SessionStarted(id=event_id, session_id=session_id, room_id="r1", started_at=at(minutes))


def ended(minutes: float, session_id: str | None = "s1") -> SessionEnded:
    event_id = f"ended {session_id} {minutes}"
    return SessionEnded(id=event_id, session_id=session_id, room_id="r1", ended_at=at(minutes))


def spans(*pairs: tuple[float, float | None]) -> tuple[Segment, ...]:
    return tuple(
        Segment(joined_at=at(start), left_at=None if end is None else at(end))
        for start, end in pairs
    )


def test_joined_and_left_are_a_segment() -> None:
    (record,) = attendance_from_events(
        [
            joined(0, visit_id="v1", display_name="Ann Lee", email="ann@example.com"),
            left(30, visit_id="v1", role=Role.HOST),
        ]
    )
    assert record.segments == spans((0, 30))
    assert (record.id, record.session_id, record.precision) == ("v1", "s1", Precision.SEGMENTS)
    assert (record.display_name, record.email) == ("Ann Lee", "ann@example.com")
    assert (record.role, record.merged_by, record.participant_id) == (Role.HOST, (), None)


def test_rejoin_is_one_record_by_email() -> None:
    events = [
        joined(0, visit_id="v1", email="ann@example.com", display_name="Ann"),
        left(10, visit_id="v1"),
        joined(20, visit_id="v2", email="ANN@example.com"),
        left(30, visit_id="v2"),
    ]
    (record,) = attendance_from_events(events)
    assert record.segments == spans((0, 10), (20, 30))
    assert (record.merged_by, record.duration) == ((MergedBy.EMAIL,), timedelta(minutes=20))
    assert len(attendance_from_events(events, by=())) == 2


def test_two_of_one_name_stay_two() -> None:
    events = [joined(n, visit_id=f"v{n}", display_name="Ann Lee") for n in range(2)]
    assert len(attendance_from_events(events)) == 2


@pytest.mark.parametrize("key", ["person_id", "participant_id", "email"])
def test_person_without_visit_ids_is_paired(key: str) -> None:
    who = {key: "ann@example.com"}
    (record,) = attendance_from_events(
        [joined(0, **who), left(10, **who), joined(20, **who), left(30, **who)]
    )
    assert record.segments == spans((0, 10), (20, 30))


def test_registration_links_the_record() -> None:
    (record,) = attendance_from_events(
        [joined(0, visit_id="v1", participant_id="reg1"), left(9, visit_id="v1", person_id="p1")]
    )
    assert (record.id, record.participant_id) == ("p1", "reg1")
    assert record.matched_by == "registration"


def test_two_devices_overlap() -> None:
    who = {"person_id": "p1"}
    (record,) = attendance_from_events(
        [joined(0, **who), joined(5, **who), left(20, **who), left(30, **who)]
    )
    assert record.duration == timedelta(minutes=30)
    assert merge_segments(record.segments) == spans((0, 30))


def test_devices_that_join_at_once_count_twice() -> None:
    events = [evolve(joined(0, person_id="p1"), id=str(number)) for number in range(2)]
    (record,) = attendance_from_events([*events, left(5, person_id="p1"), left(9, person_id="p1")])
    assert record.segments == spans((0, 5), (0, 9))


def test_leaving_and_returning_at_once_is_continuous() -> None:
    who = {"person_id": "p1"}
    (record,) = attendance_from_events(
        [joined(0, **who), left(10, **who), joined(10, **who), left(20, **who)]
    )
    assert record.segments == spans((0, 10), (10, 20))


def test_visit_of_no_length_is_a_segment() -> None:
    (record,) = attendance_from_events([joined(5, person_id="p1"), left(5, person_id="p1")])
    assert (record.segments, record.duration) == (spans((5, 5)), timedelta())


# ---------------------------------------------------------------------------------- what is missing


@pytest.mark.parametrize("who", [{"visit_id": "v1"}, {"person_id": "p1"}], ids=str)
def test_missing_leave_is_unknown(who: Any) -> None:
    (record,) = attendance_from_events([joined(0, **who), started(0)])
    assert (record.segments, record.duration) == (spans((0, None)), None)
    assert record.precision is Precision.SEGMENTS


@pytest.mark.parametrize("who", [{"visit_id": "v1"}, {"person_id": "p1"}], ids=str)
def test_missing_leave_is_closed_by_the_session(who: Any) -> None:
    (record,) = attendance_from_events([joined(0, **who), ended(60)])
    assert (record.segments, record.precision) == (spans((0, 60)), Precision.SPAN)


@pytest.mark.parametrize("who", [{"visit_id": "v1"}, {"person_id": "p1"}], ids=str)
def test_missing_join_begins_with_the_session(who: Any) -> None:
    (record,) = attendance_from_events([started(0), left(25, **who)])
    assert (record.segments, record.precision) == (spans((0, 25)), Precision.SPAN)


@pytest.mark.parametrize("who", [{"visit_id": "v1"}, {"person_id": "p1"}], ids=str)
def test_missing_join_without_a_start_is_unknown(who: Any) -> None:
    (record,) = attendance_from_events([left(25, **who)])
    assert (record.segments, record.duration) == (spans((25, None)), None)
    assert record.precision is Precision.JOINED


def test_leave_that_says_when_it_began_is_whole() -> None:
    whole = left(25, person_id="p1", joined_at=at(5))
    expected = spans((5, 25))
    for events in ([whole], [whole, joined(5, person_id="p1")]):
        (record,) = attendance_from_events(events)
        assert (record.segments, record.precision) == (expected, Precision.SEGMENTS)


def test_lost_leave_before_a_return_is_open_alone() -> None:
    who = {"person_id": "p1"}
    (record,) = attendance_from_events([joined(0, **who), joined(20, **who), left(30, **who)])
    assert record.segments == spans((0, None), (20, 30))


def test_end_before_the_arrival_closes_nothing() -> None:
    (record,) = attendance_from_events([ended(10), joined(20, visit_id="v1")])
    assert record.segments == spans((20, None))


def test_leave_before_its_join_has_no_length() -> None:
    (record,) = attendance_from_events([joined(20, visit_id="v1"), left(10, visit_id="v1")])
    assert record.duration == timedelta()


def test_least_precise_presence_decides() -> None:
    who = {"email": "ann@example.com"}
    (record,) = attendance_from_events(
        [
            joined(0, visit_id="v1", **who),
            left(5, visit_id="v1"),
            joined(10, visit_id="v2", **who),
            ended(60),
        ]
    )
    assert (record.segments, record.precision) == (spans((0, 5), (10, 60)), Precision.SPAN)


def test_events_without_any_time_leave_a_record() -> None:
    (record,) = attendance_from_events([ParticipantJoined(id="e1", email="ann@example.com")])
    assert (record.segments, record.duration, record.email) == ((), None, "ann@example.com")
    assert record.precision is Precision.JOINED


def test_time_of_the_event_stands_in() -> None:
    events: list[Event] = [
        SessionStarted(id="e0", time=at(0)),
        ParticipantJoined(id="e1", time=at(1), person_id="a"),
        ParticipantLeft(id="e2", time=at(9), person_id="a"),
        ParticipantLeft(id="e3", time=at(9), person_id="b"),
        ParticipantJoined(id="e4", time=at(2), person_id="c"),
        SessionEnded(id="e5", time=at(10)),
    ]
    records = attendance_from_events(events)
    assert {record.id: record.segments for record in records} == {
        "a": spans((1, 9)),
        "b": spans((0, 9)),
        "c": spans((2, 10)),
    }


def test_nameless_events_stay_apart() -> None:
    records = attendance_from_events([joined(0), left(5)])
    assert [record.segments for record in records] == [spans((0, None)), spans((5, None))]


# ----------------------------------------------------------------------------------------- sessions


def test_sessions_are_apart_and_in_order() -> None:
    who = {"email": "ann@example.com"}
    records = attendance_from_events(
        [
            evolve(joined(90, visit_id="v1", **who), session_id="a"),
            evolve(left(95, visit_id="v1", **who), session_id="a"),
            evolve(joined(0, visit_id="v1", **who), session_id="z"),
            evolve(left(5, visit_id="v1", **who), session_id="z"),
            ended(60, "z"),
        ]
    )
    assert [(record.session_id, record.segments) for record in records] == [
        ("z", spans((0, 5))),
        ("a", spans((90, 95))),
    ]


def test_room_without_session_ids_may_restart() -> None:
    who = {"person_id": "p1", "session_id": None}
    (record,) = attendance_from_events(
        [
            started(0, None),
            joined(5, **who),  # its leave is lost
            ended(30, None),
            started(60, None),
            left(80, **who),  # its join is lost
            ended(90, None),
        ]
    )
    assert record.segments == spans((5, 30), (60, 80))
    assert record.precision is Precision.SPAN


def test_other_events_change_nothing() -> None:
    assert (
        attendance_from_events([OtherEvent(id="e1", session_id="s1"), started(0), ended(9)]) == []
    )


# --------------------------------------------------------------------------------------- properties

people = st.sampled_from(
    [
        {"visit_id": "v1", "email": "ann@example.com"},
        {"visit_id": "v2", "email": "Ann@Example.com", "display_name": "Ann"},
        {"visit_id": "v3", "person_id": "p1", "role": Role.HOST},
        {"person_id": "p1"},
        {"person_id": "p2", "participant_id": "reg1"},
        {"participant_id": "reg1", "display_name": "Bob"},
        {"email": "ann@example.com", "display_name": "A. Lee"},
        {"display_name": "nobody"},
    ]
)
minutes = st.integers(0, 12)
session_ids = st.sampled_from(["s1", "s2", None])


@st.composite
def events(draw: Any) -> list[Event]:
    """Return events that need not fit together: with losses, repetitions, and wrong times."""
    made: list[Event] = []
    for number in range(draw(st.integers(0, 12))):
        session = draw(session_ids)
        moment = draw(minutes)
        event: Event = draw(
            st.sampled_from([joined, left]).flatmap(
                lambda make, moment=moment: people.map(lambda who: make(moment, **who))
            )
            | st.sampled_from([started(moment, session), ended(moment, session)])
        )
        same_id = draw(st.booleans())
        made.append(evolve(event, session_id=session, **({} if same_id else {"id": str(number)})))
    return made


def check_order_and_repetition(made: list[Event], chance: Random) -> None:
    expected = attendance_from_events(made)
    repeated = [*made, *(event for event in made if chance.random() < 0.5)]
    for _ in range(3):
        chance.shuffle(repeated)
        assert attendance_from_events(repeated) == expected
    for record in expected:
        assert record.session_id in {"s1", "s2", None}
        assert record.precision in {Precision.SEGMENTS, Precision.SPAN, Precision.JOINED}
    ids = {(record.session_id, record.id) for record in expected}
    assert ids or not [e for e in made if isinstance(e, ParticipantJoined | ParticipantLeft)]


@given(events(), st.randoms(use_true_random=False))
def test_order_and_repetition_change_nothing(made: list[Event], chance: Random) -> None:
    check_order_and_repetition(made, chance)


@pytest.mark.parametrize("seed", range(5))
async def test_events_give_what_a_query_gives(seed: int) -> None:
    chance = Random(seed)
    async with connect({"provider": "memory"}) as conference:
        world: World = conference.provider.world  # type: ignore[attr-defined]
        play_story(world, chance, 60)
        queried = [
            record
            for session in world.sessions.values()
            for record in await conference.attendance(session).collect()
        ]
    delivered = [event for event in events_of(world) for _ in range(2)]
    chance.shuffle(delivered)
    folded = attendance_from_events(delivered)
    assert by_id(folded) == by_id(queried)
    assert len(folded) > 60


def by_id(records: Any) -> list[Any]:
    return sorted(records, key=lambda record: (record.session_id, record.id))


@pytest.mark.parametrize("seed", range(3))
def test_lost_leaves_are_closed_and_said(seed: int) -> None:
    chance, world = Random(seed), World()
    play_story(world, chance, 20)
    lost = {visit.id for visit in world.visits.values() if chance.random() < 0.2}
    kept = [event for event in events_of(world) if not is_lost(event, lost)]
    for record in attendance_from_events(kept, by=()):
        visit = world.visits[record.id]
        session = world.session(visit.session_id)
        expected = session.ended_at if visit.id in lost else visit.left_at
        assert record.segments == (Segment(joined_at=visit.joined_at, left_at=expected),)
        assert (record.precision is Precision.SPAN) is (visit.id in lost)


def is_lost(event: Event, lost: set[str]) -> bool:
    return isinstance(event, ParticipantLeft) and event.visit_id in lost
