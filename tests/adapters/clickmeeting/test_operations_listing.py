"""Listing rooms: pages of 250, statuses, and vendors that lose count."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from conferencing import Conference, MalformedResponse, RoomStatus, UnsupportedOption
from conferencing.sandbox import ServedSimulator, World

ACTIVE, INACTIVE = "/v1/conferences/active", "/v1/conferences/inactive"


async def test_six_hundred_rooms_of_each_kind_come_in_pages_of_250(
    conference: Conference, served: ServedSimulator, world: World
) -> None:
    active = await many(conference, world, 600)
    inactive = await many(conference, world, 300, status=RoomStatus.ENDED)
    served.requests.clear()
    pages = [page async for page in conference.rooms().pages()]
    assert [len(page) for page in pages] == [250, 250, 100, 250, 50]
    assert [room.id for page in pages for room in page] == active + inactive
    assert [one.target for one in served.requests] == [
        *(f"{ACTIVE}?page={number}" for number in (1, 2, 3)),
        *(f"{INACTIVE}?page={number}" for number in (1, 2)),
    ]


async def test_pages_are_fetched_when_they_are_asked_for(
    conference: Conference, served: ServedSimulator, world: World
) -> None:
    await many(conference, world, 600)
    served.requests.clear()
    async for _ in conference.rooms():
        break
    assert [one.target for one in served.requests] == [f"{ACTIVE}?page=1"]


async def test_no_rooms_are_an_empty_list(conference: Conference, served: ServedSimulator) -> None:
    assert await conference.rooms().collect() == []
    assert len(served.requests) == 2


async def test_a_status_asks_for_no_more_than_it_needs(
    conference: Conference, served: ServedSimulator, world: World
) -> None:
    ahead = datetime(2026, 12, 1, 8, tzinfo=UTC)
    scheduled = (await conference.create_room("Ahead", starts_at=ahead)).id
    opened = (await conference.create_room("Now")).id
    ended = (
        await conference.update_room((await conference.create_room("Off")).id, status="ended")
    ).id
    wanted = {
        "scheduled": ([scheduled], ACTIVE),
        "open": ([opened], ACTIVE),
        "ended": ([ended], INACTIVE),
    }
    for status, (ids, path) in wanted.items():
        served.requests.clear()
        assert [room.id for room in await conference.rooms(status).collect()] == ids
        assert [one.path for one in served.requests] == [path]


async def test_what_is_live_cannot_be_told(conference: Conference, served: ServedSimulator) -> None:
    with pytest.raises(UnsupportedOption) as caught:
        await conference.rooms("live").collect()
    assert caught.value.field == "status"
    assert caught.value.operation == "list_rooms"
    assert served.requests == []


async def test_a_full_last_page_costs_one_request_more(
    conference: Conference, served: ServedSimulator, world: World
) -> None:
    rooms = await many(conference, world, 250)
    served.requests.clear()
    assert [room.id async for room in conference.rooms("open")] == rooms
    assert [one.target for one in served.requests] == [f"{ACTIVE}?page=1", f"{ACTIVE}?page=2"]


@pytest.mark.parametrize("count", [250, 300])
async def test_a_vendor_that_ignores_the_page_ends_in_an_error_after_the_first(
    conference: Conference, served: ServedSimulator, world: World, count: int
) -> None:
    """Of 250 rooms nothing is missing, but nobody can tell that from 300 of which 50 never come."""
    rooms = await many(conference, world, count)
    served.simulator.quirks["ignore_page"] = True
    served.requests.clear()
    pages = conference.rooms().pages()
    assert [room.id for room in await anext(pages)] == rooms[:250]
    with pytest.raises(MalformedResponse) as caught:
        await anext(pages)
    assert caught.value.operation == "list_rooms"
    assert [one.target for one in served.requests] == [f"{ACTIVE}?page=1", f"{ACTIVE}?page=2"]


async def test_a_vendor_that_ignores_the_page_ends_also_if_no_room_is_of_the_status_asked_for(
    conference: Conference, served: ServedSimulator, world: World, wait_for: Any
) -> None:
    """Sifting must not hide from the listing that it gets the same page for ever."""
    await many(conference, world, 250)
    served.simulator.quirks["ignore_page"] = True
    served.requests.clear()
    task = asyncio.create_task(conference.rooms("scheduled").collect())
    await wait_for(lambda: task.done() or len(served.requests) > 5)
    task.cancel()
    (outcome,) = await asyncio.gather(task, return_exceptions=True)
    assert isinstance(outcome, MalformedResponse)


async def test_fewer_rooms_than_a_page_need_no_page_number_to_be_heard(
    conference: Conference, served: ServedSimulator, world: World
) -> None:
    rooms = await many(conference, world, 249)
    served.simulator.quirks["ignore_page"] = True
    assert [room.id async for room in conference.rooms()] == rooms


async def test_a_room_leaves_the_list_after_half_a_year_of_rest(
    conference: Conference, world: World
) -> None:
    room = await conference.create_room("Old", duration=timedelta(hours=1))
    world.advance(timedelta(hours=2))
    assert [one.id for one in await conference.rooms("ended").collect()] == [room.id]
    world.advance(timedelta(days=184))
    assert await conference.rooms().collect() == []
    assert (await conference.get_room(room.id)).status is RoomStatus.ENDED


async def test_a_list_for_everything_is_not_asked_for(
    conference: Conference, served: ServedSimulator
) -> None:
    """The map that `conferences` answers has kinds of rooms that differ from source to source."""
    await conference.rooms().collect()
    assert all(one.path in {ACTIVE, INACTIVE} for one in served.requests)


# --------------------------------------------------------------------------------------- helpers


async def many(
    conference: Conference, world: World, count: int, status: RoomStatus = RoomStatus.OPEN
) -> list[str]:
    """Put so many rooms into the world, alike but for the first one's links."""
    first = await conference.create_room("Pattern", permanent=True)
    world.change_room(first.id, status=status)
    ids = [first.id]
    for number in range(1, count):
        room = world.add_room(
            name=f"Room {number}", kind=first.kind, permanent=True, status=status,
            entry=first.entry, timezone=first.timezone, join_url=first.join_url,
        )  # fmt: skip
        world.notes[room.id] = dict(world.notes[first.id])
        ids.append(room.id)
    return ids
