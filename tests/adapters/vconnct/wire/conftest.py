"""All decoders of both generations, each with a reply that is as it should be."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from attrs import frozen

from conferencing import Person, Role, Session
from conferencing.http import Reply
from conferencing.http.provider import _decoded, _read
from conferencing.model.drafts import RoomDraft
from conferencing_vconnct import wire
from conferencing_vconnct.v4 import wire as v4

SAMPLES = {
    path.stem: json.loads(path.read_text("utf-8"))
    for path in (Path(__file__).parents[1] / "samples").glob("*.json")
}
GENERAL = {"status": True, "data": dict.fromkeys(wire.SETTINGS, False)}
ROOM = "r"
RAN = Session(id="r:s", room_id=ROOM)
HOST = (Role.HOST, Person(name="n"))
DECODERS: dict[str, tuple[Any, Callable[[Any], Any]]] = {
    "room": ("update_meeting", wire.room),
    "created": ("create_meeting", wire.created),
    "rooms": ("list_meetings", wire.rooms),
    "room_settings": ("list_setting", wire.room_settings),
    "general_settings": (GENERAL, wire.general_settings),
    "sessions": ("list_sessions", lambda p: wire.sessions(p, ROOM)),
    "join_link": ("start_meeting", lambda p: wire.join_link(p, *HOST)),
    "attendance": ("list_attendance", lambda p: wire.attendance(p, RAN.id)),
    "recording": ("get_record", lambda p: wire.recording(p, RAN)),
    "v4 created": ("v4_created", lambda p: v4.created(p, RoomDraft())),
    "v4 active_rooms": ("v4_active_rooms", v4.active_rooms),
    "v3 active_rooms": ("v3_active_rooms", v4.active_rooms),
    "v4 active_room": ("v4_active_room", v4.active_room),
    "v4 past_rooms": ("v4_past_rooms", v4.past_rooms),
    "v4 present": ("v4_active_room", v4.present),
    "v4 attendance": ("v4_analytics", lambda p: v4.attendance(p, ROOM)),
    "v4 join_link": ("v4_link", lambda p: v4.join_link(p, *HOST, ROOM)),
    "v4 recordings": ("v4_record", lambda p: v4.recordings(p, ROOM)),
    "v3 recordings": ("v3_record", lambda p: v4.recordings(p, ROOM)),
}


@frozen(kw_only=True)
class Decoder:
    """A reply that is as it should be, and what reads it from its bytes to the model."""

    name: str
    payload: Any
    decode: Callable[[Any], Any]

    def read(self, body: bytes) -> Any:
        reader: Any = _read if self.decode is wire.general_settings else _decoded
        return reader(Reply(200, {}, body), self.decode)


@pytest.fixture(scope="session", params=DECODERS)
def decoder(request: pytest.FixtureRequest) -> Decoder:
    known, decode = DECODERS[request.param]
    payload = known
    if isinstance(known, str):
        documented = "method" in SAMPLES[known]  # v1's samples have their requests with them
        payload = SAMPLES[known]["response"] if documented else SAMPLES[known]
    return Decoder(name=request.param, payload=payload, decode=decode)
