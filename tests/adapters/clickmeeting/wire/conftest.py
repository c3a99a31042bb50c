"""All decoders of the adapter, each with a reply that is as it should be."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from attrs import frozen

from conferencing import Person, Session
from conferencing.http import Reply
from conferencing.http.provider import _read
from conferencing_clickmeeting.wire import people, rooms, sessions

SAMPLES = {
    path.stem: json.loads(path.read_text("utf-8"))
    for path in (Path(__file__).parents[1] / "samples").glob("*.json")
}
FLAGS = {"recorder_autostart_enabled": 1, "encryption_enabled": True}
A_ROOM = SAMPLES["room"] | {"password": "s3cret", "settings": FLAGS}
A_RECORDING = SAMPLES["recordings"][0] | {"conference_id": 2632001}
NOW = datetime(2026, 9, 30, tzinfo=UTC)
RUNNING = Session(id="1:2", room_id="1")
DECODERS: dict[str, tuple[Any, Callable[[Reply], Any]]] = {
    "created_room": ({"room": A_ROOM}, partial(rooms.read_created_room, now=NOW)),
    "fetched_room": ({"conference": A_ROOM}, partial(rooms.read_room, now=NOW)),
    "rooms": ([A_ROOM], partial(rooms.read_rooms, now=NOW)),
    "sessions": (SAMPLES["session_list"], partial(sessions.read_sessions, room_id="1")),
    "session": (
        SAMPLES["session_detail"],
        partial(sessions.read_session, room_id="1", session_id="2"),
    ),
    "stays": (SAMPLES["session_detail"], sessions.read_stays),
    "attendance": (SAMPLES["attendees"], partial(sessions.read_attendance, session_id="1:2")),
    "feedback": (SAMPLES["attendees"], partial(sessions.read_feedback, session=RUNNING)),
    "report": (
        SAMPLES["report_ready"],
        partial(sessions.read_report, room_id="1", session_id="2", language="en"),
    ),
    "recordings": ([A_RECORDING], partial(sessions.read_recordings, room_id=None)),
    "registered": (
        SAMPLES["registered"],
        partial(people.read_registration, room_id="1", person=Person()),
    ),
    "participants": (SAMPLES["registrations"], partial(people.read_participants, room_id="1")),
    "tokens": (
        {"access_tokens": SAMPLES["tokens"]["access_tokens"][1:]},
        partial(people.read_access_tokens, room_id="1"),
    ),
    "tokens_of": (["G986DW"], partial(people.read_personal_tokens, room_id="1", email="a@b.c")),
    "autologin": ({"autologin_hash": "KEY__"}, people.read_autologin_hash),
    "time_zones": (["Europe/Warsaw", "UTC"], rooms.read_time_zones),
}


@frozen(kw_only=True)
class Decoder:
    """A reply that is as it should be, and what reads it from its bytes to the model."""

    name: str
    payload: Any
    decode: Callable[[Reply], Any]

    def read(self, body: bytes) -> Any:
        return _read(Reply(200, {}, body), self.decode)


@pytest.fixture(scope="session", params=DECODERS)
def decoder(request: pytest.FixtureRequest) -> Decoder:
    payload, decode = DECODERS[request.param]
    return Decoder(name=request.param, payload=payload, decode=decode)
