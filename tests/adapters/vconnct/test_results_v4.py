"""What v4 returns of its rooms, of who was in them, and of their recordings."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from conferencing import InvalidRequest, NotFound, Role, RoomStatus, SessionStatus
from conferencing.http import Upload
from conferencing.model.attendance import Precision


async def test_room_status_follows_its_life(cloud) -> None:
    assert (cloud.planned.status, cloud.live.status) == (RoomStatus.SCHEDULED, RoomStatus.LIVE)
    assert cloud.planned.starts_at == cloud.world.now + timedelta(days=1)
    (live,) = await cloud.conference.rooms().collect()
    assert (live.id, live.name, live.description) == (cloud.live.id, "Live", "Welcome")
    assert (live.settings.microphone, live.permanent) == (True, False)
    past = await cloud.conference.get_room(cloud.past.id)
    assert (past.name, past.status) == ("Past", RoomStatus.ENDED)
    with pytest.raises(NotFound):
        await cloud.conference.get_room(cloud.planned.id)


async def test_rooms_wrapped_as_in_v3_are_the_same(cloud) -> None:
    flat = await cloud.conference.rooms().collect()
    cloud.served.simulator.quirks["rooms_in_response"] = True
    assert await cloud.conference.rooms().collect() == flat


async def test_past_rooms_are_paged(cloud) -> None:
    ids = [cloud.past.id]
    for number in range(101):
        room = await cloud.conference.create_room(f"Room {number}")
        cloud.world.advance(timedelta(seconds=1))
        cloud.world.end_session(room.id)
        ids.append(room.id)
    cloud.served.requests.clear()
    pages = [page async for page in cloud.conference.provider.past_rooms([*ids, "unknown"])]
    assert [len(page) for page in pages] == [100, 2]
    assert [room.id for page in pages for room in page] == ids[::-1]  # the newest first
    bodies = [json.loads(request.body) for request in cloud.served.requests]
    assert [(body["from"], body["limit"]) for body in bodies] == [(0, 100), (100, 100)]
    with pytest.raises(NotFound):
        _ = [page async for page in cloud.conference.provider.past_rooms(["unknown"])]


async def test_room_is_its_own_session(cloud) -> None:
    (past,) = await cloud.conference.sessions(cloud.past).collect()
    assert (past.id, past.room_id, past.people) == (cloud.past.id, cloud.past.id, 1)
    assert (past.status, past.duration) == (SessionStatus.ENDED, timedelta(minutes=35))
    live = await cloud.conference.get_session(cloud.live.id)
    assert (live.status, live.ended_at) == (SessionStatus.RUNNING, None)
    assert await cloud.conference.sessions(cloud.planned).collect() == []


async def test_past_attendance_has_durations_only(cloud) -> None:
    (ann,) = await cloud.conference.attendance(cloud.past.id).collect()
    assert (ann.id, ann.email, ann.duration) == ("ann@example.com",) * 2 + (timedelta(minutes=30),)
    assert (ann.segments, ann.joined_at, ann.precision) == ((), None, Precision.DURATION)


async def test_live_attendance_has_no_end(cloud, walk_in) -> None:
    host = await cloud.conference.join_link(cloud.live, role="host", email="z@b.c")
    walk_in(host, name="Zoë")
    walk_in(await cloud.conference.join_link(cloud.live, name="Ben"))
    people = await cloud.conference.attendance(cloud.live.id).collect()
    assert [(record.display_name, record.role) for record in people] == [
        ("Zoë", Role.HOST),
        ("Ben", Role.ATTENDEE),
    ]
    assert [record.email for record in people] == ["z@b.c", None]
    assert {(record.joined_at, record.left_at) for record in people} == {(cloud.world.now, None)}


@pytest.mark.parametrize("shape", [False, True])
async def test_recordings_are_listed_one_by_one(cloud, shape) -> None:
    cloud.served.simulator.quirks["records_as_list"] = shape
    cloud.world.record(cloud.past.id, timedelta(minutes=1))
    recordings = await cloud.conference.recordings(cloud.past).collect()
    assert (
        len({record.id for record in recordings})
        == len({record.files[0].url for record in recordings})
        == 2
    )
    assert await cloud.conference.recordings(cloud.live).collect() == []


async def test_ended_room_cannot_be_started(cloud) -> None:
    await cloud.conference.end_session(cloud.live.id)
    assert cloud.world.running(cloud.live.id) is None
    with pytest.raises(NotFound):
        await cloud.conference.end_session(cloud.live.id)
    with pytest.raises(InvalidRequest):
        await cloud.conference.start_session(cloud.live.id, "Zoë")


async def test_multipart_upload_is_signed(cloud) -> None:
    files = {"logo": Upload(filename="logo.png", content=b"\x89PNG\r\n", media_type="image/png")}
    form = {"project_id": "project-1"}
    await cloud.conference.request("POST", "/branding", form=form, files=files)
    assert cloud.served.simulator.branding == {"logo": 6}
    assert cloud.served.requests[0].headers["content-type"].startswith("multipart/form-data")
