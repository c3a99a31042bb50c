"""Listing rooms: pages of 250, statuses, and a vendor that ignores the page number."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from conferencing import Conference, MalformedResponse, RoomStatus, UnsupportedOption
from conferencing.sandbox import World

ACTIVE, INACTIVE = "/v1/conferences/active", "/v1/conferences/inactive"


async def test_rooms_are_listed_in_pages_of_250(conference, served, world) -> None:
    active = await many(conference, world, 600)
    inactive = await many(conference, world, 300, status=RoomStatus.ENDED)
    served.requests.clear()
    pages = [page async for page in conference.rooms().pages()]
    assert [len(page) for page in pages] == [250, 250, 100, 250, 50]
    assert [room.id for page in pages for room in page] == active + inactive
    assert [request.target for request in served.requests] == [
        *(f"{ACTIVE}?page={number}" for number in (1, 2, 3)),
        *(f"{INACTIVE}?page={number}" for number in (1, 2)),
    ]


async def test_pages_are_fetched_lazily(conference, served, world) -> None:
    await many(conference, world, 600)
    served.requests.clear()
    async for _ in conference.rooms():
        break
    assert [request.target for request in served.requests] == [f"{ACTIVE}?page=1"]


async def test_account_without_rooms_lists_none(conference, served) -> None:
    assert await conference.rooms().collect() == []
    assert len(served.requests) == 2


async def test_status_reads_one_list_only(conference, served, world) -> None:
    ahead = datetime(2026, 12, 1, 8, tzinfo=UTC)
    scheduled = (await conference.create_room("Ahead", starts_at=ahead)).id
    opened = (await conference.create_room("Now")).id
    ended = (
        await conference.update_room((await conference.create_room("Off")).id, status="ended")
    ).id
    expected = {
        "scheduled": ([scheduled], ACTIVE),
        "open": ([opened], ACTIVE),
        "ended": ([ended], INACTIVE),
    }
    for status, (ids, path) in expected.items():
        served.requests.clear()
        assert [room.id for room in await conference.rooms(status).collect()] == ids
        assert [request.path for request in served.requests] == [path]


async def test_status_live_raises(conference, served) -> None:
    with pytest.raises(UnsupportedOption) as caught:
        await conference.rooms("live").collect()
    assert caught.value.field == "status"
    assert caught.value.operation == "list_rooms"
    assert served.requests == []


async def test_full_last_page_needs_one_more_request(conference, served, world) -> None:
    rooms = await many(conference, world, 250)
    served.requests.clear()
    assert [room.id async for room in conference.rooms("open")] == rooms
    assert [request.target for request in served.requests] == [
        f"{ACTIVE}?page=1",
        f"{ACTIVE}?page=2",
    ]


@pytest.mark.parametrize("count", [250, 300])
async def test_repeated_page_raises(conference, served, world, count) -> None:
    """250 rooms are complete, but look like the first 250 of 300 of which 50 are never sent."""
    rooms = await many(conference, world, count)
    served.simulator.quirks["ignore_page"] = True
    served.requests.clear()
    pages = conference.rooms().pages()
    assert [room.id for room in await anext(pages)] == rooms[:250]
    with pytest.raises(MalformedResponse) as caught:
        await anext(pages)
    assert caught.value.operation == "list_rooms"
    assert [request.target for request in served.requests] == [
        f"{ACTIVE}?page=1",
        f"{ACTIVE}?page=2",
    ]


async def test_repeated_page_of_other_status_raises(conference, served, world, wait_for) -> None:
    """The filter must not hide from the listing that it gets the same page again and again."""
    await many(conference, world, 250)
    served.simulator.quirks["ignore_page"] = True
    served.requests.clear()
    task = asyncio.create_task(conference.rooms("scheduled").collect())
    await wait_for(lambda: task.done() or len(served.requests) > 5)
    task.cancel()
    (outcome,) = await asyncio.gather(task, return_exceptions=True)
    assert isinstance(outcome, MalformedResponse)


async def test_ignored_page_number_of_one_page_is_fine(conference, served, world) -> None:
    rooms = await many(conference, world, 249)
    served.simulator.quirks["ignore_page"] = True
    assert [room.id async for room in conference.rooms()] == rooms


async def test_inactive_room_leaves_the_list(conference, world) -> None:
    room = await conference.create_room("Old", duration=timedelta(hours=1))
    world.advance(timedelta(hours=2))
    assert [listed.id for listed in await conference.rooms("ended").collect()] == [room.id]
    world.advance(timedelta(days=184))
    assert await conference.rooms().collect() == []
    assert (await conference.get_room(room.id)).status is RoomStatus.ENDED


async def test_list_without_status_is_not_used(conference, served) -> None:
    """The reply of `conferences` is a map whose keys differ from source to source."""
    await conference.rooms().collect()
    assert all(request.path in {ACTIVE, INACTIVE} for request in served.requests)


# --------------------------------------------------------------------------------------- helpers


async def many(
    conference: Conference, world: World, count: int, status: RoomStatus = RoomStatus.OPEN
) -> list[str]:
    """Add `count` equal rooms to the world and return their ids."""
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
