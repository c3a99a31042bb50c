"""The readers of both generations, each with a valid reply."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from attrs import frozen

from conferencing import Person, Role, Session
from conferencing.http import Reply
from conferencing.http.provider import _read
from conferencing.model.drafts import RoomDraft
from conferencing_vconnct.v4.wire import people as cloud_people
from conferencing_vconnct.v4.wire import rooms as cloud_rooms
from conferencing_vconnct.wire import base, rooms, sessions

SAMPLES = {
    path.stem: json.loads(path.read_text("utf-8"))
    for path in (Path(__file__).parents[1] / "samples").glob("*.json")
}
DEFAULTS = {"status": True, "data": dict.fromkeys(base.SETTINGS, False)}
ROOM = "r"
SESSION = Session(id="r:s", room_id=ROOM)
LINK = {"role": Role.HOST, "person": Person(name="n")}
READERS: dict[str, tuple[Any, Callable[[Reply], Any]]] = {
    "room": ("update_meeting", rooms.read_room),
    "created_room": ("create_meeting", rooms.read_created_room),
    "rooms": ("list_meetings", rooms.read_rooms),
    "settings": ("list_setting", base.read_settings),
    "default_settings": (DEFAULTS, base.read_default_settings),
    "sessions": ("list_sessions", partial(sessions.read_sessions, room_id=ROOM)),
    "link": ("start_meeting", partial(sessions.read_link, **LINK)),
    "attendance": ("list_attendance", partial(sessions.read_attendance, session_id="r:s")),
    "recordings": ("get_record", partial(sessions.read_recordings, session=SESSION)),
    "v4 created_room": ("v4_created", partial(cloud_rooms.read_created_room, draft=RoomDraft())),
    "v4 rooms": ("v4_active_rooms", cloud_rooms.read_rooms),
    "v3 rooms": ("v3_active_rooms", cloud_rooms.read_rooms),
    "v4 active_room": ("v4_active_room", cloud_rooms.read_active_room),
    "v4 past_rooms": ("v4_past_rooms", cloud_rooms.read_past_rooms),
    "v4 present": ("v4_active_room", partial(cloud_people.read_present, session_id=ROOM)),
    "v4 attendance": ("v4_analytics", partial(cloud_people.read_attendance, session_id=ROOM)),
    "v4 link": ("v4_link", partial(cloud_people.read_link, **LINK, room_id=ROOM)),
    "v4 recordings": ("v4_record", partial(cloud_people.read_recordings, room_id=ROOM)),
    "v3 recordings": ("v3_record", partial(cloud_people.read_recordings, room_id=ROOM)),
}


@frozen(kw_only=True)
class Reader:
    """A valid reply, and the function that reads it."""

    name: str
    payload: Any
    function: Callable[[Reply], Any]

    def read(self, body: bytes) -> Any:
        return _read(Reply(200, {}, body), self.function)


@pytest.fixture(scope="session", params=READERS)
def decoder(request: pytest.FixtureRequest) -> Reader:
    known, function = READERS[request.param]
    payload = known
    if isinstance(known, str):
        documented = "method" in SAMPLES[known]  # samples of v1 include their requests
        payload = SAMPLES[known]["response"] if documented else SAMPLES[known]
    return Reader(name=request.param, payload=payload, function=function)
