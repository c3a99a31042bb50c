"""A room of v4 that was asked for once is there once, whatever becomes of the replies."""

from __future__ import annotations

import json
from datetime import timedelta
from uuid import UUID

import pytest

from conferencing import (
    ConferencingError,
    InvalidRequest,
    OutcomeUnknown,
    ProviderUnavailable,
    Role,
    Sent,
)
from conferencing.sandbox import ServedSimulator

COMMITTED = {"commit-reset": {}, "commit-close": {}, "cut": {"size": 1}, "cut-reset": {"size": 1}}
LOST = COMMITTED | {
    "reset": {},
    "close": {},
    "garbage": {},
    "status": {"status": 502, "body": "<h1>Bad gateway</h1>", "media_type": "text/html"},
}


@pytest.mark.parametrize("planned", [False, True], ids=["quick", "planned"])
@pytest.mark.parametrize("kind", LOST)
async def test_lost_reply_to_create_returns_the_one_room(v4, served, world, kind, planned) -> None:
    served.fail(kind, **LOST[kind])
    start = world.now + timedelta(days=1) if planned else None
    room = await v4.create_room("Class", starts_at=start)
    assert list(world.rooms) == [room.id]
    assert len(world.sessions) == (not planned)
    assert len(served.requests) == 2
    assert served.requests[0].body == served.requests[1].body
    assert client_ids(served) == {room.native["client_room_id"]}


async def test_three_lost_replies_leave_one_room(v4, served, world) -> None:
    served.fail("commit-reset", times=3)
    room = await v4.create_room("Class")
    assert list(world.rooms) == [room.id]
    assert (len(served.requests), len(client_ids(served))) == (4, 1)


async def test_two_creates_make_two_rooms(v4, served, world) -> None:
    first, second = await v4.create_room("Class"), await v4.create_room("Class")
    assert list(world.rooms) == [first.id, second.id]
    assert len({UUID(client_id) for client_id in client_ids(served)}) == 2


async def test_same_client_room_id_finds_the_room(v4, served, world) -> None:
    native = {"client_room_id": "class-7"}
    first, second = [await v4.create_room("Class", native=native) for _ in range(2)]
    assert first.id == second.id
    assert first.native["client_room_id"] == second.native["client_room_id"] == "class-7"
    assert list(world.rooms) == [first.id]
    await v4.end_session(first.id)
    again = await v4.create_room("Class", native=native)
    assert again.id != first.id


async def test_refused_create_is_not_repeated(v4, served, world) -> None:
    with pytest.raises(InvalidRequest) as caught:
        await v4.create_room("Class", native={"empty_timeout": "soon"})
    assert (caught.value.status, len(served.requests), world.rooms) == (400, 1, {})


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_failed_create_is_repeated(v4, served, world, status) -> None:
    served.fail("status", status=status, headers={"Retry-After": "3"})
    room = await v4.create_room("Class")
    assert list(world.rooms) == [room.id]


async def test_failing_create_makes_no_room(v4, served, world) -> None:
    served.fail("status", status=503, times=99)
    with pytest.raises(ProviderUnavailable) as caught:
        await v4.create_room("Class")
    assert caught.value.attempts == len(served.requests) == 4
    assert world.rooms == {}


async def test_create_without_reply_is_not_retryable(v4, served, world) -> None:
    """The next call would make up another id and so another room."""
    served.fail("commit-reset", times=99)
    with pytest.raises(OutcomeUnknown) as caught:
        await v4.create_room("Class")
    assert not caught.value.retryable
    assert len(world.rooms) == 1


# ------------------------------------------------------------------------------ starts, ends, links


@pytest.mark.parametrize("kind", COMMITTED)
async def test_lost_reply_to_start_returns_a_link(cloud, kind, walk_in, targets) -> None:
    cloud.served.fail(kind, match="start_schedule_room", **COMMITTED[kind])
    link = await cloud.conference.start_session(cloud.planned, "Zoë")
    assert targets().count("start_schedule_room") == 1
    assert len(cloud.world.sessions_of(cloud.planned.id)) == 1
    assert (link.role, walk_in(link).role) == (Role.HOST, Role.HOST)


async def test_lost_start_is_not_repeated(cloud, targets) -> None:
    cloud.served.fail("reset", match="start_schedule_room")
    with pytest.raises(OutcomeUnknown):
        await cloud.conference.start_session(cloud.planned, "Zoë")
    assert targets().count("start_schedule_room") == 1
    assert cloud.world.sessions_of(cloud.planned.id) == []


@pytest.mark.parametrize("kind", LOST)
async def test_lost_reply_to_end_is_success(cloud, kind) -> None:
    cloud.served.fail(kind, match="end_room", **LOST[kind])
    await cloud.conference.end_session(cloud.live.id)
    assert cloud.world.running(cloud.live.id) is None


async def test_refused_end_raises(cloud) -> None:
    cloud.served.fail("status", status=404, body='{"status":false}', match="end_room")
    with pytest.raises(ConferencingError) as caught:
        await cloud.conference.end_session(cloud.live.id)
    assert caught.value.sent is Sent.YES
    assert cloud.world.running(cloud.live.id)


async def test_lost_link_is_requested_again(cloud, walk_in) -> None:
    cloud.served.fail("commit-reset", match="create_invitation_link")
    link = await cloud.conference.join_link(cloud.live, name="Zoë")
    assert walk_in(link).name == "Zoë"


# --------------------------------------------------------------------------------------- helpers


def client_ids(served: ServedSimulator) -> set[str]:
    return {
        json.loads(request.body)["client_room_id"]
        for request in served.requests
        if "create" in request.path
    }
