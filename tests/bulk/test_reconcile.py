"""After a lost reply: what is there is found, what is not may be done again, and nothing is guessed."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from creating import CASES, create_all, losing
from cutting import Forgetful, Listless
from hypothesis import given
from hypothesis import strategies as st
from vendor import Planned, always, at, people

from conferencing import (
    Conference,
    InvalidRequest,
    OutcomeUnknown,
    Participant,
    Reconciliation,
    Room,
    UnsupportedOperation,
)
from conferencing.client.reconcile import SLACK, find_created_participant, find_created_room
from conferencing.model.emails import same_email
from conferencing.sandbox import Fault, Sandbox

NOW = datetime(2026, 10, 1, 8, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
ANN = {"email": "ann@example.com", "first_name": "Ann", "last_name": "Lee"}


def room_at(key: str, made: datetime | None = None, name: str = "Launch", text: str = "") -> Room:
    return Room(id=key, name=name, created_at=made, description=text or None)


# ------------------------------------------------------------------------------------------ rooms


@pytest.mark.parametrize(
    ("rooms", "match", "candidates"),
    [
        ([], None, []),
        ([room_at("1", NOW)], "1", []),
        ([room_at("1", NOW, "launch ")], "1", []),
        ([room_at("1", NOW, "Lunch")], None, []),
        ([room_at("1", NOW - HOUR)], None, []),
        ([room_at("1", NOW - HOUR), room_at("2", NOW + HOUR)], "2", []),
        ([room_at("1", NOW - SLACK)], "1", []),
        ([room_at("1", NOW - SLACK - timedelta(seconds=1))], None, []),
        ([room_at("1", NOW), room_at("2", NOW)], None, ["1", "2"]),
        ([room_at("1")], None, ["1"]),
        ([room_at("1", NOW), room_at("2")], None, ["1", "2"]),
        ([room_at("1", NOW - HOUR), room_at("2")], None, ["2"]),
    ],
)
def test_without_a_marker_a_room_is_known_by_name_and_time(
    rooms: list[Room], match: str | None, candidates: list[str]
) -> None:
    outcome = find_created_room(rooms, "Launch", since=NOW)
    assert told(outcome) == (match, candidates)
    assert outcome.absent == (match is None and not candidates)


@pytest.mark.parametrize(
    ("rooms", "match", "candidates"),
    [
        ([room_at("1", NOW)], None, []),
        ([room_at("1", None, "Launch m-17")], "1", []),
        ([room_at("1", NOW - HOUR, "Renamed", "see m-17")], "1", []),
        ([room_at("1", None, "m-17"), room_at("2", NOW)], "1", []),
        ([room_at("1", None, "m-17"), room_at("2", None, "x", "m-17")], None, ["1", "2"]),
    ],
)
def test_with_a_marker_a_room_is_known_by_that_alone(
    rooms: list[Room], match: str | None, candidates: list[str]
) -> None:
    assert told(find_created_room(rooms, "Launch", since=NOW, marker="m-17")) == (match, candidates)


MOMENTS = st.one_of(st.none(), st.integers(-600, 600).map(lambda s: NOW + timedelta(seconds=s)))
ROOMS = st.lists(
    st.builds(
        room_at, st.uuids().map(str), MOMENTS, st.sampled_from(["Launch", "LAUNCH", "Lunch"])
    ),
    max_size=8,
)


@given(ROOMS)
def test_a_match_is_the_only_one_it_can_be_and_absence_leaves_no_doubt(rooms: list[Room]) -> None:
    outcome = find_created_room(rooms, "Launch", since=NOW)
    possible = [
        room for room in rooms
        if room.name.casefold() == "launch"
        and (room.created_at is None or room.created_at >= NOW - SLACK)
    ]  # fmt: skip
    assert outcome.absent == (not possible)
    if outcome.match is not None:
        assert possible == [outcome.match]
        assert outcome.match.created_at is not None
    else:
        assert list(outcome.candidates) == possible


@given(ROOMS, st.randoms())
def test_the_order_of_the_list_says_nothing(rooms: list[Room], random: Any) -> None:
    mixed = random.sample(rooms, len(rooms))
    first, second = (find_created_room(some, "Launch", since=NOW) for some in (rooms, mixed))
    assert first.match == second.match
    assert {room.id for room in first.candidates} == {room.id for room in second.candidates}


async def test_a_room_whose_reply_was_lost_is_found_by_its_marker_after_the_settle_time(
    sandbox: Sandbox, conference: Conference, served: Planned, clock: Any, wait_for: Any
) -> None:
    served.fail("late", seconds=0.02)
    clock.meanwhile = lambda: wait_for(lambda: len(served.world.rooms) == 1)
    with pytest.raises(OutcomeUnknown):
        await conference.create_room("Launch m-17")
    outcome = await conference.reconcile_room("Launch m-17", since=clock.now(), marker="m-17")
    assert outcome.match is not None
    assert outcome.match.id in served.world.rooms
    assert clock.slept == [60]


async def test_a_naive_since_is_refused_before_the_wait(
    conference: Conference, served: Planned, clock: Any
) -> None:
    with pytest.raises(InvalidRequest, match="since"):
        await conference.reconcile_room("Launch", since=datetime(2026, 10, 1))  # noqa: DTZ001
    assert clock.slept == []
    assert served.requests == []


# ----------------------------------------------------------------------------------- participants


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("ann@example.com", "Ann@EXAMPLE.com", True),
        ("zoë@example.com", "zoe\u0308@example.com", True),
        ("ann@bücher.example", "ann@xn--bcher-kva.example", True),
        ("ann@example.com", "ann@example.org", False),
        ("ann@example.com", None, False),
        (None, None, False),
        ("", "", False),
    ],
)
def test_addresses_are_compared_as_those_of_a_list_are(
    first: str | None, second: str | None, same: bool
) -> None:
    assert same_email(first, second) is same


def test_a_registration_is_found_by_its_address_and_two_are_candidates() -> None:
    ann, again = (Participant(id=key, email="Ann@example.com") for key in ("1", "2"))
    other = Participant(id="3", email=None)
    assert find_created_participant([other, ann], "ann@example.com").match == ann
    assert find_created_participant([other], "ann@example.com").absent
    assert find_created_participant([ann, again], "ann@example.com").candidates == (ann, again)


# ------------------------------------------------------------------------------- ensure_registered


@pytest.mark.parametrize(
    ("fault", "posts"),
    [(None, 1), ("commit-reset", 1), ("reset", 2), (Fault(kind="late", seconds=0.02), 1)],
)
async def test_one_person_is_registered_once_whatever_becomes_of_the_reply(  # noqa: PLR0917
    conference: Conference, served: Planned, room: Room, clock: Any, wait_for: Any,
    fault: Any, posts: int,
) -> None:  # fmt: skip
    served.plan = at({1: fault} if fault else {})
    if posts == 1:
        clock.meanwhile = lambda: wait_for(lambda: served.registered(room).total() == 1)
    for _ in range(3):
        ann = await conference.ensure_registered(room, **ANN)
        assert ann.join_link is not None
    assert served.counts["post"] == posts
    assert served.registered(room) == {"ann@example.com": 1}
    assert ann.existed is True


async def test_somebody_who_is_there_already_is_not_sent_again(
    conference: Conference, served: Planned, room: Room, clock: Any
) -> None:
    await conference.register(room, email="ANN@example.com", first_name="A", last_name="L")
    served.counts.clear()
    ann = await conference.ensure_registered(room, **ANN)
    assert (ann.existed, ann.email) == (True, "ANN@example.com")
    assert (served.counts["post"], sum(clock.slept)) == (0, 0)


async def test_somebody_who_is_there_twice_is_not_registered_a_third_time(
    conference: Conference, served: Planned, room: Room
) -> None:
    for _ in range(2):
        await conference.register(room, **ANN)
    await conference.ensure_registered(room, **ANN)
    assert served.registered(room) == {"ann@example.com": 2}


async def test_a_reply_that_is_lost_twice_says_that_nobody_knows(
    conference: Conference, served: Planned, room: Room
) -> None:
    served.plan = always("reset")
    with pytest.raises(OutcomeUnknown):
        await conference.ensure_registered(room, **ANN)
    assert served.counts["post"] == 2


async def test_without_an_address_or_a_list_nobody_can_be_ensured(
    conference: Conference, served: Planned, room: Room, clock: Any
) -> None:
    with pytest.raises(InvalidRequest, match="e-mail"):
        await conference.ensure_registered(room, name="Ann Lee")
    assert served.requests == []
    provider = Listless(clock)
    async with Conference(provider) as listless:
        with pytest.raises(UnsupportedOperation):
            await listless.ensure_registered("1", **ANN)
    assert provider.sent == 0


async def test_many_who_are_ensured_at_once_are_each_there_once(clock: Any) -> None:
    provider = Forgetful(clock)
    async with Conference(provider) as conference:
        room = await conference.create_room("Launch")
        provider.fails = lambda number: number % 2 == 0 if number % 5 == 0 else None
        async with asyncio.TaskGroup() as group:
            for row in people(40):
                group.create_task(conference.ensure_registered(room, **row))
    there = Counter(person.email for person in provider.world.participants[room.id])
    assert there == Counter(row["email"] for row in people(40))


# ------------------------------------------------------------------------------- creating many


@pytest.mark.parametrize("provider", CASES)
async def test_creations_with_lost_replies_are_reconciled_to_one_each(provider: str) -> None:
    async with losing(provider, seed=7, latest=0.2) as (conference, served):
        names = await create_all(conference, 60, settle=1.5)
    assert min(served.lost[kind] for kind in ("late", "reset", "commit-reset")) > 0
    assert served.made() == names


# --------------------------------------------------------------------------------------- helpers


def told(outcome: Reconciliation[Room]) -> tuple[str | None, list[str]]:
    return outcome.match and outcome.match.id, [room.id for room in outcome.candidates]
